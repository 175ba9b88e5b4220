# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Whether a type of message means in a recording what it means here."""

from collections.abc import Mapping
from typing import Any

from rosbags.typesys import TypesysError, get_types_from_idl, get_types_from_msg
from rosbags.typesys.base import Nodetype

from adu_depth_core.messages.cdr import typestore

SEPARATOR = '=' * 80 + '\n'
ONE_BYTE = {'byte', 'char', 'octet', 'int8', 'uint8'}
# Dropped from the headers of ROS 1, and put into structures of ROS 2 that would be empty.
WITHOUT_MEANING = {'seq', 'structure_needs_at_least_one_member'}


def is_known(msgtype: str) -> bool:
    """Tell whether there is a type `sensor_msgs/msg/Image` here."""
    return msgtype in typestore().fielddefs


def has_known_fields(msgtype: str, definition: str) -> bool:
    """
    Tell whether messages of a recording can be read as those of the known type of that name.

    Parameters
    ----------
    msgtype : str
        A known type, such as visualization_msgs/msg/Marker: ROS 1 has it with fewer fields.
    definition : str
        What the recording says of it, as .msg or .idl. Where that is nothing, or nothing that can
        be understood, its name is trusted.

    Names of fields may differ, their types and order may not.

    """
    known = typestore().fielddefs
    if not definition.strip():
        return True
    try:
        recorded = _parsed(msgtype, definition)
        return _layout(msgtype, {**known, **recorded}) == _layout(msgtype, known)
    except (TypesysError, KeyError):
        return True


def _parsed(msgtype: str, definition: str) -> dict[str, Any]:
    """Return all types in a definition, which may hold those that it stands on."""
    if not definition.startswith(f'{SEPARATOR}IDL: '):
        return dict(get_types_from_msg(definition, msgtype))
    types: dict[str, Any] = {}
    for part in definition.split(SEPARATOR)[1:]:
        _, _, text = part.partition('\n')
        types.update(get_types_from_idl(text))
    return types


def _layout(msgtype: str, definitions: Mapping[str, Any]) -> list[Any]:
    """Return the basic types of a message in their order, nested as they are."""
    _, fields = definitions[msgtype]
    return [
        _layout_of_field(kind, content, definitions)
        for name, (kind, content) in fields
        if name not in WITHOUT_MEANING
    ]


def _layout_of_field(kind: Nodetype, content: Any, definitions: Mapping[str, Any]) -> Any:
    if kind == Nodetype.NAME:
        return _layout(content, definitions)
    if kind == Nodetype.BASE:
        name, _ = content
        return 'uint8' if name in ONE_BYTE else name
    (element_kind, element), count = content
    layout = _layout_of_field(element_kind, element, definitions)
    # The bound of a sequence is not in the bytes.
    return kind, layout, count if kind == Nodetype.ARRAY else None
