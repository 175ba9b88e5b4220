# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The pairs of a stereo camera in a bag, one after another, as samples."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

from adu_depth_core.bags.bag_part import BagPart, first_calibration
from adu_depth_core.bags.camera_topics import camera_info_topic
from adu_depth_core.bags.picture_messages import read_picture, rgb_of_topic
from adu_depth_core.bags.reader import Bag, BagMessage
from adu_depth_core.bags.synchroniser import UNSTAMPED_SLOP_NS
from adu_depth_core.bags.topics import base_topic, right_topic
from adu_depth_core.errors import InputError
from adu_depth_core.messages.camera_info import ImageCalibration, stereo_rig
from adu_depth_core.messages.rectifying import AS_SAID, Rectifying
from adu_depth_core.messages.stamped import header_stamp_ns, read_camera_info
from adu_depth_core.messages.types import CAMERA_INFO_TYPE, COMPRESSED_IMAGE_TYPE, IMAGE_TYPE
from adu_depth_core.samples.live_synchroniser import (
    MAX_WAITING_PAIRS,
    LiveSynchroniser,
    Together,
)
from adu_depth_core.samples.sample import Image, StereoSample
from adu_depth_core.samples.sample_frames import LazySample


class ImageTopics(NamedTuple):
    """Topics of the left and of the right image."""

    left: str
    right: str


@dataclass(frozen=True)
class StereoTopics:
    """Topics of a rectified pair: images, and the camera_info of each."""

    left: str
    right: str
    left_info: str
    right_info: str

    @property
    def infos(self) -> tuple[str, str]:
        """The topics of the calibrations, left and right."""
        return self.left_info, self.right_info


def find_stereo_topics(
    bag: Bag,
    left: str | None = None,
    right: str | None = None,
    *,
    left_info: str | None = None,
    right_info: str | None = None,
) -> StereoTopics:
    """
    Choose the topics of one stereo camera; what is given stands, the rest is found.

    Two image topics are a pair where "left" in the name of one is "right" in that of the other,
    or infra1 infra2.
    Of several, a rectified one goes before one that is not, and an uncompressed one before it
    compressed. Calibrations are looked for beside the images, see `camera_info_names`.

    Raises
    ------
    InputError
        When there is no pair, it is not clear which one is meant, or a calibration is missing.

    """
    if left is None or right is None:
        found = _pairs(bag, left, right)
        if len(found) != 1:
            raise InputError(_which_pair(bag, found))
        left, right = found[0]
    for name in (left, right):
        if bag.require(name).msgtype not in (IMAGE_TYPE, COMPRESSED_IMAGE_TYPE):
            raise InputError(f'{bag.path}: {name} is {bag.topics[name].msgtype}, no image')
    left_info = left_info or camera_info_topic(bag, left, '--left-info')
    right_info = right_info or camera_info_topic(bag, right, '--right-info')
    for name in (left_info, right_info):
        bag.require(name, CAMERA_INFO_TYPE)
    return StereoTopics(left, right, left_info, right_info)


def _pairs(bag: Bag, left: str | None, right: str | None) -> list[ImageTopics]:
    """Find what could be meant, the best of each camera alone."""
    images = {t.name for t in (*bag.of_type(IMAGE_TYPE), *bag.of_type(COMPRESSED_IMAGE_TYPE))}
    pairs = [
        ImageTopics(name, partner)
        for name in sorted(images)
        if (partner := right_topic(name)) in images
        if left in (None, name) and right in (None, partner)
    ]
    best: dict[str, ImageTopics] = {}
    for pair in sorted(pairs, key=_rank):
        camera = re.sub('image[^/]*$', '', base_topic(pair.left))
        best.setdefault(camera, pair)
    return list(best.values())


def _rank(pair: ImageTopics) -> tuple[bool, bool, str]:
    base = base_topic(pair.left)
    return 'rect' not in base.rpartition('/')[2], base != pair.left, pair.left


def _which_pair(bag: Bag, found: list[ImageTopics]) -> str:
    if not found:
        return (
            f'{bag.path}: holds no pair of image topics named left and right; say --left-topic '
            'and --right-topic'
        )
    pairs = ', '.join(f'{pair.left} with {pair.right}' for pair in found)
    return f'{bag.path}: which stereo camera is meant, {pairs}? Say --left-topic'


