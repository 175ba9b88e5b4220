# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What a node published while a recording was played to it."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from adu_depth_core.bags import open_bag, to_depth_m
from adu_depth_core.bags.camera_topics import CameraTopics
from adu_depth_core.bags.reader import Bag
from adu_depth_core.bags.topics import base_topic
from adu_depth_core.errors import InputError
from adu_depth_core.evaluation.bags.bag_frames import BagFrame
from adu_depth_core.evaluation.bags.depth_bag import DepthTopics
from adu_depth_core.evaluation.frame_loop import TimedPrediction
from adu_depth_core.inference.predictor import Prediction
from adu_depth_core.messages.stamped import header_stamp_ns, read_image
from adu_depth_core.messages.types import COMPRESSED_IMAGE_TYPE
from adu_depth_core.samples.sample import Depth

Times = Mapping[int, int]
Messages = Mapping[str, bytes]
MAX_WAITING = 64


@dataclass(frozen=True)
class PlayedBag:
    """
    What is played.

    Attributes
    ----------
    path : Path
        Of the bag.
    topics : CameraTopics
        Of its camera.
    frames : int
        How many images of it.
    duration_ns : int, optional
        After the first message; None plays to the end.
    is_compressed : bool
        Whether the images are CompressedImage.
    image_size : (int, int), optional
        Width and height in px of the first image that can be read; None where none can.

    """

    path: Path
    topics: CameraTopics
    frames: int
    duration_ns: int | None
    is_compressed: bool = False
    image_size: tuple[int, int] | None = None

    @classmethod
    def first_frames(cls, path: Path, topics: CameraTopics, limit: int | None) -> 'PlayedBag':
        """Take the first `limit` frames of a bag, or all."""
        with open_bag(path) as bag:
            topic = bag.topics[topics.image]
            compressed = topic.msgtype == COMPRESSED_IMAGE_TYPE
            if compressed and base_topic(topic.name) == topic.name:
                raise InputError(
                    f'{path}: {topic.name} is compressed and not named …/compressed, as nodes '
                    'expect it; play it under another name'
                )
            size = _image_size(bag, topics.image)
            if limit is None or topic.count <= limit:
                return cls(path, topics, topic.count, None, compressed, size)
            frames, first_ns = 0, None
            for message in bag.messages([topics.image, topics.camera_info]):
                first_ns = message.time_ns if first_ns is None else first_ns
                frames += message.topic == topics.image
                if frames == limit:
                    end_ns = message.time_ns - first_ns
                    return cls(path, topics, limit, end_ns, compressed, size)
        return cls(path, topics, frames, None, compressed, size)


def _image_size(bag: Bag, topic: str) -> tuple[int, int] | None:
    with suppress(InputError):
        height, width = bag.first_image(topic).pixels.shape[:2]
        return width, height
    return None


@dataclass(frozen=True)
class Playback:
    """
    What came of playing a recording to a node.

    Attributes
    ----------
    published : Path
        Bag of what the node published, its time that of receipt.
    topics : DepthTopics
        Names in that bag.
    sent_ns : mapping
        {header stamp: wall time of publishing} of the images played, in nanoseconds.
    received_ns : mapping
        For each topic the same of receipt. Of stamps that were played again, the first counts.

    """

    published: Path
    topics: DepthTopics
    sent_ns: Times
    received_ns: Mapping[str, Times]

    @classmethod
    def read(cls, published: Path, topics: DepthTopics, sent_ns: Times) -> 'Playback':
        """Look up when everything was received."""
        with open_bag(published) as bag:
            return cls(published, topics, sent_ns, receipt_times(bag, topics.all()))

    @property
    def frames_out(self) -> int:
        """Images played of which depth came out."""
        return len(set(self.sent_ns) & set(self.received_ns[self.topics.depth]))

    @property
    def incomplete(self) -> int:
        """Count the stamps that some of the four topics have and others have not."""
        return len(incomplete_stamps(self.received_ns))

    def latency_ms(self, stamp_ns: int) -> float | None:
        """Return the time from publishing an image to the receipt of its depth."""
        received_ns = self.received_ns[self.topics.depth].get(stamp_ns)
        if received_ns is None or stamp_ns not in self.sent_ns:
            return None
        return (received_ns - self.sent_ns[stamp_ns]) / 1e6


class Player(Protocol):
    """Who plays a recording to a node and collects its answers."""

    def __call__(
        self, recording: PlayedBag, output: Path, settings: Mapping[str, str | float]
    ) -> Playback:
        """
        Play it; logs and the bag `published` go to the folder `output`.

        `settings` are parameters of the node, as `model` and `runtime`.
        """


class PublishedAnswers:
    """
    Looks up what was published for a frame; frames must come in the order of their stamps.

    Made by `answers_of`.
    """

    def __init__(self, playback: Playback, messages: Iterator[tuple[int, Messages]]) -> None:
        self._playback, self._messages = playback, messages
        self._next = next(messages, None)

    def __call__(self, frame: BagFrame) -> TimedPrediction | None:
        """Return depth and std of that stamp, None where one of them was not published."""
        while self._next is not None and self._next[0] < frame.stamp_ns:
            self._next = next(self._messages, None)
        if self._next is None or self._next[0] != frame.stamp_ns:
            return None
        topics, messages = self._playback.topics, self._next[1]
        prediction = Prediction(depth_of(messages[topics.depth]), depth_of(messages[topics.std]))
        return TimedPrediction(prediction, self._playback.latency_ms(frame.stamp_ns))


@contextmanager
def answers_of(playback: Playback) -> Iterator[PublishedAnswers]:
    """Open what was published."""
    with open_bag(playback.published) as bag:
        topics = playback.topics
        yield PublishedAnswers(playback, complete_stamps(bag, [topics.depth, topics.std]))


def receipt_times(bag: Bag, names: Collection[str]) -> dict[str, dict[int, int]]:
    """Return {topic: {header stamp: time of recording}}, both in nanoseconds."""
    times: dict[str, dict[int, int]] = {name: {} for name in names}
    for message in bag.messages(names):
        times[message.topic].setdefault(header_stamp_ns(message.data), message.time_ns)
    return times


def incomplete_stamps(times: Mapping[str, Times]) -> list[int]:
    """Return the stamps that some of the topics have and others have not, in order."""
    topics = times.values()
    seen = {stamp for of_topic in topics for stamp in of_topic}
    return sorted(stamp for stamp in seen if not all(stamp in of_topic for of_topic in topics))


def depth_of(data: bytes) -> Depth:
    """Return metric depth, (H, W) float32, of a serialised Image."""
    image = read_image(data)
    return to_depth_m(image.pixels, image.encoding)


def complete_stamps(bag: Bag, names: Collection[str]) -> Iterator[tuple[int, Messages]]:
    """
    Yield (stamp_ns, {topic: CDR bytes}) for every stamp of which each topic has a message.

    Stamps are taken to increase: what is incomplete when a later stamp is complete is let go, and
    so is the earliest of more than `MAX_WAITING` stamps.
    """
    pending: dict[int, dict[str, bytes]] = {}
    for message in bag.messages(names):
        stamp_ns = header_stamp_ns(message.data)
        group = pending.setdefault(stamp_ns, {})
        group[message.topic] = message.data
        if len(group) == len(set(names)):
            yield stamp_ns, group
            pending = {later: kept for later, kept in pending.items() if later > stamp_ns}
        elif len(pending) > MAX_WAITING:
            del pending[min(pending)]
