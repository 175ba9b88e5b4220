# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The images of a bag with what another sensor of the robot says of them, as samples."""

from collections.abc import Iterator, Mapping
from functools import partial
from itertools import chain
from typing import Any

from adu_depth_core.bags.bag_part import MARGIN_NS, BagPart, first_calibration
from adu_depth_core.bags.picture_messages import read_picture, rgb_of_topic
from adu_depth_core.bags.reader import Bag, BagMessage
from adu_depth_core.bags.sensor_topics import SensorTopics
from adu_depth_core.bags.synchroniser import UNSTAMPED_SLOP_NS, Group, Stamped, synchronised
from adu_depth_core.errors import InputError
from adu_depth_core.inference.sensor_teachers import SensorTeacher, Word, asked, with_word
from adu_depth_core.messages.camera_info import Calibration, ImageCalibration, stereo_rig
from adu_depth_core.messages.cdr import deserialised
from adu_depth_core.messages.rectifying import AS_SAID, Rectifying
from adu_depth_core.messages.stamped import StampedImage, header_stamp_ns, read_camera_info
from adu_depth_core.samples.raw_image import Rectification
from adu_depth_core.samples.sample import StereoSample
from adu_depth_core.samples.sample_frames import LazySample

# A sensor that begins so much later than the camera is stamped by another clock.
ANOTHER_CLOCK_S = 3600.0


