# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Writing rosbag2 folders, whole or not at all, without ROS."""

import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Literal, NamedTuple

from rosbags.rosbag2 import StoragePlugin, Writer

from adu_depth_core.data.bags import topics
from adu_depth_core.data.bags.messages import camera_info_message, image_message, typestore
from adu_depth_core.data.sample import StereoSample
from adu_depth_core.errors import InputError

# The newest metadata that Humble reads too.
METADATA_VERSION: Literal[8] = 8
STORAGES = tuple(plugin.name.lower() for plugin in StoragePlugin)


class BagWriter:
    """Writes serialised messages; a topic begins to exist with its first message."""

    def __init__(self, writer: Writer) -> None:
        """Write through an open rosbags writer."""
        self._writer = writer
        self._connections: dict[str, Any] = {}

    def write(self, topic: str, msgtype: str, data: bytes, time_ns: int) -> None:
        """Append the CDR bytes of one message, received at `time_ns`."""
        if topic not in self._connections:
            self._connections[topic] = self._writer.add_connection(
                topic, msgtype, typestore=typestore()
            )
        try:
            self._writer.write(self._connections[topic], time_ns, data)
        except OSError as error:
            raise InputError(f'{self._writer.path}: cannot be written ({error})') from error


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
    with _folder_written_whole(Path(path), overwrite=overwrite) as folder:
        plugin = StoragePlugin[storage.upper()]
        with Writer(folder, version=METADATA_VERSION, storage_plugin=plugin) as writer:
            yield BagWriter(writer)


def write_bag(
    path: str | os.PathLike[str],
    samples: Iterable[StereoSample],
    *,
    storage: str = 'mcap',
    namespace: str = topics.DEFAULT_NAMESPACE,
    overwrite: bool = False,
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
        Where the topics of `adu_depth_core.data.bags.topics` begin.

    Returns
    -------
    Number of samples written.

    Raises
    ------
    InputError
        As for `bag_writer`, and when there are no samples or stamps do not increase.

    """
    count, latest_ns = 0, -1
    with bag_writer(path, storage=storage, overwrite=overwrite) as bag:
        for sample in samples:
            if sample.stamp_ns <= latest_ns:
                raise InputError(
                    f'{sample.name}: its stamp {sample.stamp_ns} ns is not after that of the '
                    f'frame before, {latest_ns} ns; put each drive into a bag of its own'
                )
            for message in sample_messages(sample, namespace):
                bag.write(*message, sample.stamp_ns)
            count, latest_ns = count + 1, sample.stamp_ns
        if count == 0:
            raise InputError(f'{path}: there is no frame to write into this bag')
    return count


class TopicMessage(NamedTuple):
    """One serialised message for a topic."""

    topic: str
    msgtype: str
    data: bytes


def sample_messages(
    sample: StereoSample, namespace: str = topics.DEFAULT_NAMESPACE
) -> Iterator[TopicMessage]:
    """Yield the messages of one sample, each camera_info before its image."""
    for name, data in _named_messages(sample):
        is_info = name.endswith('camera_info')
        msgtype = topics.CAMERA_INFO_TYPE if is_info else topics.IMAGE_TYPE
        yield TopicMessage(topics.in_namespace(namespace, name), msgtype, data)


def _named_messages(sample: StereoSample) -> Iterator[tuple[str, bytes]]:
    info = partial(camera_info_message, stamp_ns=sample.stamp_ns)
    image = partial(image_message, stamp_ns=sample.stamp_ns)
    left_info = info(sample.camera, frame_id=topics.LEFT_FRAME)
    yield topics.LEFT_INFO, left_info
    yield topics.LEFT_IMAGE, image(sample.left, encoding='rgb8', frame_id=topics.LEFT_FRAME)
    if sample.right is not None and sample.rig is not None:
        right, rig, frame_id = sample.right, sample.rig, topics.RIGHT_FRAME
        yield topics.RIGHT_INFO, info(rig.right, frame_id=frame_id, baseline_m=rig.baseline_m)
        yield topics.RIGHT_IMAGE, image(right, encoding='rgb8', frame_id=frame_id)
    if sample.depth_m is not None:
        yield topics.TRUTH_INFO, left_info
        depth = image(sample.depth_m, encoding='32FC1', frame_id=topics.LEFT_FRAME)
        yield topics.TRUTH_DEPTH, depth


@contextmanager
def _folder_written_whole(path: Path, *, overwrite: bool) -> Iterator[Path]:
    """Give a folder to be created that replaces `path` on success and goes on error."""
    path = Path(os.path.abspath(path))
    _refuse_to_replace(path, overwrite=overwrite)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(dir=path.parent, prefix='.part-'))
    except OSError as error:
        raise InputError(f'{path}: cannot be written ({error.strerror})') from error
    try:
        # The storage file is named after its folder, hence the final name already here.
        yield temporary / path.name
        _refuse_to_replace(path, overwrite=overwrite)
        if path.exists():
            path.rename(temporary / 'replaced')
        (temporary / path.name).rename(path)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _refuse_to_replace(path: Path, *, overwrite: bool) -> None:
    if not path.exists():
        return
    if not overwrite:
        raise InputError(f'{path}: is there already; choose another name or replace it (--force)')
    if not (path / 'metadata.yaml').is_file():
        raise InputError(f'{path}: is there already and no rosbag2 folder, so it is not replaced')
