# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The messages of a ROS 1 bag in the order of its records, without its index."""

import struct
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, NamedTuple

from rosbags.rosbag1.reader import Header, RecordType, decompressors

from adu_depth_core.bags.ros1 import Ros1Converter
from adu_depth_core.bags.storage import BagMessage, RecordedMessage
from adu_depth_core.errors import InputError
from adu_depth_core.messages.types import modern_type

BEGIN = b'#ROSBAG V2.0\n'


class Connection(NamedTuple):
    """A topic, as its messages refer to it."""

    topic: str
    msgtype: str
    latched: bool
    definition: str
    converter: Ros1Converter


def ros1_messages(path: Path) -> Iterator[RecordedMessage]:
    """Yield messages; raises where the file is damaged or was not closed."""
    connections: dict[int, Connection] = {}
    size, index_at = path.stat().st_size, 0
    with path.open('rb') as stream:
        if stream.read(len(BEGIN)) != BEGIN:
            raise InputError('it does not begin like a ROS 1 bag')
        for kind, head, content in _flat_records(stream, size):
            if kind == RecordType.BAGHEADER:
                index_at = head.get_uint64('index_pos')
            elif kind == RecordType.CONNECTION:
                connections[head.get_uint32('conn')] = _connection(head, content)
            elif kind == RecordType.MSGDATA:
                topic, msgtype, latched, definition, converter = connections[
                    head.get_uint32('conn')
                ]
                data = converter.cdr(content, msgtype)
                message = BagMessage(topic, msgtype, data, head.get_time('time'))
                yield RecordedMessage(message, latched, definition)
    if not 0 < index_at <= size:
        raise InputError('it was not closed')


def _flat_records(stream: BinaryIO, size: int) -> Iterator[tuple[int, Header, bytes]]:
    """Yield (kind, header, content) of the records of a file, those in chunks among them."""
    for kind, head, content in _records(stream, size):
        if kind == RecordType.CHUNK:
            inner = decompressors[head.get_string('compression')](content)
            yield from _records(BytesIO(inner), len(inner))
        else:
            yield kind, head, content


def _records(stream: BinaryIO, size: int) -> Iterator[tuple[int, Header, bytes]]:
    while stream.tell() < size:
        head = Header.read(stream)
        (length,) = struct.unpack('<I', stream.read(4))
        left = size - stream.tell()
        # What there is of a last chunk is of use where it is not compressed.
        if length > left and head.get('compression') != b'none':
            raise InputError(f'a record of {length} bytes has only {left}')
        yield head.get_uint8('op'), head, stream.read(min(length, left))


def _connection(head: Header, content: bytes) -> Connection:
    # Type and definition are packed like the fields of a header.
    fields = Header.read(BytesIO(struct.pack('<I', len(content)) + content))
    msgtype = modern_type(fields.get_string('type'))
    topic, latched = head.get_string('topic'), fields.get('latching') == b'1'
    definition = fields.get_string('message_definition')
    converter = Ros1Converter([(msgtype, definition)])
    return Connection(topic, msgtype, latched, definition, converter)
