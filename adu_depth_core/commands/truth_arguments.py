# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Arguments that name camera and truth of a bag, and what they give: topics, sensors, frames."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from adu_depth_core.bags.camera_topics import CameraTopics, camera_info_topic, find_camera_topics
from adu_depth_core.bags.reader import Bag
from adu_depth_core.bags.topics import right_topic
from adu_depth_core.bags.transforms import Transforms
from adu_depth_core.commands.arguments import (
    add_block_matching,
    add_rectifying,
    not_negative,
    rectifying_of,
)
from adu_depth_core.errors import InputError
from adu_depth_core.evaluation.bags.bag_frames import BagFrames
from adu_depth_core.evaluation.bags.truth_sensors import (
    DepthTopic,
    LaserScans,
    StereoTeacher,
    TruthSensor,
)
from adu_depth_core.inference.stereo_predictor import StereoPredictor
from adu_depth_core.messages.types import POINT_CLOUD_TYPE

OF_BAGS = (
    *('image_topic', 'camera_info_topic', 'rectify', 'rectified_fov'),
    *('truth_topic', 'scan_topic', 'extrinsics', 'teacher', 'block_matching'),
    *('right_image_topic', 'right_camera_info_topic', 'max_offset_ms'),
)


def add_camera_and_truth(parser: argparse.ArgumentParser) -> None:
    """Add what names the topics of camera and truth, and the file of extrinsics."""
    camera = parser.add_argument_group('camera')
    camera.add_argument('--image-topic', help='found when there is one')
    camera.add_argument('--camera-info-topic', help='default: beside the image')
    add_rectifying(camera)
    truth = parser.add_argument_group('truth')
    truth.add_argument('--truth-topic', help="depth images, found when there is one, or 'none'")
    truth.add_argument('--scan-topic', help='PointCloud2 of a laser scanner')
    truth.add_argument('--extrinsics', type=Path, help='YAML, where the bag has no tf_static')
    truth.add_argument(
        '--teacher',
        nargs='?',
        const='teacher',
        metavar='MODEL',
        help='a stereo teacher: the one that ships, or a shipped name or file',
    )
    add_block_matching(truth)
    truth.add_argument('--right-image-topic', help='default: that of the other side')
    truth.add_argument('--right-camera-info-topic', help='default: beside the right image')
    truth.add_argument(
        '--max-offset-ms',
        type=not_negative,
        default=20.0,
        help='between the stamps of image and truth',
    )


def camera_topics(options: argparse.Namespace, bag: Bag) -> CameraTopics:
    """Return the topics of camera and truth; InputError where it is not clear which."""
    return find_camera_topics(
        bag,
        image=options.image_topic,
        camera_info=options.camera_info_topic,
        truth=options.truth_topic,
    )


def truth_sensors(
    options: argparse.Namespace, bag: Bag, topics: CameraTopics
) -> list[TruthSensor]:
    """Return the sensors of truth that `add_camera_and_truth` asked for; may be none."""
    if topics.truth == topics.image:
        raise InputError(f'{topics.image}: cannot be both image and truth; see --truth-topic')
    sensors: list[TruthSensor] = [DepthTopic(topics.truth)] if topics.truth else []
    if options.scan_topic:
        bag.require(options.scan_topic, POINT_CLOUD_TYPE)
        transforms = Transforms.of_file_or_bag(options.extrinsics, bag)
        sensors.append(LaserScans(options.scan_topic, transforms))
    if options.teacher:
        right = options.right_image_topic or right_topic(topics.image)
        if not right:
            raise InputError('--teacher: name the right image with --right-image-topic')
        bag.require(right)
        info = options.right_camera_info_topic or camera_info_topic(
            bag, right, '--right-camera-info-topic'
        )
        bag.require(info)
        teacher = StereoPredictor.load(
            options.teacher,
            device=options.device,
            engine_cache=options.engine_cache,
            block_matching=options.block_matching,
        )
        predict, name = teacher.without_limits(), Path(options.teacher).name
        rectifying = rectifying_of(options)
        sensors.append(StereoTeacher(predict, name, right, info, rectifying))
    return sensors


def bag_frames(
    options: argparse.Namespace,
    bag: Bag,
    topics: CameraTopics,
    sensors: Sequence[TruthSensor],
    **more: Any,
) -> BagFrames:
    """Return the frames of a bag with their truth, the first `options.frames` of them."""
    return BagFrames(
        bag,
        topics.image,
        topics.camera_info,
        sensors,
        tolerance_ns=round(options.max_offset_ms * 1e6),
        limit=options.frames,
        **more,
    )
