# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What rosbag2 compresses as a whole: messages, and files (`.mcap.zstd`)."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

# rosbags brings it: Python's own from 3.14 on, a backport before.
from rosbags.rosbag2.reader import zstd  # type: ignore[attr-defined]

# CDR begins with 0.
ZSTD_BEGIN = b'\x28\xb5\x2f\xfd'
BLOCK_BYTES = 2**20
SUFFIXES = ('.zstd', '.zst')


def decompressed(data: bytes) -> bytes:
    """Return a message as it was before compression, if it was compressed."""
    return bytes(zstd.decompress(data)) if data[:4] == ZSTD_BEGIN else data


def unpack_file(path: Path, folder: Path) -> Path:
    """
    Write a compressed file into `folder` and return it there, without the suffix.

    What is lost of a file that breaks off is left to the reader of its contents to find.
    """
    unpacked = folder / path.stem
    with (
        path.open('rb') as packed,
        unpacked.open('wb') as output,
        suppress(zstd.ZstdError),
    ):
        for block in _decompressed_blocks(packed):
            output.write(block)
    return unpacked


def _decompressed_blocks(packed: BinaryIO) -> Iterator[bytes]:
    """Yield all there is; a file object of the library would keep back its last block."""
    decompressor = zstd.ZstdDecompressor()
    while block := packed.read(BLOCK_BYTES):
        while block:
            yield decompressor.decompress(block)
            block = decompressor.unused_data if decompressor.eof else b''
            if decompressor.eof:  # files may be several frames, one after the other
                decompressor = zstd.ZstdDecompressor()


def beginning(data: bytes) -> bytes:
    """Return as much as can be decompressed of data that break off."""
    return bytes(zstd.ZstdDecompressor().decompress(data))
