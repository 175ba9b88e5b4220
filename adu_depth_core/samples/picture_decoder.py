# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The bytes of a picture into pixels by OpenCV, which fills up in silence what is missing."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from adu_depth_core.errors import InputError
from adu_depth_core.samples.jpeg_scans import is_corrupt
from adu_depth_core.samples.picture_bytes import JPEG_BEGIN, MAX_PIXELS, check_whole


def decoded_bytes(picture: bytes, flags: int, max_pixels: int = MAX_PIXELS) -> NDArray[Any]:
    """
    Return the pixels of a whole picture, as OpenCV's imdecode does with these flags.

    Raises InputError as `check_whole`, and when it cannot be decoded to its end.
    """
    check_whole(picture, max_pixels)
    pixels = _decoded(picture, flags)
    if pixels is None:
        raise InputError(
            f'not a picture that OpenCV can read: {len(picture)} bytes cannot be decoded'
        )
    if picture.startswith(JPEG_BEGIN) and is_corrupt(picture, pixels, flags):
        raise InputError(
            'JPEG that is corrupt in its middle, it holds more or fewer pixels than it promises'
        )
    return pixels


def _decoded(picture: bytes, flags: int) -> NDArray[Any] | None:
    try:
        pixels = cv2.imdecode(np.frombuffer(picture, np.uint8), flags)
    except cv2.error:
        return None
    return None if pixels is None else np.asarray(pixels)
