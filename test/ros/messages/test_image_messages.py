# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Messages to arrays without a copy, and arrays to messages."""

import struct
import sys
import types
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from sensor_msgs.msg import CompressedImage, Image
from std_msgs.msg import Header

from adu_depth_core.errors import InputError
from adu_depth_ros.messages import image_messages
from adu_depth_ros.messages.image_messages import decoded, depth_message, rgb_of, rgb_view

# Two pixels in a row: (10, 20, 30) and (40, 50, 60), in red, green, blue.
RGB = [[[10, 20, 30], [40, 50, 60]]]
TWO_PIXELS = {
    'rgb8': [10, 20, 30, 40, 50, 60],
    'bgr8': [30, 20, 10, 60, 50, 40],
    '8UC3': [30, 20, 10, 60, 50, 40],
    'rgba8': [10, 20, 30, 255, 40, 50, 60, 0],
    'bgra8': [30, 20, 10, 255, 60, 50, 40, 0],
    '8UC4': [30, 20, 10, 255, 60, 50, 40, 0],
}


def image(encoding: str, rows: list[list[int]], width: int, is_bigendian: int = 0) -> Image:
    message = Image(encoding=encoding, width=width, height=len(rows), step=len(rows[0]))
    message.is_bigendian = is_bigendian
    message.data.frombytes(b''.join(bytes(row) for row in rows))
    return message


@pytest.mark.parametrize('encoding', TWO_PIXELS)
def test_colours_come_out_as_red_green_blue(encoding: str) -> None:
    view = rgb_view(image(encoding, [TWO_PIXELS[encoding]], 2), '/image_rect')
    assert view.dtype == np.uint8
    assert view.tolist() == RGB


@pytest.mark.parametrize('encoding', ['mono8', '8UC1'])
def test_grey_is_the_same_in_all_three_channels(encoding: str) -> None:
    view = rgb_view(image(encoding, [[7, 200]], 2), '/image_rect')
    assert view.tolist() == [[[7, 7, 7], [200, 200, 200]]]


@pytest.mark.parametrize('encoding', ['mono16', '16UC1'])
@pytest.mark.parametrize(
    ('big', 'row'), [(1, [0x12, 0x34, 0xAB, 0xCD]), (0, [0x34, 0x12, 0xCD, 0xAB])]
)
def test_of_sixteen_bits_the_high_byte_is_taken(encoding: str, big: int, row: list[int]) -> None:
    view = rgb_view(image(encoding, [row], 2, is_bigendian=big), '/image_rect')
    assert view.tolist() == [[[0x12] * 3, [0xAB] * 3]]


@pytest.mark.parametrize('encoding', [*TWO_PIXELS, 'mono8', '8UC1', 'mono16', '16UC1'])
def test_pixels_are_viewed_and_not_copied(encoding: str) -> None:
    row = TWO_PIXELS.get(encoding, [1, 2, 3, 4])
    message = image(encoding, [row], 2)
    view = rgb_view(message, '/image_rect')
    assert view.shape == (1, 2, 3)
    assert np.shares_memory(view, np.frombuffer(message.data, np.uint8))


@pytest.mark.parametrize('encoding', [*TWO_PIXELS, 'mono8', 'mono16'])
def test_padding_at_the_end_of_rows_is_left_out(encoding: str) -> None:
    row = TWO_PIXELS.get(encoding, [1, 2, 3, 4][: 2 if encoding == 'mono8' else 4])
    padded = image(encoding, [[*row, 99, 98, 97], [*row[::-1], 96, 95, 94]], 2)
    plain = image(encoding, [row, row[::-1]], 2)
    expected = rgb_view(plain, '/image_rect').tolist()
    view = rgb_view(padded, '/image_rect')
    assert view.tolist() == expected
    assert np.shares_memory(view, np.frombuffer(padded.data, np.uint8))


def test_more_data_than_the_rows_need_is_fine() -> None:
    message = image('mono8', [[7, 200]], 2)
    message.data.frombytes(b'more')
    assert rgb_view(message, '/image_rect')[0, :, 0].tolist() == [7, 200]


@pytest.mark.parametrize(
    ('fields', 'sentence'),
    [
        ({'height': 3}, r'^/image_rect: data has 12 bytes, but 3 rows of 6 bytes have 18;'),
        ({'step': 5}, r'^/image_rect: step is 5, but a row of 2 pixels in rgb8 has 6 bytes;'),
        ({'width': 0}, r'^/image_rect: the image is 0x2 pixels;'),
        ({'height': 0}, r'^/image_rect: the image is 2x0 pixels;'),
        ({'step': 0}, r'^/image_rect: step is 0, '),
        ({'encoding': ''}, r'^/image_rect: encoding "" is not supported here;'),
        (
            {'encoding': 'nv16'},
            r'^/image_rect: encoding "nv16" is not supported here; '
            r'convert it with image_proc or install cv_bridge$',
        ),
    ],
)
def test_unusable_image_is_refused_in_one_sentence(
    fields: dict[str, int | str], sentence: str
) -> None:
    message = image('rgb8', [[1] * 6, [2] * 6], 2)
    for name, value in fields.items():
        setattr(message, name, value)
    with pytest.raises(InputError, match=sentence):
        rgb_view(message, '/image_rect')


@pytest.fixture(autouse=True)
def _cv_bridge_is_looked_up_anew() -> Iterator[None]:
    image_messages.cv_bridge.cache_clear()
    yield
    image_messages.cv_bridge.cache_clear()


