# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What is odd about an input that can be used."""

import pytest
from sensor_msgs.msg import CameraInfo

from adu_depth_ros.mono.input_notices import notices
from ros_world import camera_info


def told(info: CameraInfo, *, frame_id: str = 'camera_optical_frame', image: str) -> list[str]:
    return list(notices(frame_id, info, image, '/camera_info'))


def test_distortion_is_told_where_the_topic_is_not_called_rectified() -> None:
    (sentence,) = told(camera_info(), image='/camera/image_raw')
    assert sentence.startswith('/camera_info: the lens is distorted (D is not 0), and /camera/im')


@pytest.mark.parametrize('image', ['/image_rect', '/front/image_rect_color/compressed'])
def test_image_proc_passes_distortion_on_with_rectified_images(image: str) -> None:
    assert told(camera_info(), image=image) == []


def test_camera_without_distortion_may_be_raw() -> None:
    assert told(camera_info(d=[0.0] * 5), image='/image_raw') == []


@pytest.mark.parametrize('frame_id', ['', 'base_link', 'camera_link'])
def test_frame_that_is_not_optical_is_told(frame_id: str) -> None:
    (sentence,) = told(camera_info(), frame_id=frame_id, image='/image_rect')
    assert f'frame_id "{frame_id}" does not name an optical frame' in sentence


@pytest.mark.parametrize('frame_id', ['front_optical', 'camera_left_optical_frame'])
def test_optical_frames_are_known_by_their_names(frame_id: str) -> None:
    assert told(camera_info(), frame_id=frame_id, image='/image_rect') == []
