# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Protobuf's wire format: it is a few lines, and so inference needs no `onnx` package."""

import struct
from collections.abc import Iterator

Value = int | memoryview
Field = tuple[int, Value]

VARINT, BYTES, FLOAT32 = 0, 2, 5
FIXED_BYTES = {1: 8, FLOAT32: 4}


class SpoiltError(Exception):
    """The bytes are no protobuf message."""


def fields(data: memoryview) -> Iterator[Field]:
    """Yield numbers and values of a message's fields: int, or bytes of what is nested."""
    at = 0
    while at < len(data):
        tag, at = _varint(data, at)
        number, wire_type = tag >> 3, tag & 7
        if number == 0:
            raise SpoiltError('a field without a number')
        if wire_type == VARINT:
            value, at = _varint(data, at)
            yield number, value
            continue
        if wire_type == BYTES:
            size, at = _varint(data, at)
        elif wire_type in FIXED_BYTES:
            size = FIXED_BYTES[wire_type]
        else:
            raise SpoiltError(f'a field of type {wire_type}')
        if at + size > len(data):
            raise SpoiltError('cut off')
        yield number, data[at : at + size]
        at += size


def text(value: Value | None) -> str:
    """Return a field that holds text; '' for one that is not there."""
    if isinstance(value, int):
        raise SpoiltError('a number where text belongs')
    return '' if value is None else str(value, 'utf-8')


def nested(value: Value) -> memoryview:
    """Return a field that holds a message."""
    if isinstance(value, int):
        raise SpoiltError('a number where a message belongs')
    return value


def written(number: int, value: int | float | str | bytes | memoryview) -> bytes:
    """Return the bytes of a field: a number of at least 0, a float32, text, or a message."""
    if isinstance(value, int):
        return _written_varint(number << 3 | VARINT) + _written_varint(value)
    if isinstance(value, float):
        return _written_varint(number << 3 | FLOAT32) + struct.pack('<f', value)
    content = value.encode() if isinstance(value, str) else bytes(value)
    return _written_varint(number << 3 | BYTES) + _written_varint(len(content)) + content


def _varint(data: memoryview, at: int) -> tuple[int, int]:
    """Return a number of seven bits a byte, and where it ends."""
    value = 0
    for shift in range(0, 70, 7):
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
    raise SpoiltError('a number of more than 64 bits')


def _written_varint(value: int) -> bytes:
    octets = bytearray()
    while value > 0x7F:
        octets.append(value & 0x7F | 0x80)
        value >>= 7
    octets.append(value)
    return bytes(octets)
