# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
What recorders compress: messages, chunks of mcap, and whole files (`.mcap.zstd`).

A few hundred bytes can stand for as many gigabytes, so all is bounded.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

from lz4.frame import LZ4FrameDecompressor  # type: ignore[import-untyped]
from rosbags.rosbag2 import storage_mcap

# rosbags brings it: Python's own from 3.14 on, a backport before.
from rosbags.rosbag2.reader import zstd  # type: ignore[attr-defined]

from adu_depth_core.errors import InputError

# CDR begins with 0.
ZSTD_BEGIN = b'\x28\xb5\x2f\xfd'
BLOCK_BYTES = 2**20
# Of a message, and of a chunk; the largest images have a quarter of that.
MOST_BYTES = 2**30
# Nothing that a robot records is compressed to a thousandth.
MOST_TIMES = 1000
SUFFIXES = ('.zstd', '.zst')


def decompressed(data: bytes) -> bytes:
    """
    Return a message as it was before compression, if it was compressed.

    Raises
    ------
    InputError
        When it is larger than `MOST_BYTES`, or breaks off.

    """
    return _whole(zstd.ZstdDecompressor(), data) if data[:4] == ZSTD_BEGIN else data


def _whole(decompressor: Any, data: bytes, size: int | None = None) -> bytes:
    most = MOST_BYTES if size is None else size
    if most > MOST_BYTES:
        raise InputError(f'a chunk says it holds {most} bytes, and {MOST_BYTES} are the most')
    whole = decompressor.decompress(data, most + 1)
    if len(whole) > most:
        raise InputError(f'what is compressed holds more than {most} bytes')
    if not decompressor.eof:
        raise InputError('what is compressed breaks off')
    return bytes(whole)


CHUNK_DECOMPRESSORS: Mapping[str, Callable[[], Any]] = {
    'zstd': zstd.ZstdDecompressor,
    'lz4': LZ4FrameDecompressor,
}


def _whole_chunk(decompressor: Callable[[], Any], data: bytes, size: int) -> bytes:
    return _whole(decompressor(), data, size)


# By the size that a chunk says it has; the reader of rosbags itself has no bound.
for compression, decompressor in CHUNK_DECOMPRESSORS.items():
    storage_mcap.DECOMPRESSORS[compression] = partial(_whole_chunk, decompressor)


def unpack_file(path: Path, folder: Path) -> Path:
    """
    Write a compressed file into `folder` and return it there, without the suffix.

    What is lost of a file that breaks off is left to the reader of its contents to find. Raises
    InputError where it grows without measure.
    """
    unpacked = folder / path.stem
    most = max(MOST_BYTES, MOST_TIMES * path.stat().st_size)
    with (
        path.open('rb') as packed,
        unpacked.open('wb') as output,
        suppress(zstd.ZstdError),
    ):
        for block in _decompressed_blocks(packed):
            output.write(block)
            if output.tell() > most:
                raise InputError(f'{path}: holds more than {most} bytes')
    return unpacked


def _decompressed_blocks(packed: BinaryIO) -> Iterator[bytes]:
    """Yield all there is; a file object of the library would keep back its last block."""
    decompressor = zstd.ZstdDecompressor()
    while block := packed.read(BLOCK_BYTES):
        while block:
            yield decompressor.decompress(block, BLOCK_BYTES)
            while not (decompressor.eof or decompressor.needs_input):
                yield decompressor.decompress(b'', BLOCK_BYTES)
            block = decompressor.unused_data if decompressor.eof else b''
            if decompressor.eof:  # files may be several frames, one after the other
                decompressor = zstd.ZstdDecompressor()


def beginning(data: bytes, compression: str) -> bytes:
    """Return as much as can be decompressed of a chunk that breaks off."""
    return bytes(CHUNK_DECOMPRESSORS[compression]().decompress(data, MOST_BYTES))
