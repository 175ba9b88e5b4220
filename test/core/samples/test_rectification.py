# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Which two calibrations are a rectified pair."""

from dataclasses import replace

import pytest

from adu_depth_core.camera import StereoRig
from adu_depth_core.errors import InputError
from adu_depth_core.samples.rectification import rectified_rig
from adu_depth_core.synthetic.drive import KITTI_CAMERA as CAMERA


def test_pair_is_a_rig_with_its_own_principal_points():
    right = replace(CAMERA, cx=600.0)
    assert rectified_rig(CAMERA, right, 0.54) == StereoRig(CAMERA, right, 0.54)


def test_rounding_makes_no_difference():
    right = replace(CAMERA, fx=721.53, fy=721.47, cy=172.85)
    assert rectified_rig(CAMERA, right, 0.54) == StereoRig(CAMERA, CAMERA, 0.54)


@pytest.mark.parametrize('changes', [{'fx': 725.0}, {'fy': 700.0}, {'cy': 174.0}])
def test_pair_whose_rows_do_not_match_is_refused(changes):
    with pytest.raises(InputError, match=r'not rectified: left fx=721\.538 .* rows do not match'):
        rectified_rig(CAMERA, replace(CAMERA, **changes), 0.54)


@pytest.mark.parametrize('baseline_m', [0.0, float('nan')])
def test_pair_without_a_baseline_is_refused(baseline_m):
    with pytest.raises(InputError, match='gives no baseline'):
        rectified_rig(CAMERA, CAMERA, baseline_m)


def test_exchanged_cameras_are_refused():
    with pytest.raises(InputError, match=r'0\.54 m to the left of the left one; exchange'):
        rectified_rig(CAMERA, CAMERA, -0.54)


def test_sizes_that_differ_are_refused():
    with pytest.raises(InputError, match='left image is 1242x375, the right one 1241x375'):
        rectified_rig(CAMERA, replace(CAMERA, width=1241), 0.54)
