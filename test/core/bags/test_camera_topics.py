# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The camera of a recording is found, or it is asked which one is meant."""

from pathlib import Path

import numpy as np
import pytest

from adu_depth_core.bags import bag_writer, open_bag, write_bag
from adu_depth_core.bags.camera_topics import CameraTopics, find_camera_topics
from adu_depth_core.bags.sample_messages import BagFormat
from adu_depth_core.bags.topics import base_topic, sibling_camera_info
from adu_depth_core.camera import Camera
from adu_depth_core.errors import InputError
from adu_depth_core.messages.compressed_images import (
    DEPTH_FORMAT,
    compressed_depth_message,
    compressed_image_message,
    jpeg_message,
)
from adu_depth_core.messages.stamped import camera_info_message, image_message
from adu_depth_core.messages.types import CAMERA_INFO_TYPE, COMPRESSED_IMAGE_TYPE, IMAGE_TYPE
from adu_depth_core.samples.sample import StereoSample

CAMERA = Camera(2, 2, fx=1.0, fy=1.0, cx=0.5, cy=0.5)
BEYOND = b'\x00\x01\x00\x00\xff\xff'
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


STAMPED = {'stamp_ns': 1, 'frame_id': 'camera'}
JPEG = jpeg_message(np.zeros((2, 2, 3), np.uint8), quality=90, **STAMPED)
PACKED_DEPTH = compressed_depth_message(np.zeros((2, 2), np.uint16), **STAMPED)
RAW = image_message(COLOUR[1], encoding=COLOUR[0], **STAMPED)


def write_messages(path: Path, topics: dict[str, tuple[str, list[bytes]]]) -> Path:
    """Write messages by {topic: (type, messages)}, and /camera/camera_info."""
    info = camera_info_message(CAMERA, **STAMPED)
    topics = {'/camera/camera_info': (CAMERA_INFO_TYPE, [info]), **topics}
    with bag_writer(path) as bag:
        for topic, (msgtype, messages) in topics.items():
            for data in messages:
                bag.write(topic, msgtype, data, 1)
    return path


def test_compressed_topics_stand_for_the_base_topic() -> None:
    assert base_topic('/camera/image_raw/compressed') == '/camera/image_raw'
    assert base_topic('/camera/depth/image/compressedDepth') == '/camera/depth/image'
    assert base_topic('/camera/image_raw') == '/camera/image_raw'
    assert sibling_camera_info('/camera/image_raw/compressed') == '/camera/camera_info'
    assert sibling_camera_info('/camera/image_raw') == '/camera/camera_info'


def test_compressed_image_and_truth_are_found_with_their_camera_info(tmp_path: Path) -> None:
    bag = write_messages(
        tmp_path / 'bag',
        {
            '/camera/image_raw/compressed': (COMPRESSED_IMAGE_TYPE, [JPEG]),
            '/camera/depth/compressedDepth': (COMPRESSED_IMAGE_TYPE, [PACKED_DEPTH]),
            '/else/camera_info': (CAMERA_INFO_TYPE, [camera_info_message(CAMERA, **STAMPED)]),
        },
    )
    assert found(bag) == CameraTopics(
        '/camera/image_raw/compressed', '/camera/camera_info', '/camera/depth/compressedDepth'
    )


@pytest.mark.parametrize('image_format', ['rgb8', 'jpeg'])
@pytest.mark.parametrize('truth_format', ['32FC1', '16UC1', 'png'])
def test_our_own_bags_need_no_names_in_any_format(
    tmp_path: Path, image_format: str, truth_format: str
) -> None:
    left, depth_m = np.zeros((2, 2, 3), np.uint8), np.ones((2, 2), np.float32)
    sample = StereoSample('a/0', 1, left, CAMERA, depth_m=depth_m)
    way = BagFormat(image=image_format, truth=truth_format)  # type: ignore[arg-type]
    write_bag(tmp_path / 'bag', [sample], bag_format=way)
    with bag_writer(tmp_path / 'other') as other, open_bag(tmp_path / 'bag') as bag:
        for message in bag.messages():
            other.write(*message)
        # Other images do not make ours doubtful.
        other.write('/another/image', IMAGE_TYPE, RAW, 1)
    topics = found(tmp_path / 'other')
    assert base_topic(topics.image) == '/stereo/left/image_rect'
    assert topics.camera_info == '/stereo/left/camera_info'
    assert topics.truth
    assert base_topic(topics.truth) == '/stereo/ground_truth/depth/image_rect'


def test_image_that_is_there_twice_is_taken_as_it_is(tmp_path: Path) -> None:
    topics = {
        '/camera/image/compressed': (COMPRESSED_IMAGE_TYPE, [JPEG]),
        '/camera/image': (IMAGE_TYPE, [RAW]),
    }
    bag = write_messages(tmp_path / 'bag', topics)
    assert found(bag).image == '/camera/image'
    assert found(bag, image='/camera/image/compressed').image == '/camera/image/compressed'


def test_first_messages_that_are_spoilt_do_not_decide(tmp_path: Path) -> None:
    depth = image_message(DEPTH[1], encoding='32FC1', **STAMPED)
    topics = {
        '/camera/b': (IMAGE_TYPE, [BEYOND, b'', RAW]),
        '/camera/a': (IMAGE_TYPE, [BEYOND, depth]),
    }
    bag = write_messages(tmp_path / 'bag', topics)
    assert found(bag) == CameraTopics('/camera/b', '/camera/camera_info', '/camera/a')


def test_topic_whose_messages_are_all_spoilt_goes_by_format_or_name(tmp_path: Path) -> None:
    no_picture = compressed_image_message(b'?', format=DEPTH_FORMAT, **STAMPED)
    topics = {
        '/camera/image/compressed': (COMPRESSED_IMAGE_TYPE, [BEYOND]),
        '/a/compressedDepth': (COMPRESSED_IMAGE_TYPE, [BEYOND]),
        '/b/depth': (COMPRESSED_IMAGE_TYPE, [no_picture]),
    }
    bag = write_messages(tmp_path / 'bag', topics)
    with pytest.raises(InputError, match='which depth is meant, /a/compressedDepth, /b/depth'):
        found(bag)
    assert found(bag, truth='none').image == '/camera/image/compressed'


@pytest.mark.real_data
def test_recorded_camera_is_found_also_where_it_is_malformed(data_root: Path) -> None:
    bags = data_root / 'bags'
    with pytest.raises(InputError, match='which colour image is meant, /compressed_image, /image'):
        found(bags / 'rosbag2_2025_09_10-13_03_56_0.mcap')
    malformed = bags / 'malformed_images' / 'test_bag_mcap'
    topics = found(malformed, image='/test/sensor_msgs/compressed_image')
    assert topics.camera_info == '/test/sensor_msgs/camera_info'
    assert topics.truth is None
