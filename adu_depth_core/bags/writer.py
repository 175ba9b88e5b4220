# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Writing rosbag2 folders, whole or not at all, without ROS."""

import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from rosbags.interfaces import (
    Qos,
    QosDurability,
    QosHistory,
    QosLiveliness,
    QosReliability,
    QosTime,
)
from rosbags.rosbag2 import StoragePlugin, Writer

from adu_depth_core.atomic_files import told_unwritable
from adu_depth_core.atomic_folders import folder_written_whole
from adu_depth_core.bags import topics
from adu_depth_core.bags.sample_messages import (
    UNCOMPRESSED,
    BagFormat,
    Scan,
    sample_messages,
    scan_message,
)
from adu_depth_core.bags.transforms import transform_message
from adu_depth_core.errors import InputError
from adu_depth_core.messages.cdr import typestore
from adu_depth_core.messages.types import TF_TYPE, modern_type
from adu_depth_core.samples.sample import StereoSample

# The newest metadata that Humble reads too.
METADATA_VERSION: Literal[8] = 8
STORAGES = tuple(plugin.name.lower() for plugin in StoragePlugin)
FOREVER = QosTime(2_147_483_647, 4_294_967_295)
LATCHED = Qos(
    history=QosHistory.KEEP_LAST,
    depth=1,
    reliability=QosReliability.RELIABLE,
    durability=QosDurability.TRANSIENT_LOCAL,
    deadline=FOREVER,
    lifespan=FOREVER,
    liveliness=QosLiveliness.AUTOMATIC,
    liveliness_lease_duration=FOREVER,
    avoid_ros_namespace_conventions=False,
)


class BagWriter:
    """Writes serialised messages; a topic begins to exist with its first message."""

    def __init__(self, writer: Writer, path: Path) -> None:
        """Write through an open rosbags writer what is going to be the bag `path`."""
        self._writer, self._path = writer, path
        self._connections: dict[str, Any] = {}

    def write(
        self, topic: str, msgtype: str, data: bytes, time_ns: int, *, latched: bool = False
    ) -> None:
        """
        Append the CDR bytes of one message, received at `time_ns`.

        The first message of a topic decides whether a player publishes it `latched`.
        """
        with told_unwritable(self._path, sqlite3.Error):
            if topic not in self._connections:
                self._connections[topic] = self._writer.add_connection(
                    topic,
                    modern_type(msgtype),
                    typestore=typestore(),
                    offered_qos_profiles=[LATCHED] if latched else [],
                )
            self._writer.write(self._connections[topic], time_ns, data)


@contextmanager
def bag_writer(
    path: str | os.PathLike[str], *, storage: str = 'mcap', overwrite: bool = False
) -> Iterator[BagWriter]:
    """
    Write a bag in a temporary folder beside `path`; it takes its place when the block ends well.

    Parameters
    ----------
    path : path
        The folder that will be the bag.
    storage : 'mcap' or 'sqlite3'
        How messages are stored.
    overwrite : bool
        Replace a bag that is there.

    Raises
    ------
    InputError
        When `path` exists and may not be replaced, or cannot be written.

    """
    path = Path(os.path.abspath(path))
    check = partial(_refuse_to_replace, overwrite=overwrite)
    # The storage file is named after its folder, which has its final name already there.
    with folder_written_whole(path, check) as folder, ExitStack() as stack:
        writer = Writer(
            folder, version=METADATA_VERSION, storage_plugin=StoragePlugin[storage.upper()]
        )
        with told_unwritable(path, sqlite3.Error):
            stack.enter_context(writer)
        yield BagWriter(writer, path)
        with told_unwritable(path, sqlite3.Error):
            stack.close()  # what is last to be written


def write_bag(
    path: str | os.PathLike[str],
    samples: Iterable[StereoSample],
    *,
    storage: str = 'mcap',
    namespace: str = topics.DEFAULT_NAMESPACE,
    overwrite: bool = False,
    bag_format: BagFormat = UNCOMPRESSED,
    scan_of: Callable[[StereoSample], Scan | None] | None = None,
) -> int:
    """
    Write samples as a rosbag2 folder, whole or not at all.

    Parameters
    ----------
    path, storage, overwrite
        As for `bag_writer`.
    samples : iterable of StereoSample
        In the order of their stamps. What a sample lacks (right image, truth) is left out.
    namespace : str
        Where the topics of `adu_depth_core.bags.topics` begin.
    bag_format : BagFormat
        How images and truth are written.
    scan_of : callable, optional
        Gives the laser scan of a sample, where it has one.

    Returns
    -------
    Number of samples written.

    Raises
    ------
    InputError
        As for `bag_writer`, and when there are no samples, no scans although they are asked for,
        or stamps that do not increase.

    """
    count, latest_ns = 0, -1
    with bag_writer(path, storage=storage, overwrite=overwrite) as bag:
        scans = _Scans(bag, namespace)
        for sample in samples:
            if sample.stamp_ns <= latest_ns:
                raise InputError(
                    f'{sample.name}: its stamp {sample.stamp_ns} ns is not after that of the '
                    f'frame before, {latest_ns} ns; put each drive into a bag of its own'
                )
            for message in sample_messages(sample, namespace, bag_format):
                bag.write(*message, sample.stamp_ns)
            if scan_of is not None and (scan := scan_of(sample)) is not None:
                scans.write(scan, sample)
            count, latest_ns = count + 1, sample.stamp_ns
        if count == 0:
            raise InputError(f'{path}: there is no frame to write into this bag')
        if scan_of is not None and scans.count == 0:
            raise InputError(f'{path}: none of {count} frames has a laser scan; leave out --scans')
    return count


class _Scans:
    """Writes scans, and once where their scanner stands."""

    def __init__(self, bag: BagWriter, namespace: str) -> None:
        self._bag, self._namespace = bag, namespace
        self._known: NDArray[np.float64] | None = None
        self.count = 0

    def write(self, scan: Scan, sample: StereoSample) -> None:
        if self._known is None:
            self._known = scan.left_from_scanner
            data = transform_message(
                self._known,
                parent=topics.LEFT_FRAME,
                child=topics.SCANNER_FRAME,
                stamp_ns=sample.stamp_ns,
            )
            self._bag.write(topics.TF_STATIC, TF_TYPE, data, sample.stamp_ns, latched=True)
        if not np.array_equal(self._known, scan.left_from_scanner):
            raise InputError(
                f'{sample.name}: its scanner stands elsewhere than in the frames before; '
                'put each date into a bag of its own'
            )
        self._bag.write(*scan_message(scan, sample.stamp_ns, self._namespace), sample.stamp_ns)
        self.count += 1


def _refuse_to_replace(path: Path, *, overwrite: bool) -> None:
    if not path.exists():
        return
    if not overwrite:
        raise InputError(f'{path}: is there already; choose another name or replace it (--force)')
    if not (path / 'metadata.yaml').is_file():
        raise InputError(f'{path}: is there already and no rosbag2 folder, so it is not replaced')
