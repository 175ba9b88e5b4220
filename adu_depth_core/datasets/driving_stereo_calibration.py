# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Calibration files of DrivingStereo, and whether depth and disparity maps agree with them."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from adu_depth_core.camera import Camera, StereoRig
from adu_depth_core.datasets.kitti_calibration import read_fields
from adu_depth_core.errors import InputError
from adu_depth_core.samples.sample import Depth


def read_rig(path: Path) -> StereoRig:
    """Read a file of `half-image-calib` or `full-image-calib`, at the size it was made for."""
    fields = read_fields(path)
    try:
        width, height = (int(size) for size in fields['S_rect_101'])
        left, right = (_camera(width, height, fields[f'P_rect_{c}']) for c in ('101', '103'))
        # Not from P_rect_103, whose fourth column is twice f b.
        baseline_m = abs(float(fields['T_103'][0]))
    except (KeyError, ValueError, IndexError) as error:
        raise InputError(f'{path}: lacks or spoils the field {error}') from error
    return StereoRig(left, right, baseline_m)


def _camera(width: int, height: int, projection: NDArray[np.float64]) -> Camera:
    p = projection.reshape(3, 4)
    return Camera(width, height, float(p[0, 0]), float(p[1, 1]), float(p[0, 2]), float(p[1, 2]))


def calibration_ratio(rig: StereoRig, depth_m: Depth, disparity_px: Depth) -> float:
    """
    Compare the files with the calibration: median of depth times disparity over f b.

    1 when they agree, 0.5 when the baseline is taken twice as long as it is; NaN where depth and
    disparity, both (H, W), are nowhere known together.
    """
    product = depth_m * (disparity_px + rig.disparity_offset_px) / rig.focal_baseline
    known = product[np.isfinite(product)]
    return float(np.median(known)) if len(known) else float('nan')
