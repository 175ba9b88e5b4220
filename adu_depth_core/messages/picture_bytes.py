# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Whether bytes can be a whole JPEG or PNG of a sane size, before they are decoded."""

import struct
from collections.abc import Iterator
from zlib import crc32

from adu_depth_core.errors import InputError
from adu_depth_core.samples.image_files import JPEG_BEGIN, JPEG_END, JPEG_TAIL

PNG_BEGIN = b'\x89PNG\r\n\x1a\n'
MAX_PIXELS = 2**26
# More than either format can pack into one byte of what is no empty picture.
MAX_PIXELS_PER_BYTE = 10_000
# Start of frame, in any of JPEG's kinds; C4, C8 and CC between them are something else.
JPEG_FRAMES = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
JPEG_ALONE = frozenset({0x01, *range(0xD0, 0xD8)})


def check_whole(picture: bytes) -> None:
    """
    Refuse what is no whole JPEG or PNG, and sizes that the bytes cannot hold.

    OpenCV fills up what is missing, and allocates what the header asks for.
    """
    if picture.startswith(PNG_BEGIN):
        size = _png_size(picture)
    elif picture.startswith(JPEG_BEGIN):
        size = _jpeg_size(picture)
    else:
        raise InputError(
            f'the picture of {len(picture)} bytes is neither JPEG nor PNG, '
            f'it begins with "{picture[:8].hex(" ")}"'
        )
    pixels = size[0] * size[1]
    if not 0 < pixels <= min(MAX_PIXELS, MAX_PIXELS_PER_BYTE * len(picture)):
        raise InputError(
            f'{len(picture)} bytes cannot hold the {size[0]}x{size[1]} pixels of the picture'
        )


def _png_size(picture: bytes) -> tuple[int, int]:
    chunks = list(_png_chunks(picture))
    if not chunks or chunks[0][0] != b'IHDR' or len(chunks[0][1]) != 13:
        raise InputError('PNG without a header')
    if chunks[-1][0] != b'IEND':
        raise InputError('PNG that breaks off before its end')
    width, height = struct.unpack_from('>II', chunks[0][1])
    return int(width), int(height)


def _png_chunks(picture: bytes) -> Iterator[tuple[bytes, memoryview]]:
    """Yield (name, content) of the chunks up to the end, or to where it breaks off."""
    at, view, name = len(PNG_BEGIN), memoryview(picture), b''
    while at + 12 <= len(picture) and name != b'IEND':
        (length,) = struct.unpack_from('>I', picture, at)
        end = at + 12 + length
        if end > len(picture):
            return
        name = picture[at + 4 : at + 8]
        (expected,) = struct.unpack_from('>I', picture, end - 4)
        if crc32(view[at + 4 : end - 4]) != expected:
            raise InputError('PNG with a wrong checksum')
        yield name, view[at + 8 : end - 4]
        at = end


def _jpeg_size(picture: bytes) -> tuple[int, int]:
    if JPEG_END not in picture[-JPEG_TAIL:]:
        raise InputError('JPEG that breaks off before its end')
    at = 2
    while at + 9 <= len(picture) and picture[at] == 0xFF:
        marker = picture[at + 1]
        if marker in JPEG_FRAMES:
            height, width = struct.unpack_from('>HH', picture, at + 5)
            return int(width), int(height)
        if marker == 0xFF:
            at += 1
        elif marker in JPEG_ALONE:
            at += 2
        else:
            (length,) = struct.unpack_from('>H', picture, at + 2)
            at += 2 + length
    raise InputError('JPEG without a size')
