# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Calibration files of KITTI raw: cameras, baseline, and where the laser scanner stands."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from adu_depth_core.camera import Camera, StereoRig
from adu_depth_core.errors import InputError
from adu_depth_core.regular_files import read_text

LARGEST_NUMBER = 1e9  # the numbers of a camera are far below; NaN is not


@dataclass(frozen=True)
class KittiCalibration:
    """
    What the two calibration files of one recording date say.

    Attributes
    ----------
    rig : StereoRig
        Colour cameras 02 and 03, rectified, at the size they were rectified to.
    projection : dict
        Laser point (x, y, z, 1) in metres to homogeneous pixels, (3, 4), by camera `02` or `03`.

    """

    rig: StereoRig
    projection: dict[str, NDArray[np.float64]]


def read_calibration(folder: Path) -> KittiCalibration:
    """Read `calib_cam_to_cam.txt` and `calib_velo_to_cam.txt` of one date's folder."""
    cameras = read_fields(folder / 'calib_cam_to_cam.txt')
    scanner = read_fields(folder / 'calib_velo_to_cam.txt')
    try:
        return _calibration(cameras, scanner)
    except (KeyError, ValueError) as error:
        raise InputError(f'{folder}: calibration files lack or spoil the field {error}') from error


def _calibration(
    cameras: dict[str, NDArray[np.float64]], scanner: dict[str, NDArray[np.float64]]
) -> KittiCalibration:
    width, height = (int(size) for size in cameras['S_rect_02'])
    p2, p3 = cameras['P_rect_02'].reshape(3, 4), cameras['P_rect_03'].reshape(3, 4)
    left, right = (_camera(width, height, p) for p in (p2, p3))
    # Both P are relative to camera 00, so the baseline of 02 and 03 is their difference.
    baseline_m = float(p2[0, 3] - p3[0, 3]) / left.fx
    rectify = np.eye(4)
    rectify[:3, :3] = cameras['R_rect_00'].reshape(3, 3)
    to_camera = np.eye(4)
    to_camera[:3, :3], to_camera[:3, 3] = scanner['R'].reshape(3, 3), scanner['T']
    return KittiCalibration(
        StereoRig(left, right, baseline_m),
        {'02': p2 @ rectify @ to_camera, '03': p3 @ rectify @ to_camera},
    )


def _camera(width: int, height: int, projection: NDArray[np.float64]) -> Camera:
    fx, fy, cx, cy = (float(projection[i]) for i in ((0, 0), (1, 1), (0, 2), (1, 2)))
    return Camera(width, height, fx, fy, cx, cy)


def read_fields(path: Path) -> dict[str, NDArray[np.float64]]:
    """Read `name: number number …` lines; lines that hold no numbers (a date) are left out."""
    fields = {}
    for line in read_text(path).splitlines():
        name, _, values = line.partition(':')
        try:
            numbers = np.array(values.split(), np.float64)
        except ValueError:
            continue
        if not (np.abs(numbers) <= LARGEST_NUMBER).all():
            raise InputError(f'{path}: {name.strip()} holds a number that no calibration has')
        fields[name.strip()] = numbers
    return fields
