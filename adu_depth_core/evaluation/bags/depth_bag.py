# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The depth topics of a node, and a copy of a recording with predicted depth in them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from adu_depth_core.bags.reader import Bag, BagMessage, Topic
from adu_depth_core.bags.writer import BagWriter, bag_writer
from adu_depth_core.errors import InputError
from adu_depth_core.evaluation.bags.bag_frames import BagFrame
from adu_depth_core.inference.predictor import Prediction
from adu_depth_core.messages.definitions import has_known_fields, is_known
from adu_depth_core.messages.stamped import camera_info_message, image_message
from adu_depth_core.messages.types import CAMERA_INFO_TYPE, IMAGE_TYPE


@dataclass(frozen=True)
class DepthTopics:
    """The topics that a depth node publishes."""

    depth: str
    depth_info: str
    std: str
    std_info: str

    @classmethod
    def in_namespace(cls, namespace: str) -> 'DepthTopics':
        """Return the names of a node in `namespace` ('' or '/name')."""
        names = ('depth/image_rect', 'depth/camera_info')
        std_names = ('depth_std/image_rect', 'depth_std/camera_info')
        return cls(*(f'{namespace}/{name}' for name in (*names, *std_names)))

    def all(self) -> tuple[str, str, str, str]:
        """Return the four names."""
        return self.depth, self.depth_info, self.std, self.std_info


class DepthBag:
    """
    Writes what passes through an evaluation. Made by `depth_bag`.

    Attributes
    ----------
    left_out : mapping
        Topics that are not copied, and why.

    """

    def __init__(self, writer: BagWriter, recorded: Bag, topics: DepthTopics) -> None:
        self._writer, self._recorded, self._topics = writer, recorded, topics
        reasons = {topic.name: _unreadable(topic) for topic in recorded.topics.values()}
        self.left_out = {name: reason for name, reason in reasons.items() if reason}
        clash = sorted(set(topics.all()) & set(recorded.topics))
        if clash:
            raise InputError(
                f'{recorded.path}: has a topic {clash[0]} already; '
                'choose another --output-namespace'
            )

    @property
    def warnings(self) -> list[str]:
        """One sentence for each topic that is left out."""
        return [f'{topic}: not copied, {why}' for topic, why in sorted(self.left_out.items())]

    def copy(self, message: BagMessage) -> None:
        """Copy a message of the recording."""
        if message.topic not in self.left_out:
            latched = self._recorded.topics[message.topic].latched
            self._writer.write(*message, latched=latched)

    def add(self, frame: BagFrame, prediction: Prediction) -> None:
        """Add the four messages that a node would publish for a frame."""
        topics, stamp_ns, frame_id = self._topics, frame.stamp_ns, frame.frame_id
        info = camera_info_message(frame.camera, stamp_ns=stamp_ns, frame_id=frame_id)
        for info_topic, topic, values in (
            (topics.depth_info, topics.depth, prediction.depth_m),
            (topics.std_info, topics.std, prediction.std_m),
        ):
            self._writer.write(info_topic, CAMERA_INFO_TYPE, info, frame.time_ns)
            image = image_message(values, encoding='32FC1', stamp_ns=stamp_ns, frame_id=frame_id)
            self._writer.write(topic, IMAGE_TYPE, image, frame.time_ns)


def _unreadable(topic: Topic) -> str:
    """Say why nobody could read the messages of a topic in a bag of ours; '' if all can."""
    if not is_known(topic.msgtype):
        return f'messages of {topic.msgtype} cannot be read here'
    if not has_known_fields(topic.msgtype, topic.definition):
        return f'the recording has {topic.msgtype} with other fields than ROS 2 Humble'
    return ''


@contextmanager
def depth_bag(
    path: Path, recorded: Bag, topics: DepthTopics, *, storage: str, overwrite: bool
) -> Iterator[DepthBag]:
    """
    Write such a bag, whole or not at all.

    Raises InputError when `path` cannot be written, or the recording has one of the topics.
    """
    source = recorded.path.resolve()
    if path.resolve() in (source, *source.parents):
        raise InputError(f'{path}: is the recording itself or around it; choose another name')
    with bag_writer(path, storage=storage, overwrite=overwrite) as writer:
        yield DepthBag(writer, recorded, topics)