class BagSensors:
    """
    The images of a part of a bag that a sensor explains, read as they are asked for.

    Parameters
    ----------
    bag : Bag
        Open as long as they are read.
    topics : SensorTopics
    teacher : SensorTeacher
        Knows the roles of `topics.said`.
    share : (int, int)
        `(i, n)` for the i-th of n equally long parts, counted from 0. An image belongs to the
        part in which it was recorded.
    slop_ns : int
        By how much the stamp of what the sensor says may differ from that of the image.
    rectifying : Rectifying
        Which images are raw: those are rectified, and a raw depth image with them.

    Attributes
    ----------
    unmatched : int
        Images of the part of which the sensor said nothing.
    repeated : int
        Images left out since one of that stamp came before: a recording of a bag played in a loop.
    unstamped : int
        Images whose stamp is zero: times of recording stand in for it, and `UNSTAMPED_SLOP_NS`
        for a smaller slop.

    """

    def __init__(
        self,
        bag: Bag,
        topics: SensorTopics,
        teacher: SensorTeacher,
        share: tuple[int, int] = (0, 1),
        slop_ns: int = 0,
        rectifying: Rectifying = AS_SAID,
    ) -> None:
        self.unmatched = self.repeated = self.unstamped = 0
        self._bag, self._topics, self._teacher, self._slop_ns = bag, topics, teacher, slop_ns
        self._rectifying = rectifying
        self._part = BagPart(bag, share)
        # A calibration may be sent but once, long before our part.
        infos = filter(None, (topics.left_info, topics.right_info))
        self._infos = [first_calibration(bag, name, 'camera') for name in infos]

    def __len__(self) -> int:
        """Return about how many there are."""
        return self._part.expected_count(self._topics.left)

    def __iter__(self) -> Iterator[LazySample]:
        """
        Yield the explained images of the part; reading one raises InputError where it is spoilt.

        Raises
        ------
        InputError
            At the end, where the sensor had nothing for any of the images.

        """
        self.unmatched = self.repeated = self.unstamped = 0
        known: set[int] = set()
        messages = chain(self._infos, self._messages())
        stamped = (Stamped(_stamp_ns(message) or message.time_ns, message) for message in messages)
        for group in synchronised(
            stamped, self._topics.left, self._tolerances(), patience_ns=MARGIN_NS
        ):
            if group.leader.message.time_ns not in self._part:
                continue
            self.unstamped += not _stamp_ns(group.leader.message)
            if not set(self._topics.said.values()) <= group.matched.keys():
                self.unmatched += 1
            elif group.leader.stamp_ns in known:
                self.repeated += 1
            else:
                known.add(group.leader.stamp_ns)
                name = f'{self._bag.path.stem}/{group.leader.stamp_ns:019d}'
                yield LazySample(name, partial(self._sample, name, group))
        if self.unmatched and not known:
            said = ', '.join(self._topics.said.values())
            apart_s = self._apart_s()
            advice = (
                f'they are {apart_s:.0f} s apart: stamp both with one clock'
                if apart_s > ANOTHER_CLOCK_S
                else 'allow more with --slop'
            )
            raise InputError(
                f'{self._bag.path}: none of {self.unmatched} images of {self._topics.left} has a '
                f'message of {said} within {self._slop_ns / 1e9:g} s; {advice}'
            )

    def _apart_s(self) -> float:
        """Return the longest time between the first stamps; 0 where a topic has no message."""
        topics = (self._topics.left, *self._topics.said.values())
        firsts = [next(self._bag.messages([topic]), None) for topic in topics]
        times_ns = [_stamp_ns(first) or first.time_ns for first in firsts if first is not None]
        return (max(times_ns) - min(times_ns)) / 1e9

    def _tolerances(self) -> Mapping[str, int | None]:
        first = next(self._bag.messages([self._topics.left]), None)
        is_stamped = first is None or _stamp_ns(first)
        slop_ns = self._slop_ns if is_stamped else max(self._slop_ns, UNSTAMPED_SLOP_NS)
        moving = [*self._topics.said.values(), *filter(None, [self._topics.right])]
        held = [message.topic for message in self._infos]
        return {**dict.fromkeys(held), **dict.fromkeys(moving, slop_ns)}

    def _messages(self) -> Iterator[BagMessage]:
        return self._part.messages({self._topics.left, *self._tolerances()})

    def _sample(self, name: str, group: Group) -> StereoSample:
        messages = {topic: item.message for topic, item in group.matched.items()}
        picture = read_picture(group.leader.message)
        sample, rectification = self._image(name, group.leader.stamp_ns, picture, messages)
        said: dict[str, Word] = {
            role: Word(topic, _deserialised(messages[topic]))
            for role, topic in self._topics.said.items()
        }
        sample, prediction = asked(self._teacher, sample, picture.frame_id, said, rectification)
        return with_word(self._teacher, sample, prediction)

    def _image(
        self, name: str, stamp_ns: int, picture: StampedImage, messages: Mapping[str, BagMessage]
    ) -> tuple[StereoSample, Rectification | None]:
        """Return the image, and how it is to be rectified yet; a pair is rectified here."""
        topics = self._topics
        left = rgb_of_topic(picture, topics.left)
        calibration = _calibration(messages, topics.left_info)
        if topics.right is None or topics.right_info is None or topics.right not in messages:
            height, width = left.shape[:2]
            try:
                way = self._rectifying.of_image(calibration, topics.left, width, height)
                camera = way.lens.camera if way else calibration.of_image(width, height)
            except InputError as error:
                raise InputError(f'{topics.left_info}: {error}') from error
            return StereoSample(name, stamp_ns, left, camera), way
        right = rgb_of_topic(read_picture(messages[topics.right]), topics.right)
        of_right = _calibration(messages, topics.right_info)
        left, calibration = self._rectifying.applied(left, calibration, topics.left)
        right, of_right = self._rectifying.applied(right, of_right, topics.right)
        rig = stereo_rig(
            ImageCalibration(calibration, topics.left_info, left.shape[1], left.shape[0]),
            ImageCalibration(of_right, topics.right_info, right.shape[1], right.shape[0]),
        )
        return StereoSample(name, stamp_ns, left, rig.left, right=right, rig=rig), None


def _stamp_ns(message: BagMessage) -> int:
    """Return the stamp, 0 where there is none: what is too short for one is refused when read."""
    try:
        return header_stamp_ns(message.data)
    except InputError:
        return 0


def _calibration(messages: Mapping[str, BagMessage], topic: str) -> Calibration:
    try:
        return read_camera_info(messages[topic].data).calibration
    except InputError as error:
        raise InputError(f'{topic}: {error}') from error


def _deserialised(message: BagMessage) -> Any:
    try:
        return deserialised(message.data, message.msgtype)
    except InputError as error:
        raise InputError(f'{message.topic}: {error}') from error
