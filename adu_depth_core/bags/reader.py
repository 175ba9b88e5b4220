# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Reading recordings of ROS 2 and ROS 1 (a folder, or one file of it) without ROS."""

import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

from adu_depth_core.bags.bag_files import files_of_bag, uncompressed
from adu_depth_core.bags.picture_messages import PICTURE_TYPES, read_picture
from adu_depth_core.bags.sqlite_rows import check_tables, has_journal, missing_end, with_journal
from adu_depth_core.bags.storage import BagMessage as BagMessage
from adu_depth_core.bags.storage import IndexedStorage, Storage, merged
from adu_depth_core.bags.storage import Topic as Topic
from adu_depth_core.bags.unindexed import UnindexedFile, reason
from adu_depth_core.bags.zstandard import unpack_file
from adu_depth_core.errors import InputError
from adu_depth_core.messages.stamped import StampedCamera, StampedImage, read_camera_info
from adu_depth_core.messages.types import CAMERA_INFO_TYPE, modern_type

LOOKED_AT = 10  # messages, to learn of what kind those of a topic are


class Bag:
    """
    An open bag, made by `open_bag`.

    Parameters
    ----------
    path : Path
        What was opened, for error messages.
    storages : sequence of Storage
        Its files.
    warnings : sequence of str
        What is known to be amiss.

    """

    def __init__(
        self, path: Path, storages: Sequence[Storage], warnings: Sequence[str] = ()
    ) -> None:
        """List the topics of the bag."""
        self.path = path
        self._storages = sorted(storages, key=lambda storage: storage.start_ns)
        self._warnings = list(warnings)
        self.topics: Mapping[str, Topic] = merged(
            topic for storage in self._storages for topic in storage.topics.values()
        )

    @property
    def warnings(self) -> Sequence[str]:
        """One sentence for each thing that is amiss; reading may find more."""
        return tuple(self._warnings)

    @property
    def start_ns(self) -> int:
        """Time of the first message."""
        return self._storages[0].start_ns

    @property
    def duration_ns(self) -> int:
        """Time from the first to the last message."""
        return max(max(storage.end_ns for storage in self._storages) - self.start_ns, 0)

    def of_type(self, msgtype: str) -> list[Topic]:
        """Return the topics of one type that hold messages, by name."""
        msgtype = modern_type(msgtype)
        found = (topic for topic in self.topics.values() if topic.msgtype == msgtype)
        return sorted((topic for topic in found if topic.count), key=lambda topic: topic.name)

    def require(self, name: str, msgtype: str | Collection[str] | None = None) -> Topic:
        """
        Return a topic by name.

        Raises InputError when the bag lacks it, or its type is not `msgtype` or one of these.
        """
        if name not in self.topics:
            known = ', '.join(sorted(self.topics)) or 'none at all'
            raise InputError(f'{self.path}: has no topic {name}; it has {known}')
        topic = self.topics[name]
        types = [msgtype] if isinstance(msgtype, str) else list(msgtype or ())
        if types and topic.msgtype not in map(modern_type, types):
            raise InputError(f'{self.path}: {name} is {topic.msgtype}, not {" or ".join(types)}')
        return topic

    def messages(
        self,
        names: Collection[str] | None = None,
        start_ns: int | None = None,
        stop_ns: int | None = None,
    ) -> Iterator[BagMessage]:
        """
        Yield the messages of the named topics (all, when None) in the order of their time.

        Messages are read when they are asked for: those from `start_ns` on and before
        `stop_ns`. Where a file is damaged it is left, with a sentence in `warnings`; InputError
        is raised when that leaves no message at all.
        """
        count, fault = 0, ''
        for storage in self._storages:
            try:
                for message in storage.messages(names, start_ns, stop_ns):
                    count += 1
                    yield message
            # Bytes that are not what they promise surface as nearly anything in a parser.
            except Exception as error:
                fault = storage.fault or reason(error)
                self._warn(_damage(storage.path, fault))
        if fault and not count:
            raise InputError(f'{self.path}: no message can be read ({fault})')

    def images(self, name: str) -> Iterator[StampedImage]:
        """Yield the images of a topic of sensor_msgs/Image or CompressedImage."""
        self.require(name, PICTURE_TYPES)
        for message in self.messages([name]):
            try:
                yield read_picture(message)
            except InputError as error:
                raise InputError(f'{self.path}: {error}') from error

    def first_image(self, name: str) -> StampedImage:
        """Return the first image of a topic; InputError when none of the first ten can be read."""
        fault = f'{name} has no messages'
        for message in islice(self.messages([name]), LOOKED_AT):
            try:
                return read_picture(message)
            except InputError as error:
                fault = str(error)
        raise InputError(f'{self.path}: {fault}')

    def cameras(self, name: str) -> Iterator[StampedCamera]:
        """Yield the cameras of a sensor_msgs/CameraInfo topic."""
        self.require(name, CAMERA_INFO_TYPE)
        for message in self.messages([name]):
            try:
                yield read_camera_info(message.data)
            except InputError as error:
                raise InputError(f'{self.path}: {name}: {error}') from error

    def _warn(self, sentence: str) -> None:
        if sentence not in self._warnings:
            self._warnings.append(sentence)


