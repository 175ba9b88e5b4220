# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Reading rosbag2 recordings (a folder, or one .mcap or .db3 file) without ROS."""

import os
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, TypeVar, cast

from rosbags.interfaces import Connection, ConnectionExtRosbag2, QosDurability
from rosbags.rosbag2 import Reader

from adu_depth_core.data.bags.messages import (
    StampedCamera,
    StampedImage,
    read_camera_info,
    read_image,
)
from adu_depth_core.data.bags.topics import CAMERA_INFO_TYPE, IMAGE_TYPE
from adu_depth_core.errors import InputError

Decoded = TypeVar('Decoded')


@dataclass(frozen=True)
class Topic:
    """
    A topic of a bag.

    `latched` tells whether it was published transient local: a late subscriber gets it too.
    """

    name: str
    msgtype: str
    count: int
    latched: bool


class BagMessage(NamedTuple):
    """One message as it is stored: CDR bytes and the time at which it was recorded."""

    topic: str
    msgtype: str
    data: bytes
    time_ns: int


class Bag:
    """
    An open bag, made by `open_bag`.

    Parameters
    ----------
    path : Path
        What was opened, for error messages.
    reader : Reader
        An open rosbags reader.

    """

    def __init__(self, path: Path, reader: Reader) -> None:
        """List the topics of the bag."""
        self.path = path
        self._reader = reader
        self.topics: Mapping[str, Topic] = _topics(reader.connections)

    @property
    def start_ns(self) -> int:
        """Time of the first message."""
        return self._reader.start_time

    @property
    def duration_ns(self) -> int:
        """Time from the first to the last message."""
        return max(self._reader.duration - 1, 0)

    def of_type(self, msgtype: str) -> list[Topic]:
        """Return the topics of one type that hold messages, by name."""
        found = (topic for topic in self.topics.values() if topic.msgtype == msgtype)
        return sorted((topic for topic in found if topic.count), key=lambda topic: topic.name)

    def require(self, name: str, msgtype: str | None = None) -> Topic:
        """Return a topic by name; InputError when the bag lacks it or its type is another."""
        if name not in self.topics:
            known = ', '.join(sorted(self.topics)) or 'none at all'
            raise InputError(f'{self.path}: has no topic {name}; it has {known}')
        topic = self.topics[name]
        if msgtype and topic.msgtype != msgtype:
            raise InputError(f'{self.path}: {name} is {topic.msgtype}, not {msgtype}')
        return topic

    def messages(self, names: Collection[str] | None = None) -> Iterator[BagMessage]:
        """
        Yield the messages of the named topics (all, when None) in the order of their time.

        Messages are read when they are asked for. Raises InputError where the bag is damaged.
        """
        wanted = [c for c in self._reader.connections if names is None or c.topic in names]
        if not wanted:
            return
        with _damage_reported(self.path):
            for connection, time_ns, data in self._reader.messages(wanted):
                yield BagMessage(connection.topic, connection.msgtype, data, time_ns)

    def images(self, name: str) -> Iterator[StampedImage]:
        """Yield the images of a sensor_msgs/Image topic."""
        return self._decoded(name, IMAGE_TYPE, read_image)

    def cameras(self, name: str) -> Iterator[StampedCamera]:
        """Yield the cameras of a sensor_msgs/CameraInfo topic."""
        return self._decoded(name, CAMERA_INFO_TYPE, read_camera_info)

    def _decoded(
        self, name: str, msgtype: str, decode: Callable[[bytes], Decoded]
    ) -> Iterator[Decoded]:
        self.require(name, msgtype)
        for message in self.messages([name]):
            try:
                yield decode(message.data)
            except InputError as error:
                raise InputError(f'{self.path}: {name}: {error}') from error


@contextmanager
def open_bag(path: str | os.PathLike[str]) -> Iterator[Bag]:
    """
    Open a rosbag2 folder, or a single .mcap or .db3 file.

    Raises InputError, with one sentence, when there is no bag or it cannot be read.
    """
    path = Path(path)
    with _damage_reported(path):
        _refuse_what_is_no_bag(path)
        reader = Reader(path)
        reader.open()
    try:
        yield Bag(path, reader)
    finally:
        reader.close()


def _refuse_what_is_no_bag(path: Path) -> None:
    if not path.exists():
        raise InputError(f'{path}: there is no such bag')
    if path.is_dir() and not (path / 'metadata.yaml').is_file():
        raise InputError(
            f'{path}: holds no metadata.yaml, so it is no finished rosbag2 folder; '
            'name the .mcap or .db3 file itself, or mend the folder with `ros2 bag reindex`'
        )
    if path.is_file() and path.suffix not in ('.mcap', '.db3'):
        raise InputError(f'{path}: is no rosbag2 folder and no .mcap or .db3 file')


@contextmanager
def _damage_reported(path: Path) -> Iterator[None]:
    """Turn whatever the reading of damaged bytes raises into one sentence."""
    try:
        yield
    except InputError:
        raise
    # Bytes that are not what they promise surface as nearly anything in a parser.
    except Exception as error:
        reason = ' '.join(str(error).split()) or type(error).__name__
        raise InputError(
            f'{path}: is damaged, cut off or no rosbag2 recording ({reason.rstrip(".")})'
        ) from error


def _topics(connections: Collection[Connection]) -> dict[str, Topic]:
    """Merge the connections of one name: several recorders may have written a topic."""
    merged: dict[str, Topic] = {}
    for connection in connections:
        before = merged.get(connection.topic)
        merged[connection.topic] = Topic(
            connection.topic,
            connection.msgtype,
            connection.msgcount + (before.count if before else 0),
            _is_latched(connection) or bool(before and before.latched),
        )
    return merged


def _is_latched(connection: Connection) -> bool:
    profiles = cast(ConnectionExtRosbag2, connection.ext).offered_qos_profiles
    return any(profile.durability is QosDurability.TRANSIENT_LOCAL for profile in profiles)
