# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Whether bytes can be a whole picture of a sane size, looked at before they are decoded."""

import re
import struct
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple
from zlib import crc32

from adu_depth_core.errors import InputError

MAX_PIXELS = 2**26
# More than JPEG and PNG can pack into one byte; WebP says nothing of any size in a few bytes.
MAX_PIXELS_PER_BYTE = 10_000
WEBP_BEGIN = b'RIFF'
PNG_BEGIN, JPEG_BEGIN = b'\x89PNG\r\n\x1a\n', b'\xff\xd8'
# Start of frame, in any of JPEG's kinds; C4, C8 and CC between them are something else.
JPEG_FRAMES = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
JPEG_ALONE = frozenset({0x01, *range(0xD0, 0xD8)})
JPEG_SCAN, JPEG_END = 0xDA, 0xD9
# In the packed pixels of a JPEG, FF is followed by 00 where it is no marker, or is a restart.
JPEG_IN_SCAN = frozenset({0x00, *range(0xD0, 0xD8)})
TIFF_WIDTH, TIFF_HEIGHT = 256, 257
TIFF_NUMBERS = {3: 'H', 4: 'I'}  # SHORT and LONG

Size = tuple[int, int]


class JpegLayout(NamedTuple):
    """
    Where the parts of a JPEG are.

    Attributes
    ----------
    size : (int, int), optional
        Width and height, where it says so.
    frame : int
        Where the marker of the frame is, behind which they stand.
    scans : list of (int, int)
        Where the packed pixels of each scan begin and end.
    end : int
        Where the marker of its end is.

    """

    size: Size | None
    frame: int
    scans: Sequence[tuple[int, int]]
    end: int


def check_whole(picture: bytes, max_pixels: int = MAX_PIXELS) -> None:
    """
    Refuse what is no whole JPEG, PNG, WebP, TIFF or BMP, and sizes that its bytes cannot hold.

    OpenCV fills up what is missing, and allocates what the header asks for.

    Parameters
    ----------
    picture : bytes
        What follows the end of a picture is ignored: buffers may be longer.
    max_pixels : int
        How many a picture may have.

    """
    width, height = picture_size(picture)
    pixels = width * height
    has_room = pixels <= MAX_PIXELS_PER_BYTE * len(picture) or picture.startswith(WEBP_BEGIN)
    if not (pixels > 0 and has_room):
        raise InputError(
            f'{len(picture)} bytes cannot hold the {width}x{height} pixels of the picture'
        )
    if pixels > max_pixels:
        raise InputError(
            f'the picture has {width}x{height} pixels, more than {max_pixels}; make it smaller or '
            'raise that limit'
        )


def picture_size(picture: bytes) -> Size:
    """Return width and height that the header of a picture gives; InputError as `check_whole`."""
    for begin, size_of in SIZES:
        if re.match(begin, picture, re.DOTALL):
            try:
                return size_of(picture)
            except struct.error as error:
                raise InputError('picture that breaks off in its header') from error
    raise InputError(
        f'not a picture that OpenCV can read: {len(picture)} bytes that begin with '
        f'"{picture[:8].hex(" ")}" are neither JPEG nor PNG, WebP, TIFF or BMP'
    )


def _png_size(picture: bytes) -> Size:
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


def _jpeg_size(picture: bytes) -> Size:
    size = jpeg_layout(picture).size
    if size is None:
        raise InputError('JPEG without a size')
    return size


def jpeg_layout(picture: bytes) -> JpegLayout:
    """Walk from marker to marker up to the end of the picture; InputError where it has none."""
    at, size, frame = len(JPEG_BEGIN), None, 0
    scans: list[tuple[int, int]] = []
    while at + 2 <= len(picture) and picture[at] == 0xFF:
        marker = picture[at + 1]
        if marker == JPEG_END:
            break
        if marker == 0xFF:
            at += 1
            continue
        if marker in JPEG_ALONE:
            at += 2
            continue
        if marker in JPEG_FRAMES:
            height, width = struct.unpack_from('>HH', picture, at + 5)
            size, frame = (int(width), int(height)), at
        at += 2 + struct.unpack_from('>H', picture, at + 2)[0]
        if marker == JPEG_SCAN:
            scans.append((at, _after_scan(picture, at)))
            at = scans[-1][1]
    if picture[at : at + 2] != bytes([0xFF, JPEG_END]):
        raise InputError('JPEG that breaks off before its end')
    return JpegLayout(size, frame, scans, at)


def _after_scan(picture: bytes, at: int) -> int:
    """Return where the next marker stands behind packed pixels, or the end of all."""
    while 0 <= (at := picture.find(b'\xff', at)) < len(picture) - 1:
        after = picture[at + 1]
        if after != 0xFF and after not in JPEG_IN_SCAN:
            return at
        at += 1 if after == 0xFF else 2
    return len(picture)


def _webp_size(picture: bytes) -> Size:
    if struct.unpack_from('<I', picture, 4)[0] + 8 > len(picture):
        raise InputError('WebP that breaks off before its end')
    kind = picture[12:16]
    if kind == b'VP8X':
        packed = int.from_bytes(picture[24:30].ljust(6, b'\0'), 'little')
        return (packed & 0xFFFFFF) + 1, (packed >> 24) + 1
    if kind == b'VP8L':
        (packed,) = struct.unpack_from('<I', picture, 21)
        return (packed & 0x3FFF) + 1, (packed >> 14 & 0x3FFF) + 1
    width, height = struct.unpack_from('<HH', picture, 26)
    return width & 0x3FFF, height & 0x3FFF


def _tiff_size(picture: bytes) -> Size:
    order = '<' if picture.startswith(b'II') else '>'
    (at,) = struct.unpack_from(f'{order}I', picture, 4)
    (count,) = struct.unpack_from(f'{order}H', picture, at)
    sizes = {}
    for entry in range(at + 2, at + 2 + 12 * count, 12):
        tag, kind = struct.unpack_from(f'{order}HH', picture, entry)
        if tag in (TIFF_WIDTH, TIFF_HEIGHT) and kind in TIFF_NUMBERS:
            (sizes[tag],) = struct.unpack_from(order + TIFF_NUMBERS[kind], picture, entry + 8)
    return int(sizes.get(TIFF_WIDTH, 0)), int(sizes.get(TIFF_HEIGHT, 0))


def _bmp_size(picture: bytes) -> Size:
    (header,) = struct.unpack_from('<I', picture, 14)
    # The oldest header has short numbers; a negative height runs from top to bottom.
    width, height = struct.unpack_from('<HH' if header == 12 else '<ii', picture, 18)
    bits, compression = struct.unpack_from('<HI', picture, 28) if header >= 40 else (0, 1)
    (begin,) = struct.unpack_from('<I', picture, 10)
    row = (abs(width) * bits + 31) // 32 * 4
    if not compression and begin + row * abs(height) > len(picture):
        raise InputError('BMP that breaks off before its end')
    return abs(width), abs(height)


SIZES: tuple[tuple[bytes, Callable[[bytes], Size]], ...] = (
    (re.escape(JPEG_BEGIN), _jpeg_size),
    (re.escape(PNG_BEGIN), _png_size),
    (rb'RIFF....WEBP', _webp_size),
    (rb'II\*\0|MM\0\*', _tiff_size),
    (rb'BM', _bmp_size),
)
