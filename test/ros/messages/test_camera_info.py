# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""From CameraInfo to Camera and to the CameraInfo that is published."""

from copy import deepcopy

import numpy as np
import pytest
from sensor_msgs.msg import RegionOfInterest

from adu_depth_core.camera import Camera
from adu_depth_core.errors import InputError
from adu_depth_ros.messages.camera_info import (
    LatestCalibration,
    camera_of,
    info_of_image,
)
from ros_world import camera_info


def test_camera_comes_from_p() -> None:
    info = info_of_image(camera_info(), 8, 4, '/camera_info')
    assert camera_of(info) == Camera(8, 4, fx=9.0, fy=9.5, cx=3.5, cy=1.5)


def test_camera_comes_from_k_where_p_is_empty_and_p_is_filled() -> None:
    info = info_of_image(camera_info(p=[0.0] * 12), 8, 4, '/camera_info')
    assert camera_of(info) == Camera(8, 4, fx=10.0, fy=11.0, cx=3.0, cy=2.0)
    assert info.p.tolist() == [10, 0, 3, 0, 0, 11, 2, 0, 0, 0, 1, 0]


def test_published_info_is_of_a_rectified_image_and_keeps_k_and_p() -> None:
    given = camera_info()
    info = info_of_image(given, 8, 4, '/camera_info')
    assert list(info.d) == [0.0] * 5
    assert info.distortion_model == 'plumb_bob'
    assert info.r.tolist() == np.eye(3).ravel().tolist()
    assert info.k.tolist() == given.k.tolist()
    assert info.p.tolist() == given.p.tolist()
    assert info.p[3] == 4.5


def test_received_info_is_left_as_it_was() -> None:
    given = camera_info(p=[0.0] * 12)
    before = deepcopy(given)
    info = info_of_image(given, 8, 4, '/camera_info')
    info.header.frame_id = 'changed'
    assert given == before


def test_region_of_interest_and_binning_are_honoured() -> None:
    roi = RegionOfInterest(x_offset=2, y_offset=1, width=4, height=2)
    info = info_of_image(camera_info(binning_x=2, binning_y=2, roi=roi), 2, 1, '/camera_info')
    assert camera_of(info) == Camera(2, 1, fx=4.5, fy=4.75, cx=0.75, cy=0.25)
    assert (info.binning_x, info.binning_y, info.roi) == (2, 2, roi)
    assert info.p[0] == 9.0


def test_binning_that_the_image_does_not_show_is_cleared() -> None:
    info = info_of_image(camera_info(binning_x=2, binning_y=2), 8, 4, '/camera_info')
    assert camera_of(info) == Camera(8, 4, fx=9.0, fy=9.5, cx=3.5, cy=1.5)
    assert (info.binning_x, info.binning_y) == (0, 0)


def test_info_of_another_size_is_refused_with_both_sizes() -> None:
    with pytest.raises(InputError, match=r'^/camera_info: .*8x4.*16x8') as error:
        info_of_image(camera_info(), 16, 8, '/camera_info')
    assert '\n' not in str(error.value)


def test_uncalibrated_camera_is_refused() -> None:
    with pytest.raises(InputError, match=r'^/camera_info: .*K\[0\] is 0, .*calibrate'):
        info_of_image(camera_info(k=[0.0] * 9, p=[0.0] * 12), 8, 4, '/camera_info')


def test_k_is_filled_from_p_where_it_is_empty() -> None:
    info = info_of_image(camera_info(k=[0.0] * 9), 8, 4, '/camera_info')
    assert camera_of(info) == Camera(8, 4, fx=9.0, fy=9.5, cx=3.5, cy=1.5)
    assert info.k.tolist() == [9, 0, 3.5, 0, 9.5, 1.5, 0, 0, 1]


@pytest.mark.parametrize(
    'roi',
    [
        RegionOfInterest(x_offset=2, y_offset=1),
        RegionOfInterest(x_offset=2, y_offset=1, width=8, height=4),
    ],
)
def test_offsets_of_an_image_that_was_not_cut_mean_nothing(roi: RegionOfInterest) -> None:
    whole = info_of_image(camera_info(roi=roi), 8, 4, '/camera_info')
    assert camera_of(whole) == Camera(8, 4, fx=9.0, fy=9.5, cx=3.5, cy=1.5)
    assert whole.roi == RegionOfInterest()
    binned = info_of_image(camera_info(roi=roi, binning_x=2, binning_y=2), 4, 2, '/camera_info')
    assert camera_of(binned) == Camera(4, 2, fx=4.5, fy=4.75, cx=1.75, cy=0.75)
    assert (binned.roi.x_offset, binned.roi.y_offset) == (0, 0)


def test_calibration_is_worked_out_once_while_it_stays_the_same() -> None:
    latest = LatestCalibration()
    first = latest.of_image(camera_info(), 8, 4, '/camera_info')
    again = camera_info()
    again.header.stamp.sec = 12
    assert latest.of_image(again, 8, 4, '/camera_info') is first
    assert first.camera == Camera(8, 4, fx=9.0, fy=9.5, cx=3.5, cy=1.5)
    assert first.info == info_of_image(camera_info(), 8, 4, '/camera_info')


@pytest.mark.parametrize(
    'fields',
    [
        {'k': [12.0, 0, 3, 0, 12, 2, 0, 0, 1]},
        {'p': [5.0, 0, 3, 0, 0, 5, 2, 0, 0, 0, 1, 0]},
        {'d': [0.0] * 5},
        {'binning_x': 3},
        {'roi': RegionOfInterest(x_offset=1)},
    ],
)
def test_calibration_that_changes_is_noticed(fields: dict[str, object]) -> None:
    latest = LatestCalibration()
    first = latest.of_image(camera_info(), 8, 4, '/camera_info')
    changed = latest.of_image(camera_info(**fields), 8, 4, '/camera_info')
    assert changed is not first
    assert changed.info == info_of_image(camera_info(**fields), 8, 4, '/camera_info')


def test_unusable_calibration_is_refused_each_time_and_then_forgotten() -> None:
    latest = LatestCalibration()
    first = latest.of_image(camera_info(), 8, 4, '/camera_info')
    for _ in range(2):
        with pytest.raises(InputError, match='describes an image of 8x4'):
            latest.of_image(camera_info(), 16, 8, '/camera_info')
    assert latest.of_image(camera_info(), 8, 4, '/camera_info') is first
