# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Pictures that are spoilt in their middle, and whole ones that only look so."""

import cv2
import numpy as np
import pytest

from adu_depth_core.errors import InputError
from adu_depth_core.samples.picture_decoder import decoded_bytes

NOISE = cv2.GaussianBlur(
    np.random.default_rng(0).integers(0, 255, (125, 300, 3), np.uint8), (9, 9), 2
)


def jpeg(pixels: np.ndarray, *options: int) -> bytes:
    return cv2.imencode('.jpg', pixels, options)[1].tobytes()


@pytest.mark.parametrize('dropped', [400, 1500])
def test_jpeg_that_lost_bytes_in_its_middle_is_refused(dropped: int) -> None:
    whole = jpeg(NOISE)
    middle = len(whole) // 2
    with pytest.raises(InputError, match='JPEG that is corrupt in its middle'):
        decoded_bytes(whole[:middle] + whole[middle + dropped :], cv2.IMREAD_COLOR)


@pytest.mark.parametrize('added', [100, 1000])
@pytest.mark.parametrize('colours', [1, 3])
def test_jpeg_that_has_bytes_too_many_in_its_middle_is_refused(added: int, colours: int) -> None:
    import PIL  # noqa: F401

    whole = jpeg(NOISE[..., :colours])
    middle = len(whole) // 2
    with pytest.raises(InputError, match='it holds more or fewer pixels than it promises'):
        decoded_bytes(whole[: middle + added] + whole[middle:], cv2.IMREAD_UNCHANGED)


@pytest.mark.parametrize('left', [b'\x5a', b'\x5a' * 4, b'\0' * 500])
def test_few_bytes_before_the_end_are_forgiven_as_webcams_leave_them(left: bytes) -> None:
    whole = jpeg(NOISE)
    expected = cv2.imdecode(np.frombuffer(whole, np.uint8), cv2.IMREAD_COLOR)
    longer = whole[:-2] + left + whole[-2:]
    np.testing.assert_array_equal(decoded_bytes(longer, cv2.IMREAD_COLOR), expected)


@pytest.mark.parametrize('size', [(8, 8), (40, 8), (8, 400), (375, 1242), (2, 3)])
@pytest.mark.parametrize('sampling', ['411', '420', '422', '440', '444'])
def test_whole_jpeg_of_any_sampling_is_decoded_without_a_word(
    size: tuple[int, int], sampling: str, capfd: pytest.CaptureFixture[str]
) -> None:
    factor = getattr(cv2, f'IMWRITE_JPEG_SAMPLING_FACTOR_{sampling}', None)
    if factor is None:
        pytest.skip('this OpenCV writes no other sampling than its own')
    pixels = np.random.default_rng(1).integers(0, 255, (*size, 3), np.uint8)
    picture = jpeg(pixels, cv2.IMWRITE_JPEG_SAMPLING_FACTOR, factor)
    expected = cv2.imdecode(np.frombuffer(picture, np.uint8), cv2.IMREAD_COLOR)
    np.testing.assert_array_equal(decoded_bytes(picture, cv2.IMREAD_COLOR), expected)
    assert capfd.readouterr().err == ''


@pytest.mark.parametrize(
    'options',
    [[], [cv2.IMWRITE_JPEG_PROGRESSIVE, 1], [cv2.IMWRITE_JPEG_RST_INTERVAL, 4]],
    ids=['baseline', 'progressive', 'restarts'],
)
@pytest.mark.parametrize('grey', [None, 0, 128, 255])
@pytest.mark.parametrize('size', [(125, 300), (128, 304), (121, 289), (1, 1)])
def test_whole_jpeg_is_decoded_whatever_its_last_corner_shows(
    options: list[int], grey: int | None, size: tuple[int, int]
) -> None:
    pixels = NOISE[: size[0], : size[1]].copy()
    if grey is not None:
        pixels[-40:, -60:] = grey
    picture = jpeg(pixels, *options)
    expected = cv2.imdecode(np.frombuffer(picture, np.uint8), cv2.IMREAD_COLOR)
    np.testing.assert_array_equal(decoded_bytes(picture + b'\0' * 99, cv2.IMREAD_COLOR), expected)
