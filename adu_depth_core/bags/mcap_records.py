# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The messages of an mcap file in the order of its records, without its index."""

import struct
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, NamedTuple

from rosbags.rosbag2.storage_mcap import decompress, get_qos

from adu_depth_core.bags.ros1 import Ros1Converter
from adu_depth_core.bags.storage import (
    SERIALISATIONS,
    BagMessage,
    LeftOut,
    RecordedMessage,
    is_latched,
)
from adu_depth_core.bags.zstandard import CHUNK_DECOMPRESSORS, beginning, decompressed
from adu_depth_core.errors import InputError
from adu_depth_core.messages.types import modern_type

MAGIC = b'\x89MCAP0\r\n'
FOOTER, SCHEMA, CHANNEL, MESSAGE, CHUNK = 0x02, 0x03, 0x04, 0x05, 0x06
DEFINITIONS = ('ros2msg', 'ros2idl', 'ros1msg')
RECORD = struct.Struct('<BQ')
MESSAGE_HEADER = struct.Struct('<HIQQ')
CHUNK_HEADER = struct.Struct('<QQQI')


class Schema(NamedTuple):
    """A type of message."""

    name: str
    definition: str


class Channel(NamedTuple):
    """A topic, as its messages refer to it; a `converter` where they are of ROS 1."""

    topic: str
    msgtype: str
    encoding: str
    latched: bool
    definition: str
    converter: Ros1Converter | None = None


def mcap_messages(path: Path) -> Iterator[RecordedMessage | LeftOut]:
    """Yield messages; raises where the file is damaged or breaks off."""
    schemas: dict[int, Schema] = {}
    channels: dict[int, Channel] = {}
    with path.open('rb') as stream:
        if stream.read(len(MAGIC)) != MAGIC:
            raise InputError('it does not begin like an mcap file')
        for opcode, content in _flat_records(stream, path.stat().st_size):
            if opcode == SCHEMA:
                schemas[_number(content)] = _schema(content)
            elif opcode == CHANNEL:
                channel = _channel(content, schemas)
                channels[_number(content)] = channel
                if channel.encoding not in SERIALISATIONS:
                    yield LeftOut(channel.topic, channel.encoding)
            elif opcode == MESSAGE:
                channel_id, _, time_ns, _ = MESSAGE_HEADER.unpack_from(content)
                channel = channels[channel_id]
                if channel.encoding in SERIALISATIONS:
                    data = _cdr(channel, content[MESSAGE_HEADER.size :])
                    message = BagMessage(channel.topic, channel.msgtype, data, time_ns)
                    yield RecordedMessage(message, channel.latched, channel.definition)
            elif opcode == FOOTER and stream.read(len(MAGIC)) == MAGIC:
                return
    raise InputError('it ends before its closing bytes')


def _cdr(channel: Channel, data: bytes) -> bytes:
    if channel.converter is not None:
        return channel.converter.cdr(data, channel.msgtype)
    return decompressed(data)


def _flat_records(stream: BinaryIO, size: int) -> Iterator[tuple[int, bytes]]:
    """Yield (opcode, content) of the records of a file, those in chunks among them."""
    for opcode, content in _records(stream, size):
        if opcode == CHUNK:
            inner = _opened(content)
            yield from _records(BytesIO(inner), len(inner))
        else:
            yield opcode, content


def _records(stream: BinaryIO, size: int) -> Iterator[tuple[int, bytes]]:
    while stream.tell() < size:
        opcode, length = RECORD.unpack(stream.read(RECORD.size))
        left = size - stream.tell()
        if length > left and opcode != CHUNK:
            raise InputError(f'a record of {length} bytes has only {left}')
        yield opcode, stream.read(min(length, left))


def _opened(chunk: bytes) -> bytes:
    """Return the records in a chunk; as many as there are where it breaks off."""
    _, _, size, checksum = CHUNK_HEADER.unpack_from(chunk)
    compression, at = _string(chunk, CHUNK_HEADER.size)
    (packed_size,) = struct.unpack_from('<Q', chunk, at)
    packed = chunk[at + 8 : at + 8 + packed_size]
    if len(packed) == packed_size:
        return decompress(packed, compression, size, checksum)
    if compression in CHUNK_DECOMPRESSORS:
        return beginning(packed, compression)
    if compression:
        raise InputError(f'a chunk of {packed_size} bytes has only {len(packed)}')
    return packed


def _schema(content: bytes) -> Schema:
    name, at = _string(content, 2)
    encoding, at = _string(content, at)
    # Those of others, such as protobuf, are not even text.
    definition, _ = _string(content, at) if encoding in DEFINITIONS else ('', at)
    return Schema(name, definition)


def _channel(content: bytes, schemas: dict[int, Schema]) -> Channel:
    topic, at = _string(content, 4)
    encoding, at = _string(content, at)
    latched = is_latched(get_qos(content[at + 4 :]))
    name, definition = schemas.get(_number(content[2:4]), Schema('', ''))
    msgtype = modern_type(name)
    converter = Ros1Converter([(msgtype, definition)]) if encoding == 'ros1' else None
    return Channel(topic, msgtype, encoding, latched, definition, converter)


def _number(content: bytes) -> int:
    return int.from_bytes(content[:2], 'little')


def _string(content: bytes, at: int) -> tuple[str, int]:
    """Return the string at a place, and the place behind it."""
    (length,) = struct.unpack_from('<I', content, at)
    return content[at + 4 : at + 4 + length].decode(), at + 4 + length
