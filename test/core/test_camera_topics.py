# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The camera of a recording is found, or it is asked which one is meant."""

from pathlib import Path

import numpy as np
import pytest

from adu_depth_core.camera import Camera
from adu_depth_core.data.bags import bag_writer, open_bag, write_bag
from adu_depth_core.data.bags.camera_topics import CameraTopics, find_camera_topics
from adu_depth_core.data.bags.messages import camera_info_message, image_message
from adu_depth_core.data.bags.topics import CAMERA_INFO_TYPE, IMAGE_TYPE
from adu_depth_core.data.sample import StereoSample
from adu_depth_core.errors import InputError

CAMERA = Camera(2, 2, fx=1.0, fy=1.0, cx=0.5, cy=0.5)
COLOUR, DEPTH = ('rgb8', np.zeros((2, 2, 3))), ('32FC1', np.zeros((2, 2)))


def write(path: Path, images: dict[str, tuple[str, np.ndarray]], infos: list[str]) -> Path:
    with bag_writer(path) as bag:
        for topic, (encoding, pixels) in images.items():
            data = image_message(pixels, encoding=encoding, stamp_ns=1, frame_id='camera')
            bag.write(topic, IMAGE_TYPE, data, 1)
        for topic in infos:
            data = camera_info_message(CAMERA, stamp_ns=1, frame_id='camera')
            bag.write(topic, CAMERA_INFO_TYPE, data, 1)
    return path


def found(path: Path, **named: str) -> CameraTopics:
    with open_bag(path) as bag:
        return find_camera_topics(bag, **named)


def test_our_own_bags_need_no_names(tmp_path: Path) -> None:
    left = np.zeros((2, 2, 3), np.uint8)
    depth_m = np.ones((2, 2), np.float32)
    write_bag(tmp_path / 'bag', [StereoSample('a/0', 1, left, CAMERA, depth_m=depth_m)])
    assert found(tmp_path / 'bag') == CameraTopics(
        '/stereo/left/image_rect',
        '/stereo/left/camera_info',
        '/stereo/ground_truth/depth/image_rect',
    )


def test_only_camera_of_a_foreign_bag_is_found_with_its_sibling_info(tmp_path: Path) -> None:
    images = {'/front/image_raw': COLOUR, '/lidar/depth': DEPTH}
    bag = write(tmp_path / 'bag', images, ['/back/camera_info', '/front/camera_info'])
    assert found(bag) == CameraTopics('/front/image_raw', '/front/camera_info', '/lidar/depth')


def test_only_camera_info_is_taken_where_none_stands_beside_the_image(tmp_path: Path) -> None:
    bag = write(tmp_path / 'bag', {'/front/image': COLOUR}, ['/calibration/info'])
    assert found(bag) == CameraTopics('/front/image', '/calibration/info', None)


def test_several_cameras_are_asked_about(tmp_path: Path) -> None:
    images = {'/a/image': COLOUR, '/b/image': COLOUR, '/a/depth': DEPTH, '/b/depth': DEPTH}
    bag = write(tmp_path / 'bag', images, ['/a/camera_info', '/b/camera_info'])
    with pytest.raises(InputError, match=r'which colour .*/a/image, /b/image.*--image'):
        found(bag)
    with pytest.raises(InputError, match=r'which depth .*--truth-topic'):
        found(bag, image='/b/image')
    assert found(bag, image='/b/image', truth='none') == CameraTopics(
        '/b/image', '/b/camera_info', None
    )
    named = {'image': '/b/image', 'camera_info': '/a/camera_info', 'truth': '/a/depth'}
    assert found(bag, **named) == CameraTopics('/b/image', '/a/camera_info', '/a/depth')


def test_bag_without_image_or_calibration_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match='holds no image'):
        found(write(tmp_path / 'no_image', {'/depth': DEPTH}, ['/camera_info']))
    with pytest.raises(InputError, match='no camera_info is found for /a/image'):
        found(write(tmp_path / 'no_info', {'/a/image': COLOUR}, []))


def test_named_topic_must_be_there_and_of_its_kind(tmp_path: Path) -> None:
    bag = write(tmp_path / 'bag', {'/a/image': COLOUR}, ['/a/camera_info'])
    with pytest.raises(InputError, match='has no topic /b/image'):
        found(bag, image='/b/image')
    with pytest.raises(InputError, match='/a/camera_info is sensor_msgs/msg/CameraInfo'):
        found(bag, image='/a/camera_info')
