# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Laser scans projected into the image: sparse true depth."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from adu_depth_core.camera import Camera
from adu_depth_core.errors import InputError
from adu_depth_core.regular_files import read_regular
from adu_depth_core.samples.sample import Depth

POINT_BYTES = 16


def read_scan(path: Path) -> NDArray[np.float32]:
    """Read a Velodyne file of KITTI raw: (N, 4) float32, x y z in metres and reflectance."""
    try:
        data = read_regular(path)
    except OSError as error:
        raise InputError(f'{path}: cannot be read ({error.strerror})') from error
    if not data or len(data) % POINT_BYTES:
        raise InputError(f'{path}: {len(data) / 4:g} numbers are not whole points of four')
    values = np.frombuffer(data, np.float32)
    return values.reshape(-1, 4)


def project_scan(
    scan: NDArray[np.float32],
    projection: NDArray[np.float64],
    width: int,
    height: int,
    *,
    minus_one: bool = False,
) -> Depth:
    """
    Project laser points to a depth image.

    Parameters
    ----------
    scan : (N, 3 or more) float32
        Points in metres in the scanner's frame.
    projection : (3, 4)
        Scanner frame to homogeneous pixels.
    width, height : int
        Size of the image.
    minus_one : bool
        Subtract one pixel from both coordinates, as many public scripts do after MATLAB's
        counting from 1; only for comparing with numbers published that way. The nearest pixel
        (the default) agrees better with KITTI's stereo truth.

    Returns
    -------
    (height, width) float32
        Metres; NaN where no point falls; the nearest point where several do.

    """
    points = np.concatenate([scan[:, :3], np.ones_like(scan[:, :1])], axis=1).astype(np.float64)
    u, v, z = projection @ points.T
    in_front = z > 0
    u, v, z = u[in_front], v[in_front], z[in_front]
    shift = 1 if minus_one else 0
    with np.errstate(over='ignore'):  # a point in the plane of the lens is nowhere in the image
        column = np.round(u / z) - shift
        row = np.round(v / z) - shift
    inside = (column >= 0) & (row >= 0) & (column < width) & (row < height)
    row, column = row[inside].astype(np.int64), column[inside].astype(np.int64)
    return scatter_nearest(row, column, z[inside], (height, width))


def project_points(
    points_m: NDArray[np.float32], to_camera: NDArray[np.float64], camera: Camera
) -> Depth:
    """
    Project points of another sensor to a depth image of a camera, as `project_scan` does.

    Parameters
    ----------
    points_m : (N, 3) float32
        In metres in the sensor's frame.
    to_camera : (4, 4)
        Sensor frame to camera frame.
    camera : Camera
        Of the image.

    """
    return project_scan(points_m, camera.matrix @ to_camera[:3], camera.width, camera.height)


def scatter_nearest(
    row: NDArray[np.int64],
    column: NDArray[np.int64],
    depth_m: NDArray[np.floating],
    shape: tuple[int, int],
) -> Depth:
    """Put measurements into a depth image, NaN elsewhere; the nearest wins where several meet."""
    image = np.full(shape, np.inf, np.float64)
    np.minimum.at(image, (row, column), depth_m)
    occupied = np.zeros(shape, bool)
    occupied[row, column] = True
    return np.where(occupied, image, np.nan).astype(np.float32)