@contextmanager
def open_bag(path: str | os.PathLike[str]) -> Iterator[Bag]:
    """
    Open a rosbag2 folder, or a single .mcap, .db3 or ROS 1 .bag file, compressed or not.

    What is missing or damaged and leaves something to be read is told in `Bag.warnings`.

    Raises
    ------
    InputError
        With one sentence, when there is no bag or nothing of it can be read.

    """
    path = Path(path)
    files, warnings = files_of_bag(path)
    with ExitStack() as stack:
        storages: list[Storage] = []
        for file in files:
            storage = _storage(file, stack)
            stack.callback(storage.close)
            storages.append(storage)
            if storage.fault:
                warnings.append(_damage(file, storage.fault))
            warnings += [
                f'{file}: {topic} is left out, its messages are in {encoding or "no encoding"}; '
                'CDR and those of ROS 1 are read'
                for topic, encoding in sorted(storage.left_out.items())
            ]
        if not any(storage.topics for storage in storages) and warnings:
            faults = [storage.fault for storage in storages if storage.fault]
            why = f' ({faults[-1]})' if faults else f'; {warnings[-1]}'
            raise InputError(f'{path}: nothing of it can be read{why}')
        yield Bag(path, storages, warnings)


def _storage(file: Path, stack: ExitStack) -> Storage:
    """Open a file by its index where it has a whole one, else from its beginning."""
    plain = file
    if uncompressed(file) != file:
        folder = stack.enter_context(TemporaryDirectory(prefix='adu_depth_bag_'))
        plain = unpack_file(file, Path(folder))
    if plain.suffix == '.db3' and has_journal(plain):
        folder = stack.enter_context(TemporaryDirectory(prefix='adu_depth_bag_'))
        plain = with_journal(plain, Path(folder))
    if plain.suffix == '.db3':
        check_tables(plain)
    try:
        indexed = IndexedStorage(plain, file)
    # Bytes that are not what they promise surface as nearly anything in a parser.
    except Exception as error:
        unindexed = UnindexedFile(plain, file)
        # An mcap file may lack an index and be whole, one of the others may not.
        if plain.suffix != '.mcap':
            unindexed.fault = unindexed.fault or reason(error)
        return unindexed
    if indexed.has_index:
        if plain.suffix == '.db3':
            indexed.fault = missing_end(plain)
        return indexed
    indexed.close()
    return UnindexedFile(plain, file)


def _damage(file: Path, fault: str) -> str:
    return f'{file}: is damaged or cut off, what can be read of it is used ({fault})'
