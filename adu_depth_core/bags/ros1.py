# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Messages of ROS 1 into what ROS 2 would have written."""

from collections.abc import Iterable

from rosbags.typesys import Stores, TypesysError, get_types_from_msg, get_typestore

HEADER_TYPE = 'std_msgs/msg/Header'
# Deserialising it fails, whatever the type is.
NO_MESSAGE = b'\x00\x01\x00\x00'


class Ros1Converter:
    """
    Converts by the definitions that a ROS 1 bag carries.

    Parameters
    ----------
    definitions : iterable of (str, str)
        Types, such as sensor_msgs/msg/Image, and their definitions.

    """

    def __init__(self, definitions: Iterable[tuple[str, str]]) -> None:
        self._typestore = get_typestore(Stores.EMPTY)
        types = {}
        for msgtype, definition in definitions:
            try:
                types.update(get_types_from_msg(definition, msgtype))
            except TypesysError:
                continue  # none of its messages will be one
        if HEADER_TYPE in types:
            # The converter drops the sequence number by itself, and wants no definition of it.
            constants, fields = types[HEADER_TYPE]
            types[HEADER_TYPE] = constants, [field for field in fields if field[0] != 'seq']
        self._typestore.register(types)

    def cdr(self, data: bytes, msgtype: str) -> bytes:
        """Return a message in CDR; one that is no such message becomes one that ROS 2 refuses."""
        try:
            return bytes(self._typestore.ros1_to_cdr(data, msgtype))
        # Bytes that are not what they promise surface as nearly anything.
        except Exception:
            return NO_MESSAGE
