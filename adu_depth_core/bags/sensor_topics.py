# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Which image of a recording another sensor of the robot explains."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

from adu_depth_core.bags.camera_topics import camera_info_topic, colour_topics, frame_of
from adu_depth_core.bags.picture_messages import PICTURE_TYPES
from adu_depth_core.bags.reader import Bag
from adu_depth_core.bags.topics import base_topic, right_topic
from adu_depth_core.errors import InputError
from adu_depth_core.messages.types import CAMERA_INFO_TYPE, DISPARITY_TYPE, POINT_CLOUD_TYPE

Role = Literal['disparity', 'depth', 'confidence', 'points']
TYPES: Mapping[Role, tuple[str, ...]] = {
    'disparity': (DISPARITY_TYPE,),
    'depth': PICTURE_TYPES,
    'confidence': PICTURE_TYPES,
    'points': (POINT_CLOUD_TYPE,),
}


@dataclass(frozen=True)
class SensorTopics:
    """
    Topics of an image and its camera_info, of the right camera where there is one, of a sensor.

    `said` maps what the sensor says (disparity, depth, confidence, points) to its topic.
    """

    left: str
    left_info: str
    right: str | None
    right_info: str | None
    said: Mapping[Role, str]


def find_sensor_topics(
    bag: Bag,
    said: Mapping[Role, str],
    left: str | None = None,
    right: str | None = None,
    *,
    left_info: str | None = None,
    right_info: str | None = None,
) -> SensorTopics:
    """
    Choose the image that a sensor explains; what is given stands, the rest is found.

    Disparity and depth carry the frame of the image that they are of. Points explain the only
    camera, or the left one of two. A rectified image goes before one that is not. A right camera
    is looked for beside a disparity alone.

    Raises
    ------
    InputError
        When a topic is not there or of another type, it is not clear which image is meant, or
        that has no camera_info.

    """
    for role, topic in said.items():
        bag.require(topic, TYPES[role])
    left = left or _the_image(bag, said)
    bag.require(left, PICTURE_TYPES)
    left_info = left_info or camera_info_topic(bag, left, '--left-info')
    bag.require(left_info, CAMERA_INFO_TYPE)
    if 'disparity' not in said:
        return SensorTopics(left, left_info, None, None, said)
    right, right_info = _right(bag, left, right, right_info)
    return SensorTopics(left, left_info, right, right_info, said)


def _the_image(bag: Bag, said: Mapping[Role, str]) -> str:
    names = [name for name in colour_topics(bag) if name not in said.values()]
    sensor = next(iter(said.values()))
    if 'points' in said:
        rights = {right_topic(name) for name in names}
        names = [name for name in names if name not in rights]
    elif frame := frame_of(bag, sensor):
        names = [name for name in names if frame_of(bag, name) in ('', frame)]
    rectified = [name for name in names if 'rect' in base_topic(name).rpartition('/')[2]]
    names = rectified or names
    if not names:
        raise InputError(
            f'{bag.path}: no image is in the frame of {sensor}; say which one it explains '
            'with --left-topic'
        )
    if len(names) > 1:
        raise InputError(
            f'{bag.path}: which image does {sensor} explain, {", ".join(names)}? Say --left-topic'
        )
    return names[0]


def _right(
    bag: Bag, left: str, right: str | None, info: str | None
) -> tuple[str, str] | tuple[None, None]:
    if right is None:
        right = right_topic(left)
        if right not in bag.topics or bag.topics[right].msgtype not in PICTURE_TYPES:
            return None, None
        if info is None:
            with suppress(InputError):
                info = camera_info_topic(bag, right, '--right-info')
        if info is None:
            return None, None
    bag.require(right, PICTURE_TYPES)
    info = info or camera_info_topic(bag, right, '--right-info')
    bag.require(info, CAMERA_INFO_TYPE)
    return right, info
