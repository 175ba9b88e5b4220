# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The images of a bag with what another sensor of the robot says of them, as samples."""

from typing import Any

from adu_depth_core.bags.bag_samples import BagSamples
from adu_depth_core.bags.bag_stereo import StereoTopics, pair_of_group
from adu_depth_core.bags.picture_messages import read_picture, rgb_of_topic
from adu_depth_core.bags.reader import Bag, BagMessage
from adu_depth_core.bags.sensor_topics import SensorTopics
from adu_depth_core.bags.synchroniser import Group
from adu_depth_core.errors import InputError
from adu_depth_core.inference.sensor_teachers import SensorTeacher, Word, asked, with_word
from adu_depth_core.messages.cdr import deserialised
from adu_depth_core.messages.rectifying import AS_SAID, Rectifying
from adu_depth_core.messages.stamped import StampedImage, read_camera_info
from adu_depth_core.samples.raw_image import Rectification
from adu_depth_core.samples.sample import StereoSample


def explained_images(
    bag: Bag,
    topics: SensorTopics,
    teacher: SensorTeacher,
    share: tuple[int, int] = (0, 1),
    slop_ns: int = 0,
    rectifying: Rectifying = AS_SAID,
) -> BagSamples:
    """
    Return the images of a part of a bag that a sensor explains.

    Parameters
    ----------
    bag, share, slop_ns
        See `BagSamples`.
    topics : SensorTopics
    teacher : SensorTeacher
        Knows the roles of `topics.said`.
    rectifying : Rectifying
        Which images are raw: those are rectified, and a raw depth image with them.

    """

    def make(name: str, group: Group) -> StereoSample:
        picture = read_picture(group.leader.message)
        sample, rectification = _image(name, group, picture, topics, rectifying)
        said: dict[str, Word] = {
            role: Word(topic, _deserialised(group.matched[topic].message))
            for role, topic in topics.said.items()
        }
        sample, prediction = asked(teacher, sample, picture.frame_id, said, rectification)
        return with_word(teacher, sample, prediction)

    infos = [topic for topic in (topics.left_info, topics.right_info) if topic is not None]
    right = [topic for topic in [topics.right] if topic is not None]
    needed = topics.said.values()
    return BagSamples(bag, topics.left, infos, needed, make, share, slop_ns, welcome=right)


def _image(
    name: str, group: Group, picture: StampedImage, topics: SensorTopics, rectifying: Rectifying
) -> tuple[StereoSample, Rectification | None]:
    """Return the image, and how it is to be rectified yet; a pair is rectified here."""
    right, right_info = topics.right, topics.right_info
    if right is not None and right_info is not None and right in group.matched:
        pair = StereoTopics(topics.left, right, topics.left_info, right_info)
        return pair_of_group(name, group, pair, rectifying), None
    left = rgb_of_topic(picture, topics.left)
    height, width = left.shape[:2]
    try:
        info = group.matched[topics.left_info].message
        calibration = read_camera_info(info.data).calibration
        way = rectifying.of_image(calibration, topics.left, width, height)
        camera = way.lens.camera if way else calibration.of_image(width, height)
    except InputError as error:
        raise InputError(f'{topics.left_info}: {error}') from error
    return StereoSample(name, group.leader.stamp_ns, left, camera), way


def _deserialised(message: BagMessage) -> Any:
    try:
        return deserialised(message.data, message.msgtype)
    except InputError as error:
        raise InputError(f'{message.topic}: {error}') from error
