# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A file that says how the sensors of a robot lie to each other."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from adu_depth_core.bags.rigid import Transform, transform_of
from adu_depth_core.bounded_yaml import read_yaml
from adu_depth_core.errors import InputError

KEYS = ('parent', 'child', 'translation', 'rotation')
EXAMPLE = (
    'expected a list of {parent: camera, child: scanner, '
    'translation: [x, y, z], rotation: [x, y, z, w]}'
)


def read_extrinsics(path: Path) -> list[Transform]:
    """
    Read a YAML file: a list of mappings with just these keys.

    `parent` and `child` are frames; `translation` [x, y, z] in metres and `rotation`, a unit
    quaternion [x, y, z, w], say how the child lies in the parent, as in a TransformStamped.

    Raises InputError for everything else.
    """
    try:
        entries = read_yaml(path)
    except yaml.YAMLError as error:
        raise InputError(f'{path}: is no YAML; {EXAMPLE}') from error
    if not isinstance(entries, list) or not entries:
        raise InputError(f'{path}: holds no list; {EXAMPLE}')
    transforms = [_entry(f'{path}: entry {n}', entry) for n, entry in enumerate(entries, 1)]
    children = [transform.child for transform in transforms]
    if twice := [child for child in children if children.count(child) > 1]:
        raise InputError(f'{path}: {twice[0]} is a child twice; a frame has one parent')
    return transforms


def _entry(where: str, entry: Any) -> Transform:
    if not isinstance(entry, Mapping) or set(entry) != set(KEYS):
        found = ', '.join(map(str, entry)) if isinstance(entry, Mapping) else repr(entry)
        raise InputError(f'{where}: has {found or "no key"}, expected just {", ".join(KEYS)}')
    for key in ('parent', 'child'):
        if not isinstance(entry[key], str) or not entry[key]:
            raise InputError(f'{where}: {key} is {entry[key]!r}, expected the name of a frame')
    for key, count in (('translation', 3), ('rotation', 4)):
        if not _is_vector(entry[key], count):
            raise InputError(f'{where}: {key} is {entry[key]!r}, expected {count} numbers')
    try:
        return transform_of(*(entry[key] for key in KEYS))
    except InputError as error:
        raise InputError(f'{where}: {error}') from error


def _is_vector(values: Any, count: int) -> bool:
    return (
        isinstance(values, list)
        and len(values) == count
        and all(isinstance(v, (int, float)) and not isinstance(v, bool) for v in values)
    )