@pytest.fixture
def install_cv_bridge(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[str | None], None]:
    """Lay a cv_bridge that answers 42, and an ament index that has one `indexed_in` or none."""

    def install(indexed_in: str | None) -> None:
        class CvBridge:
            def imgmsg_to_cv2(self, message: Image, desired_encoding: str) -> np.ndarray:
                if message.encoding == 'broken':
                    raise TypeError('unrecognised encoding')
                assert desired_encoding == 'rgb8'
                return np.full((message.height, message.width, 3), 42, np.uint8)

        module = types.ModuleType('cv_bridge')
        module.CvBridge = CvBridge  # type: ignore[attr-defined]
        module.__file__ = str(tmp_path / 'venv/lib/python3/cv_bridge/__init__.py')
        monkeypatch.setitem(sys.modules, 'cv_bridge', module)
        prefix = tmp_path / (indexed_in or 'other')
        index = prefix / 'share/ament_index/resource_index/packages'
        index.mkdir(parents=True)
        if indexed_in is not None:
            (index / 'cv_bridge').touch()
        monkeypatch.setenv('AMENT_PREFIX_PATH', str(prefix))

    return install


def test_other_encodings_go_through_the_cv_bridge_of_ros_2(
    install_cv_bridge: Callable[[str | None], None],
) -> None:
    install_cv_bridge('venv')
    view = rgb_view(image('nv16', [[1, 2], [3, 4]], 2), '/image_rect')
    assert view.tolist() == [[[42] * 3] * 2] * 2


def test_what_cv_bridge_cannot_do_is_said(install_cv_bridge: Callable[[str | None], None]) -> None:
    install_cv_bridge('venv')
    with pytest.raises(InputError, match='cannot turn encoding "broken" into rgb8: unrecog'):
        rgb_view(image('broken', [[1, 2], [3, 4]], 2), '/image_rect')


def test_data_is_measured_before_cv_bridge_reads_it(
    install_cv_bridge: Callable[[str | None], None],
) -> None:
    install_cv_bridge('venv')
    message = image('nv16', [[1, 2], [3, 4]], 2)
    message.height = 3
    with pytest.raises(InputError, match='data has 4 bytes, but 3 rows'):
        rgb_view(message, '/image_rect')


@pytest.mark.parametrize('indexed_in', [None, 'opt/ros'])
def test_cv_bridge_of_ros_1_is_not_used_even_where_it_hides_that_of_ros_2(
    install_cv_bridge: Callable[[str | None], None], indexed_in: str | None
) -> None:
    install_cv_bridge(indexed_in)
    with pytest.raises(InputError, match='encoding "nv16" is not supported here'):
        rgb_view(image('nv16', [[1, 2], [3, 4]], 2), '/image_rect')


def compressed(pixels: np.ndarray, suffix: str, format_: str) -> CompressedImage:
    message = CompressedImage(format=format_)
    message.data.frombytes(cv2.imencode(suffix, pixels)[1].tobytes())
    return message


@pytest.mark.parametrize(
    ('format_', 'expected'),
    [
        ('png', [30, 20, 10]),
        ('bgr8; png compressed bgr8', [30, 20, 10]),
        ('rgb8; png compressed bgr8', [30, 20, 10]),
        ('rgb8; png compressed rgb8', [10, 20, 30]),
    ],
)
def test_format_says_in_which_order_colours_were_compressed(
    format_: str, expected: list[int]
) -> None:
    pixels = np.full((3, 5, 3), [10, 20, 30], np.uint8)  # blue first for OpenCV
    array = decoded(compressed(pixels, '.png', format_), '/image_rect/compressed')
    assert array.shape == (3, 5, 3)
    assert array[0, 0].tolist() == expected


def test_jpeg_and_grey_pictures_are_decoded_to_three_channels() -> None:
    pixels = np.full((8, 8), 100, np.uint8)
    message = compressed(pixels, '.jpg', 'mono8; jpeg compressed ')
    np.testing.assert_allclose(rgb_of(message, '/image_rect'), np.full((8, 8, 3), 100), atol=2)


def test_sixteen_bit_png_gives_the_high_byte() -> None:
    message = compressed(np.full((2, 2), 0xAB12, np.uint16), '.png', 'mono16; png compressed ')
    assert decoded(message, '/image_rect')[0, 0].tolist() == [0xAB] * 3


def test_orientation_tag_does_not_turn_the_picture_against_its_calibration() -> None:
    jpeg = cv2.imencode('.jpg', np.zeros((8, 16, 3), np.uint8))[1].tobytes()
    # One EXIF entry: 0x0112 orientation, a SHORT, value 6 (turn by 90 degrees).
    entry = struct.pack('>HHHIHHI', 1, 0x0112, 3, 1, 6, 0, 0)
    exif = b'Exif\0\0MM\0*' + struct.pack('>I', 8) + entry
    message = CompressedImage(format='jpeg')
    segment = b'\xff\xe1' + struct.pack('>H', len(exif) + 2) + exif
    message.data.frombytes(jpeg[:2] + segment + jpeg[2:])
    assert decoded(message, '/image_rect').shape == (8, 16, 3)


@pytest.mark.parametrize('data', [b'', b'not a picture'])
def test_data_that_is_no_picture_is_refused(data: bytes) -> None:
    message = CompressedImage(format='jpeg')
    message.data.frombytes(data)
    with pytest.raises(InputError, match=rf'^/image: not a picture .*: {len(data)} bytes'):
        decoded(message, '/image')


def test_depth_message_holds_the_metres_and_the_unknown() -> None:
    depth = np.array([[1.5, np.nan, 3.0], [4.0, 5.0, 80.0]], np.float32)
    header = Header(frame_id='camera')
    message = depth_message(header, depth)
    assert message.header == header
    assert (message.encoding, message.width, message.height, message.step) == ('32FC1', 3, 2, 12)
    assert message.is_bigendian == (sys.byteorder == 'big')
    np.testing.assert_array_equal(np.frombuffer(message.data, np.float32).reshape(2, 3), depth)
