# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
Serialised messages (CDR bytes) to and from Python objects, without ROS.

rosbags is imported where bytes are read or written: a node imports what stands over this module,
and reads and writes none.
"""

import functools
import struct
from typing import TYPE_CHECKING, Any

from adu_depth_core.errors import InputError

if TYPE_CHECKING:
    from rosbags.typesys.store import Typestore


@functools.cache
def typestore() -> 'Typestore':
    """Return the message definitions; those used here are the same from Humble to Lyrical."""
    from rosbags.typesys import Stores, get_typestore

    return get_typestore(Stores.ROS2_HUMBLE)


def message_type(name: str) -> Any:
    """Return the class of `sensor_msgs/msg/Image`."""
    return typestore().types[name]


def serialised(message: object, msgtype: str) -> bytes:
    """Return the CDR bytes of a message."""
    return bytes(typestore().serialize_cdr(message, msgtype))


def deserialised(data: bytes, msgtype: str) -> Any:
    """Return the message in CDR bytes; its arrays are views of them. Raises InputError."""
    from rosbags.serde import SerdeError

    try:
        return typestore().deserialize_cdr(data, msgtype)
    except (SerdeError, AssertionError, IndexError, ValueError, struct.error) as error:
        reason = ' '.join(str(error).split()).rstrip('.') or type(error).__name__
        raise InputError(f'{len(data)} bytes are no {msgtype} ({reason})') from error


def header(stamp_ns: int, frame_id: str) -> Any:
    """Return a std_msgs/Header."""
    seconds, nanoseconds = divmod(stamp_ns, 1_000_000_000)
    stamp = message_type('builtin_interfaces/msg/Time')(sec=seconds, nanosec=nanoseconds)
    return message_type('std_msgs/msg/Header')(stamp=stamp, frame_id=frame_id)


def stamp_ns_of(message: Any) -> int:
    """Return the stamp of a message with a header, in nanoseconds."""
    stamp = message.header.stamp
    return int(stamp.sec) * 1_000_000_000 + int(stamp.nanosec)
