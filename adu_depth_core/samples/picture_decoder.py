# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The bytes of a picture into pixels by OpenCV, which fills up in silence what is missing."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from adu_depth_core.errors import InputError
from adu_depth_core.samples.picture_bytes import (
    JPEG_BEGIN,
    MAX_PIXELS,
    check_whole,
    jpeg_layout,
)

BLOCK, LOOKED_AT = 16, 4
# Any pixels would do that no decoder could take for those of a flat block.
MORE_PIXELS = np.random.default_rng(0).integers(1, 255, 4096, np.uint8).tobytes()


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
    if picture.startswith(JPEG_BEGIN) and _runs_out(picture, pixels, flags):
        raise InputError('JPEG that is corrupt in its middle, its pixels run out before its end')
    return pixels


def _decoded(picture: bytes, flags: int) -> NDArray[Any] | None:
    try:
        pixels = cv2.imdecode(np.frombuffer(picture, np.uint8), flags)
    except cv2.error:
        return None
    return None if pixels is None else np.asarray(pixels)


def _runs_out(picture: bytes, pixels: NDArray[Any], flags: int) -> bool:
    """
    Tell whether a JPEG holds fewer pixels than it promises.

    libjpeg goes on in one grey where nothing is left. So may a whole picture end, but that does
    not change when more pixels follow. What is corrupt and takes fewer bytes than there are is
    not noticed, nor what has several scans, as progressive ones.
    """
    width = pixels.shape[1]
    # Within the last block, and not at its edge, where colours are mixed with the one before.
    begin = min(max(width - LOOKED_AT, (width - 1) // BLOCK * BLOCK + 2), width - 1)
    if (pixels[-1, begin:] != pixels[-1, -1]).any():
        return False
    layout = jpeg_layout(picture)
    if layout.scans != 1:
        return False
    # Without an end behind them libjpeg does not warn of bytes too many.
    longer = _decoded(picture[: layout.end] + MORE_PIXELS, flags)
    return longer is None or bool((longer != pixels).any())