class BagPairs:
    """
    The pairs of a part of a bag, in the order of their stamps, read as they are asked for.

    Parameters
    ----------
    bag : Bag
        Open as long as the pairs are read.
    topics : StereoTopics
    share : (int, int)
        `(i, n)` for the i-th of n equally long parts, counted from 0. A pair belongs to the
        part in which its left image was recorded.
    slop_ns : int
        By how much the stamps of a pair may differ.
    rectifying : Rectifying
        Which images are raw, and what is made of them.

    Attributes
    ----------
    unmatched : int
        Images of the part without a partner.
    repeated : int
        Pairs left out since one of that stamp came before: a recording of a bag played in a loop.
    unstamped : int
        Images whose stamp is zero: the time of recording stands in for it, in pairs as far apart
        as `synchroniser.UNSTAMPED_SLOP_NS`.

    """

    def __init__(
        self,
        bag: Bag,
        topics: StereoTopics,
        share: tuple[int, int] = (0, 1),
        slop_ns: int = 0,
        rectifying: Rectifying = AS_SAID,
    ) -> None:
        self._rectifying = rectifying
        self.unmatched = self.repeated = self.unstamped = 0
        self._bag, self._topics, self._slop_ns = bag, topics, slop_ns
        self._part = BagPart(bag, share)
        # A calibration may be sent but once, long before our part.
        self._calibrations = [first_calibration(bag, name, 'pair') for name in topics.infos]

    def __len__(self) -> int:
        """Return about how many pairs there are."""
        return self._part.expected_count(self._topics.left)

    def __iter__(self) -> Iterator[LazySample]:
        """Yield the pairs of the part; reading one raises InputError where it is spoilt."""
        self.repeated = self.unstamped = 0
        stamped = self._synchroniser(self._slop_ns)
        timed = self._synchroniser(max(self._slop_ns, UNSTAMPED_SLOP_NS))
        known: set[int] = set()
        calibrations = dict(zip(self._topics.infos, self._calibrations, strict=True))
        for message in self._messages():
            if message.topic in calibrations:
                calibrations[message.topic] = message
                continue
            try:
                stamp_ns = header_stamp_ns(message.data)
            except InputError as error:
                yield LazySample(
                    f'{self._bag.path.stem}/unknown', partial(_refuse, message, error)
                )
                continue
            self.unstamped += not stamp_ns
            synchroniser = stamped if stamp_ns else timed
            pair = synchroniser.add(message.topic, stamp_ns or message.time_ns, message)
            if pair is None or pair.leader.time_ns not in self._part:
                continue
            if pair.stamp_ns in known:
                self.repeated += 1
            else:
                known.add(pair.stamp_ns)
                name = f'{self._bag.path.stem}/{pair.stamp_ns:019d}'
                infos = [calibrations[topic] for topic in self._topics.infos]
                yield LazySample(name, partial(self._sample, name, pair, infos))
        self.unmatched = stamped.unmatched + timed.unmatched

    def _messages(self) -> Iterator[BagMessage]:
        names = (self._topics.left, self._topics.right, *self._topics.infos)
        return self._part.messages(names)

    def _synchroniser(self, slop_ns: int) -> LiveSynchroniser[BagMessage]:
        left, right = self._topics.left, self._topics.right
        return LiveSynchroniser(left, [right], slop_ns=slop_ns, max_waiting=MAX_WAITING_PAIRS)

    def _sample(
        self, name: str, pair: Together[BagMessage], infos: Sequence[BagMessage]
    ) -> StereoSample:
        messages = pair.leader, pair.items[self._topics.right]
        (left, of_left), (right, of_right) = (
            _rectified(message, info, self._rectifying)
            for message, info in zip(messages, infos, strict=True)
        )
        rig = stereo_rig(of_left, of_right)
        return StereoSample(name, pair.stamp_ns, left, rig.left, right=right, rig=rig)


def _refuse(message: BagMessage, error: InputError) -> StereoSample:
    raise InputError(f'{message.topic}: {error}') from error


def _rectified(
    message: BagMessage, info: BagMessage, rectifying: Rectifying
) -> tuple[Image, ImageCalibration]:
    image = rgb_of_topic(read_picture(message), message.topic)
    try:
        calibration = read_camera_info(info.data).calibration
        image, calibration = rectifying.applied(image, calibration, message.topic)
    except InputError as error:
        raise InputError(f'{info.topic}: {error}') from error
    return image, ImageCalibration(calibration, info.topic, image.shape[1], image.shape[0])
