# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""One message for all frames: what is written into its pixels is what is published."""

import sys

import numpy as np
import pytest
from std_msgs.msg import Header

from adu_depth_ros.messages.image_buffer import ImageBuffer


def test_message_describes_and_holds_the_picture() -> None:
    depth = np.array([[1.5, np.nan, 3.0], [4.0, 5.0, 80.0]], np.float32)
    header = Header(frame_id='camera')
    message = ImageBuffer('32FC1', np.float32).filled(header, depth)
    assert message.header == header
    assert (message.encoding, message.width, message.height, message.step) == ('32FC1', 3, 2, 12)
    assert message.is_bigendian == (sys.byteorder == 'big')
    np.testing.assert_array_equal(np.frombuffer(message.data, np.float32).reshape(2, 3), depth)


def test_memory_is_kept_from_frame_to_frame_and_changes_with_the_size() -> None:
    buffer = ImageBuffer('16UC1', np.uint16)
    first = buffer.pixels(2, 3)
    data = buffer.message(Header()).data
    assert buffer.pixels(2, 3) is first
    assert buffer.message(Header()).data is data
    buffer.pixels(2, 3)[...] = 7
    assert np.shares_memory(first, np.frombuffer(data, np.uint8))
    assert set(np.frombuffer(data, np.uint16)) == {7}
    assert buffer.pixels(4, 5).shape == (4, 5)
    message = buffer.message(Header())
    assert (message.height, message.width, message.step, len(message.data)) == (4, 5, 10, 40)


def test_colours_are_written_pixel_by_pixel() -> None:
    picture = np.arange(12, dtype=np.uint8).reshape(2, 2, 3)
    message = ImageBuffer('rgb8', np.uint8, channels=3).filled(Header(), picture)
    assert (message.step, bytes(message.data)) == (6, bytes(range(12)))


@pytest.mark.parametrize('order', ['C', 'F'])
def test_values_of_any_strides_are_copied_row_by_row(order: str) -> None:
    values = np.asarray([[1, 2], [3, 4]], np.float32, order=order)
    message = ImageBuffer('32FC1', np.float32).filled(Header(), values)
    assert np.frombuffer(message.data, np.float32).tolist() == [1, 2, 3, 4]
