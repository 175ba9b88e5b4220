# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
The bytes of a picture into pixels by OpenCV, which fills up in silence what is missing.

Bytes of a JPEG that are lost or changed leave libjpeg with too many or too few pixels. It warns of
that on stderr, where no program can ask, so it is shown pictures that come out differently then.
"""

import io
import struct
from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from adu_depth_core.errors import InputError
from adu_depth_core.samples.picture_bytes import (
    JPEG_BEGIN,
    JPEG_END,
    MAX_PIXELS,
    JpegLayout,
    check_whole,
    jpeg_layout,
)

BLOCK, LOOKED_AT = 16, 4
# Any pixels would do that no decoder could take for those of a flat block.
MORE_PIXELS = np.random.default_rng(0).integers(1, 255, 4096, np.uint8).tobytes()
FORGIVEN_BYTES = 16  # webcams leave a few before the end; zeros any number
UNTOUCHED = 128  # libjpeg's grey where there are no pixels
BASELINE = (0xC0, 0xC1)
END = bytes([0xFF, JPEG_END])


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


class JpegFrame(NamedTuple):
    """Kind of a JPEG, number of components, width and height of one unit of its scan in px."""

    kind: int
    components: int
    unit: tuple[int, int]


def is_corrupt(picture: bytes, pixels: NDArray[Any], flags: int) -> bool:
    """
    Tell whether a JPEG of which `imdecode` with these flags made these pixels is corrupt.

    Noticed is what makes libjpeg run out before the last pixel, or leaves it more bytes than a
    few. Not noticed is what happens to need as many bytes as there are, what stays within an
    interval of restarts, and any harm to a JPEG of several scans, as progressive ones.
    """
    layout = jpeg_layout(picture)
    if len(layout.scans) != 1:
        return False
    return _has_too_few(picture, layout, pixels, flags) or _has_too_many(picture, layout)


def _has_too_few(picture: bytes, layout: JpegLayout, pixels: NDArray[Any], flags: int) -> bool:
    """
    Tell whether the last pixels change when more follow.

    libjpeg goes on in one grey where nothing is left; so may a whole picture end.
    """
    width = pixels.shape[1]
    # Within the last block, and not at its edge, where colours are mixed with the one before.
    begin = min(max(width - LOOKED_AT, (width - 1) // BLOCK * BLOCK + 2), width - 1)
    if (pixels[-1, begin:] != pixels[-1, -1]).any():
        return False
    # Without an end behind them libjpeg does not warn of bytes too many.
    data = np.frombuffer(picture[: layout.end] + MORE_PIXELS, np.uint8)
    try:
        longer = cv2.imdecode(data, flags)
    except cv2.error:
        return True
    return longer is None or bool((longer != pixels).any())


def _has_too_many(picture: bytes, layout: JpegLayout) -> bool:
    """
    Tell whether bytes are left: whether a picture two rows of units higher shows anything there.

    Decoded by Pillow at an eighth of its size: OpenCV's libjpeg would warn each time. Where Pillow
    is not installed, none is noticed.
    """
    frame = _frame(picture, layout.frame)
    if frame.kind not in BASELINE or frame.components not in (1, 3) or layout.size is None:
        return False
    (width, height), (unit_width, unit_height) = layout.size, frame.unit
    below = -(-height // unit_height) * unit_height
    higher = below + 2 * unit_height
    if width * higher > MAX_PIXELS:
        return False
    try:
        from PIL import Image
    except ModuleNotFoundError:  # a node needs NumPy, OpenCV and YAML alone
        return False
    begin, end = layout.scans[0]
    packed = picture[begin:end].rstrip(b'\0')
    shown = bytearray(picture[:begin] + packed[: max(len(packed) - FORGIVEN_BYTES, 0)] + END)
    struct.pack_into('>H', shown, layout.frame + 5, higher)
    try:
        opened = Image.open(io.BytesIO(shown), formats=['JPEG'])
        opened.draft('L', (1, 1))
        grey = np.asarray(opened)
    # What Pillow refuses and OpenCV reads is not judged.
    except (OSError, ValueError, SyntaxError):
        return False
    if grey.ndim != 2:
        return False
    scale = higher // grey.shape[0]
    rest = grey[below // scale :]
    # The first unit is made of the bits that are left in the last byte.
    rest = np.concatenate(
        [
            rest[: unit_height // scale, unit_width // scale :].ravel(),
            rest[unit_height // scale :].ravel(),
        ]
    )
    return bool((rest != UNTOUCHED).any())


def _frame(picture: bytes, at: int) -> JpegFrame:
    (components,) = picture[at + 9 : at + 10] or b'\0'
    sampling = picture[at + 11 : at + 11 + 3 * components : 3] or b'\x11'
    wide, high = max(s >> 4 for s in sampling), max(s & 15 for s in sampling)
    # With one component alone a unit is a block, whatever its sampling says.
    unit = (8, 8) if components == 1 else (8 * wide, 8 * high)
    return JpegFrame(picture[at + 1], components, unit)
