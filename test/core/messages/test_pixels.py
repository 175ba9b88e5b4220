# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Bytes of image messages as pixels, colours and metres."""

import numpy as np
import pytest

from adu_depth_core.errors import InputError
from adu_depth_core.messages.pixels import (
    decoded_pixels,
    is_too_dark,
    pixel_view,
    to_depth_m,
    to_millimetres,
    to_rgb,
)


def test_padded_rows_are_cut_at_the_width_without_a_copy() -> None:
    data = np.arange(2 * 8, dtype=np.uint8)
    pixels = pixel_view(data, height=2, width=2, encoding='rgb8', step=8)
    assert pixels.tolist() == [[[0, 1, 2], [3, 4, 5]], [[8, 9, 10], [11, 12, 13]]]
    assert np.shares_memory(pixels, data)


def test_padded_float_rows_are_read_as_floats() -> None:
    rows = np.zeros((2, 3), np.float32)
    rows[:, :2] = [[1.5, np.nan], [np.inf, -2.0]]
    pixels = pixel_view(rows.reshape(-1).view(np.uint8), 2, 2, '32FC1', step=12)
    np.testing.assert_array_equal(pixels, rows[:, :2])


def test_big_endian_words_are_swapped() -> None:
    data = np.array([1, 2, 3, 4], np.uint8)
    assert pixel_view(data, 1, 2, '16UC1', step=4).tolist() == [[0x0201, 0x0403]]
    assert pixel_view(data, 1, 2, '16UC1', step=4, is_bigendian=True).tolist() == [[258, 772]]


@pytest.mark.parametrize(
    ('arguments', 'words'),
    [
        ((2, 2, 'nv99', 6), 'encoding "nv99" cannot be read; known are mono8, '),
        ((2, 2, 'rgb8', 5), 'step is 5, but a row of 2 pixels in rgb8 has 6 bytes; check'),
        ((3, 2, 'rgb8', 6), 'data has 12 bytes, but 3 rows of 6 bytes have 18; check'),
        ((4, 2, 'nv21', 3), 'data has 12 bytes, but 6 rows of 3 bytes have 18; check'),
        ((0, 2, 'rgb8', 6), 'the image is 2x0 pixels; check its publisher'),
    ],
)
def test_pixels_that_cannot_be_are_refused(
    arguments: tuple[int, int, str, int], words: str
) -> None:
    with pytest.raises(InputError, match=words):
        pixel_view(np.zeros(12, np.uint8), *arguments)


@pytest.mark.parametrize(
    ('encoding', 'pixel', 'rgb'),
    [
        ('rgb8', [1, 2, 3], [1, 2, 3]),
        ('bgr8', [1, 2, 3], [3, 2, 1]),
        ('8UC3', [1, 2, 3], [3, 2, 1]),
        ('rgba8', [1, 2, 3, 4], [1, 2, 3]),
        ('bgra8', [1, 2, 3, 4], [3, 2, 1]),
        ('mono8', 7, [7, 7, 7]),
    ],
)
def test_every_encoding_becomes_rgb(encoding: str, pixel: int | list[int], rgb: list[int]) -> None:
    assert to_rgb(np.array([[pixel]], np.uint8), encoding).tolist() == [[rgb]]


def test_each_pixel_of_nv24_has_its_own_colour() -> None:
    # Y and Cb, Cr of full red, green and blue after ITU-R BT.601, in a row of odd width.
    luma, colours = [81, 145, 41], [90, 240, 54, 34, 240, 110]
    data = np.array([*luma, 99, *colours, 99, 99], np.uint8)
    encoding, pixels = decoded_pixels(data, 1, 3, 'nv24', step=4)
    assert encoding == 'rgb8'
    np.testing.assert_allclose(pixels, [[[255, 0, 0], [0, 255, 0], [0, 0, 255]]], atol=3)
    with pytest.raises(InputError, match='data has 11 bytes, but 3 rows of 4 bytes have 12'):
        decoded_pixels(data[:-1], 1, 3, 'nv24', step=4)


def test_high_byte_of_sixteen_bit_images_is_kept() -> None:
    assert to_rgb(np.array([[0x1234]], np.uint16), 'mono16').tolist() == [[[0x12] * 3]]


def test_millimetres_become_metres_and_zero_unknown() -> None:
    depth_m = to_depth_m(np.array([[0, 1500]], np.uint16), '16UC1')
    assert depth_m.dtype == np.float32
    np.testing.assert_array_equal(depth_m, [[np.nan, 1.5]])


def test_metres_become_rounded_millimetres_and_what_has_none_zero() -> None:
    depth_m = np.array([[0.0014, 0.0016, 65.535, 65.536, np.nan, np.inf, -1.0, 0.0]], np.float32)
    millimetres = to_millimetres(depth_m)
    assert millimetres.dtype == np.uint16
    assert millimetres.tolist() == [[1, 2, 65535, 0, 0, 0, 0, 0]]


def test_seventy_metres_are_unknown_in_millimetres_whoever_writes_them() -> None:
    out = np.ones((1, 2), np.uint16)
    assert to_millimetres(np.array([[70.0, 12.3456]], np.float32), out) is out
    assert out.tolist() == [[0, 12346]]


@pytest.mark.parametrize(('highest', 'dark'), [(4095, True), (4096, False), (65535, False)])
def test_twelve_bits_in_sixteen_are_told_to_look_black(highest: int, dark: bool) -> None:
    pixels = np.array([[0, highest]], np.uint16)
    assert is_too_dark(to_rgb(pixels, 'mono16'), 'mono16') is dark
    assert not is_too_dark(np.zeros((1, 1, 3), np.uint8), 'mono8')


def test_metres_stay_metres() -> None:
    pixels = np.array([[np.nan, np.inf, 2.5]], np.float32)
    np.testing.assert_array_equal(to_depth_m(pixels, '32FC1'), pixels)


def test_colours_are_not_taken_for_depth_nor_depth_for_colours() -> None:
    with pytest.raises(InputError, match='"rgb8" is no depth'):
        to_depth_m(np.zeros((1, 1, 3), np.uint8), 'rgb8')
    with pytest.raises(InputError, match='depth, not colour'):
        to_rgb(np.zeros((1, 1), np.float32), '32FC1')
