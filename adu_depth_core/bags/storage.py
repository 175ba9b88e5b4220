# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""One file of a bag: topics, how they were offered, messages by its index where it is whole."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple, Protocol, cast

from rosbags.interfaces import (
    Connection,
    ConnectionExtRosbag1,
    ConnectionExtRosbag2,
    Qos,
    QosDurability,
)
from rosbags.rosbag1 import Reader as Ros1Reader
from rosbags.rosbag2 import Reader as Ros2Reader
from rosbags.rosbag2 import metadata, storage_mcap, storage_sqlite3

from adu_depth_core.bags.ros1 import Ros1Converter
from adu_depth_core.bags.zstandard import decompressed
from adu_depth_core.messages.types import modern_type

strict_profiles = metadata.parse_qos
NEVER_NS = 2**63 - 1
SERIALISATIONS = ('cdr', 'ros1')


def offered_profiles(profiles: Any) -> list[Qos]:
    """Return offered_qos_profiles; none where they are written in a way that nobody knows."""
    try:
        return strict_profiles(profiles)
    # Partial, a mapping, a word: they surface as nearly anything.
    except Exception:
        return []


def is_latched(profiles: Sequence[Qos]) -> bool:
    """Tell whether a topic was offered to late subscribers, too."""
    return any(profile.durability is QosDurability.TRANSIENT_LOCAL for profile in profiles)


# The readers of rosbags refuse a whole file for it, and have no other place to say what is read.
for module in (storage_mcap, storage_sqlite3):
    vars(module)['parse_qos'] = offered_profiles


@dataclass(frozen=True)
class Topic:
    """
    A topic of a bag.

    `latched` tells whether it was published transient local: a late subscriber gets it too.
    `definition` is what the bag says of its type, as .msg or .idl; '' for nothing.
    """

    name: str
    msgtype: str
    count: int
    latched: bool
    definition: str = ''


class BagMessage(NamedTuple):
    """
    One message, and the time at which it was recorded.

    `data` is CDR and `msgtype` a name of ROS 2 (sensor_msgs/msg/Image), whatever the bag holds.
    """

    topic: str
    msgtype: str
    data: bytes
    time_ns: int


class RecordedMessage(NamedTuple):
    """A message, and what its file says of its topic: see `Topic`."""

    message: BagMessage
    latched: bool
    definition: str


class LeftOut(NamedTuple):
    """A topic whose messages are in an encoding that is not read, such as json."""

    topic: str
    encoding: str


class Storage(Protocol):
    """
    An open file of a bag.

    `start_ns` is the time of its first message (`NEVER_NS` without any), `end_ns` that of its
    last; `fault` says what of it cannot be read, '' for nothing; `left_out` are topics of an
    encoding that is not read, with that encoding.
    """

    path: Path
    topics: Mapping[str, Topic]
    start_ns: int
    end_ns: int
    fault: str
    left_out: dict[str, str]

    def messages(
        self, names: Collection[str] | None, start_ns: int | None, stop_ns: int | None
    ) -> Iterator[BagMessage]:
        """Yield messages from `start_ns` on and before `stop_ns`; may raise anything."""

    def close(self) -> None:
        """Let go of the file."""


class IndexedStorage:
    """
    A whole file of ROS 2 (.mcap, .db3), or of ROS 1 (.bag).

    Whatever rosbags raises where it is damaged is passed on.

    Parameters
    ----------
    file : Path
        What is read.
    path : Path
        What it is called in messages: `file`, or that before it was decompressed.

    """

    def __init__(self, file: Path, path: Path) -> None:
        is_ros1 = file.suffix == '.bag'
        reader = Ros1Reader(file) if is_ros1 else Ros2Reader(file)
        reader.open()
        self.path = path
        self._reader = reader
        kinds = {c.id: _serialisation(c) for c in reader.connections}
        self._connections = [c for c in reader.connections if kinds[c.id] in SERIALISATIONS]
        self._ros1 = {number for number, kind in kinds.items() if kind == 'ros1'}
        self._converter = Ros1Converter(
            _definition(c) for c in self._connections if c.id in self._ros1
        )
        self.fault = ''
        self.left_out = {
            c.topic: kinds[c.id] for c in reader.connections if kinds[c.id] not in SERIALISATIONS
        }
        self.topics: Mapping[str, Topic] = merged(map(_topic, self._connections))
        self.start_ns = reader.start_time
        self.end_ns = max(reader.end_time - 1, 0)

    @property
    def has_index(self) -> bool:
        """Tell whether its messages come in order: an mcap file can be without chunks."""
        chunks = getattr(getattr(self._reader, 'storage', None), 'chunks', True)
        return bool(chunks) or not any(topic.count for topic in self.topics.values())

    def messages(
        self, names: Collection[str] | None, start_ns: int | None, stop_ns: int | None
    ) -> Iterator[BagMessage]:
        """Yield messages in the order of their time."""
        wanted = [c for c in self._connections if names is None or c.topic in names]
        if not wanted:
            return
        for connection, time_ns, data in self._reader.messages(wanted, start_ns, stop_ns):
            msgtype = modern_type(connection.msgtype)
            if connection.id in self._ros1:
                data = self._converter.cdr(data, msgtype)
            else:
                data = decompressed(data)
            yield BagMessage(connection.topic, msgtype, data, time_ns)

    def close(self) -> None:
        """Let go of the file."""
        self._reader.close()


def merged(topics: Iterable[Topic]) -> dict[str, Topic]:
    """Add up the topics of one name: several recorders, or files, may have written it."""
    result: dict[str, Topic] = {}
    for topic in topics:
        before = result.get(topic.name, topic)
        count = topic.count + (before.count if topic.name in result else 0)
        latched = topic.latched or before.latched
        definition = topic.definition or before.definition
        result[topic.name] = replace(topic, count=count, latched=latched, definition=definition)
    return result


def _topic(connection: Connection) -> Topic:
    return Topic(
        connection.topic,
        modern_type(connection.msgtype),
        connection.msgcount,
        _is_latched(connection),
        connection.msgdef.data,
    )


def _definition(connection: Connection) -> tuple[str, str]:
    return modern_type(connection.msgtype), connection.msgdef.data


def _serialisation(connection: Connection) -> str:
    if isinstance(connection.ext, ConnectionExtRosbag1):
        return 'ros1'
    return connection.ext.serialization_format


def _is_latched(connection: Connection) -> bool:
    if isinstance(connection.ext, ConnectionExtRosbag1):
        return bool(connection.ext.latching)
    return is_latched(cast(ConnectionExtRosbag2, connection.ext).offered_qos_profiles)
