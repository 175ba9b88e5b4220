# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""How the frames of a robot's sensors lie to each other: /tf_static, or a file of extrinsics."""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import yaml

from adu_depth_core.bags.rigid import (
    Matrix,
    Transform,
    frame_name,
    inverse,
    quaternion_of,
    transform_of,
)
from adu_depth_core.bags.topics import TF_STATIC
from adu_depth_core.bounded_yaml import read_yaml
from adu_depth_core.errors import InputError
from adu_depth_core.messages.cdr import deserialised, header, message_type, serialised
from adu_depth_core.messages.types import TF_TYPE

if TYPE_CHECKING:  # a node asks for transforms as well, and has no rosbags
    from adu_depth_core.bags.reader import Bag

KEYS = ('parent', 'child', 'translation', 'rotation')
EXAMPLE = (
    'expected a list of {parent: camera, child: scanner, '
    'translation: [x, y, z], rotation: [x, y, z, w]}'
)


class Transforms:
    """
    Transforms between frames that do not move against each other.

    Parameters
    ----------
    transforms : iterable of Transform
        Of two for one child the last counts.
    source : str
        Where they are from, for error messages.
    left_out : sequence of str
        What there is besides and cannot be used.

    """

    def __init__(
        self, transforms: Iterable[Transform], source: str, left_out: Sequence[str] = ()
    ) -> None:
        self._source, self._left_out = source, left_out
        self._edges: dict[str, dict[str, Matrix]] = {}
        for transform in {transform.child: transform for transform in transforms}.values():
            parent, child, matrix = transform.parent, transform.child, transform.matrix
            self._edges.setdefault(parent, {})[child] = matrix
            self._edges.setdefault(child, {})[parent] = inverse(matrix)

    @classmethod
    def of_bag(cls, bag: 'Bag') -> 'Transforms':
        """
        Read /tf_static, of any namespace.

        Raises InputError when a message is none; a transform that is not possible is left out, and
        so is /tf, whose frames may move.
        """
        moving = (topic.name for topic in bag.of_type(TF_TYPE))
        left_out = [
            f'{name}, whose frames may move; name a fixed mounting by --extrinsics'
            for name in moving
            if not name.endswith(TF_STATIC)
        ]
        return cls(list(_recorded(bag, left_out)), f'{bag.path}: {TF_STATIC}', left_out)

    @classmethod
    def of_file(cls, path: str | Path) -> 'Transforms':
        """Read a YAML file, see `read_extrinsics`. Raises InputError."""
        return cls(read_extrinsics(Path(path)), str(path))

    @classmethod
    def of_file_or_bag(cls, path: str | Path | None, bag: 'Bag') -> 'Transforms':
        """Read the file where one is named, and else what the bag says. Raises InputError."""
        return cls.of_file(path) if path else cls.of_bag(bag)

    @property
    def frames(self) -> list[str]:
        """Names of the frames, sorted."""
        return sorted(self._edges)

    def matrix(self, target: str, source: str) -> Matrix:
        """
        Return (4, 4) float64 that takes points in frame `source` to frame `target`.

        Raises InputError, naming the frames there are, when they are not connected.
        """
        target, source = frame_name(target), frame_name(source)
        reached: dict[str, Matrix] = {source: np.eye(4)}
        waiting = deque([source])
        while waiting and target not in reached:
            frame = waiting.popleft()
            # An edge is stored below the frame into which it takes points.
            for other in self._edges.get(frame, {}):
                if other not in reached:
                    reached[other] = self._edges[other][frame] @ reached[frame]
                    waiting.append(other)
        if target in reached:
            return reached[target]
        there = ', '.join(self.frames) or 'none at all'
        besides = ''.join(f'; left out: {text}' for text in self._left_out)
        raise InputError(
            f'{self._source}: does not connect {source} to {target}; the frames there are: '
            f'{there}{besides}'
        )


def transform_message(matrix: Matrix, *, parent: str, child: str, stamp_ns: int) -> bytes:
    """Serialise how `child` lies in `parent`, a rigid (4, 4) `matrix`, as a TFMessage."""
    vector = message_type('geometry_msgs/msg/Vector3')
    quaternion = message_type('geometry_msgs/msg/Quaternion')
    x, y, z, w = quaternion_of(matrix[:3, :3])
    stamped = message_type('geometry_msgs/msg/TransformStamped')(
        header=header(stamp_ns, parent),
        child_frame_id=child,
        transform=message_type('geometry_msgs/msg/Transform')(
            translation=vector(*(float(value) for value in matrix[:3, 3])),
            rotation=quaternion(x=x, y=y, z=z, w=w),
        ),
    )
    return serialised(message_type(TF_TYPE)(transforms=[stamped]), TF_TYPE)


def _recorded(bag: 'Bag', left_out: list[str]) -> Iterator[Transform]:
    names = [topic.name for topic in bag.of_type(TF_TYPE) if topic.name.endswith(TF_STATIC)]
    for message in bag.messages(names) if names else ():
        try:
            stamped = deserialised(message.data, TF_TYPE).transforms
        except InputError as error:
            raise InputError(f'{bag.path}: {message.topic}: {error}') from error
        yield from stated_transforms(stamped, left_out)


def stated_transforms(stamped: Iterable[Any], left_out: list[str]) -> Iterator[Transform]:
    """Yield what TransformStamped messages say; of those that are not possible, add a word."""
    for one in stamped:
        parent, child = one.header.frame_id, one.child_frame_id
        move, turn = one.transform.translation, one.transform.rotation
        try:
            yield transform_of(
                parent, child, [move.x, move.y, move.z], [turn.x, turn.y, turn.z, turn.w]
            )
        except InputError as error:
            left_out.append(f'{parent} to {child} ({error})')


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
