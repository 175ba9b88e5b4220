# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The pairs of a stereo camera in a bag, one after another, as samples."""

import re
from dataclasses import dataclass
from typing import NamedTuple

from adu_depth_core.bags.bag_samples import BagSamples
from adu_depth_core.bags.camera_topics import camera_info_topic
from adu_depth_core.bags.picture_messages import read_picture, rgb_of_topic
from adu_depth_core.bags.reader import Bag, BagMessage
from adu_depth_core.bags.synchroniser import Group
from adu_depth_core.bags.topics import base_topic, right_topic
from adu_depth_core.errors import InputError
from adu_depth_core.messages.camera_info import ImageCalibration, stereo_rig
from adu_depth_core.messages.rectifying import AS_SAID, Rectifying
from adu_depth_core.messages.stamped import read_camera_info
from adu_depth_core.messages.types import CAMERA_INFO_TYPE, COMPRESSED_IMAGE_TYPE, IMAGE_TYPE
from adu_depth_core.samples.sample import Image, StereoSample


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


def pairs_of_bag(
    bag: Bag,
    topics: StereoTopics,
    share: tuple[int, int] = (0, 1),
    slop_ns: int = 0,
    rectifying: Rectifying = AS_SAID,
) -> BagSamples:
    """
    Return the pairs of a part of a bag.

    Parameters
    ----------
    bag, share, slop_ns
        See `BagSamples`.
    topics : StereoTopics
    rectifying : Rectifying
        Which images are raw, and what is made of them.

    """

    def make(name: str, group: Group) -> StereoSample:
        return pair_of_group(name, group, topics, rectifying)

    return BagSamples(bag, topics.left, topics.infos, [topics.right], make, share, slop_ns)


def pair_of_group(
    name: str, group: Group, topics: StereoTopics, rectifying: Rectifying
) -> StereoSample:
    """Make a sample of both images and their calibrations, rectified where they are raw."""
    messages = {topics.left: group.leader, **group.matched}
    (left, of_left), (right, of_right) = (
        _rectified(messages[image].message, messages[info].message, rectifying)
        for image, info in ((topics.left, topics.left_info), (topics.right, topics.right_info))
    )
    rig = stereo_rig(of_left, of_right)
    return StereoSample(name, group.leader.stamp_ns, left, rig.left, right=right, rig=rig)


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
