# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The rig of two camera_infos, and which two are no rig."""

from typing import Any

import pytest
from sensor_msgs.msg import CameraInfo

from adu_depth_core.errors import InputError
from adu_depth_core.synthetic.drive import KITTI_CAMERA
from adu_depth_ros.stereo.stereo_camera import (
    ReceivedCameraInfo,
    StereoCalibration,
    stereo_calibration,
)
from stereo_world import left_info, right_info


def of(left: CameraInfo, right: CameraInfo, width: int = 8, height: int = 4) -> StereoCalibration:
    return stereo_calibration(
        ReceivedCameraInfo(left, '/left/camera_info', width, height),
        ReceivedCameraInfo(right, '/right/camera_info', width, height),
    )


def projection(**entries: float) -> list[float]:
    """Return P of fx = fy = 10 with entries by their number: p3=-5.0."""
    p = [10.0, 0.0, 3.5, 0.0, 0.0, 10.0, 1.5, 0.0, 0.0, 0.0, 1.0, 0.0]
    for name, value in entries.items():
        p[int(name[1:])] = value
    return p


def test_baseline_comes_from_the_right_p() -> None:
    found = of(left_info(), right_info(p=projection(p3=-2.5, p2=4.5)))
    assert found.rig.baseline_m == 0.25
    assert (found.rig.left.cx, found.rig.right.cx) == (3.5, 4.5)
    assert found.left_info.p.tolist() == projection()


def test_cameras_may_both_count_from_a_third_one() -> None:
    """KITTI's P_rect_02 and P_rect_03: -P_rect_03[3] / fx alone would be 0.4706 m."""
    f, cx, cy = KITTI_CAMERA.fx, KITTI_CAMERA.cx, KITTI_CAMERA.cy
    p_02 = [f, 0, cx, 44.85728, 0, f, cy, 0.2163791, 0, 0, 1, 0.002745884]
    p_03 = [f, 0, cx, -339.5242, 0, f, cy, 2.199936, 0, 0, 1, 0.002729905]
    size = {'width': 1242, 'height': 375}
    infos = (left_info(p=p_02, **size), right_info(p=p_03, **size))
    assert of(*infos, 1242, 375).rig.baseline_m == pytest.approx(0.5327, abs=5e-5)


def test_binning_and_region_change_the_camera_and_not_the_baseline() -> None:
    fields = {'width': 16, 'height': 8, 'binning_x': 2, 'binning_y': 2}
    found = of(left_info(**fields), right_info(**fields))
    assert (found.rig.left.fx, found.rig.baseline_m) == (5.0, 0.5)


@pytest.mark.parametrize(
    ('of_right', 'sentence'),
    [
        ({'p': projection()}, r'P\[3\] of the right camera_info gives no baseline'),
        (
            {'p': [0.0] * 12},
            r'/right/camera_info: P\[0\] is not positive, so the pair is not rectified',
        ),
        ({'p': projection(p3=5.0)}, 'to the left of the left one; exchange'),
        ({'p': projection(p3=-5.0, p6=3.0)}, 'rows do not match'),
        ({'p': projection(p3=-5.0, p0=11.0)}, 'not rectified: left fx=10'),
        ({'p': projection(p7=-5.0)}, r'/right/camera_info: P puts .* 0\.5 m below'),
        ({'p': projection(p3=float('nan'))}, 'gives no baseline'),
        ({'p': projection(p3=float('-inf'))}, 'a baseline of inf m'),
        ({'p': projection(p3=-600.0)}, 'a baseline of 60 m; .* metres, these look like millim'),
        ({'width': 9}, '/right/camera_info: describes an image of 9x4 pixels'),
    ],
)
def test_pair_that_is_not_rectified_is_refused(of_right: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        of(left_info(), right_info(**of_right))


def test_left_camera_must_be_rectified_too() -> None:
    with pytest.raises(InputError, match=r'/left/camera_info: P\[0\] is not positive'):
        of(left_info(p=[0.0] * 12), right_info())
