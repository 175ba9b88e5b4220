# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The stereo rig that two calibrations describe, where they are those of a rectified pair."""

from dataclasses import replace

from adu_depth_core.camera import Camera, StereoRig
from adu_depth_core.errors import InputError

# Files print calibrations with few digits. More than this is no rounding: rows do not match.
FOCAL_TOLERANCE = 1e-3
ROW_TOLERANCE_PX = 0.25
# Vehicles carry two metres. The shortest in use, of 4 cm, would be 40 m if it were in millimetres.
MAX_BASELINE_M = 20.0


def rectified_rig(left: Camera, right: Camera, baseline_m: float) -> StereoRig:
    """
    Return the rig of a rectified pair, in which rounding makes no difference.

    Parameters
    ----------
    left, right : Camera
        As calibrated, of P.
    baseline_m : float
        From the left to the right camera: what P[3] / P[0] is in the left one less that in the
        right one.

    Raises
    ------
    InputError
        When the pair is not rectified, has no baseline or none in metres, or left and right are
        exchanged.

    """
    if baseline_m < 0:
        raise InputError(
            f'the right camera stands {-baseline_m:.4g} m to the left of the left one; '
            'exchange the two'
        )
    if not baseline_m > 0:
        raise InputError(
            'P[3] of the right camera_info gives no baseline; publish the calibration of the '
            'rectified pair, where P[3] is -fx times the baseline'
        )
    if baseline_m > MAX_BASELINE_M:
        raise InputError(
            f'P[3] of the right camera_info gives a baseline of {baseline_m:.4g} m; publish -fx '
            'times the baseline in metres, these look like millimetres'
        )
    if (left.width, left.height) != (right.width, right.height):
        raise InputError(
            f'the left image is {left.width}x{left.height}, the right one '
            f'{right.width}x{right.height}; a rectified pair has one size'
        )
    _check_rows(left, right)
    return StereoRig(left, replace(left, cx=right.cx), baseline_m)


def _check_rows(left: Camera, right: Camera) -> None:
    focal_px = FOCAL_TOLERANCE * left.fx
    is_rectified = (
        abs(left.fx - right.fx) <= focal_px
        and abs(left.fy - right.fy) <= focal_px
        and abs(left.cy - right.cy) <= ROW_TOLERANCE_PX
    )
    if not is_rectified:
        raise InputError(
            f'not rectified: left fx={left.fx:g} fy={left.fy:g} cy={left.cy:g}, right '
            f'fx={right.fx:g} fy={right.fy:g} cy={right.cy:g} px differ, so rows do not match; '
            'rectify the pair together, as stereo_image_proc does'
        )
