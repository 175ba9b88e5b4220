# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Rotations as unit quaternions x, y, z, w, in the order of geometry_msgs/Quaternion."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from adu_depth_core.errors import InputError

TOLERANCE = 1e-3


def rotation_of(quaternion: Sequence[float]) -> NDArray[np.float64]:
    """Return the (3, 3) rotation; InputError when the norm is off 1 by more than a thousandth."""
    q = np.array(quaternion, np.float64)
    norm = float(np.linalg.norm(q))
    if not abs(norm - 1) <= TOLERANCE:
        raise InputError(f'the quaternion {list(quaternion)} has the norm {norm:.4g}, not 1')
    x, y, z, w = q / norm
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    # Rodrigues' formula in half angles: v + 2 w (u x v) + 2 u x (u x v).
    return np.asarray(np.eye(3) + 2 * w * cross + 2 * cross @ cross)


def quaternion_of(rotation: NDArray[np.float64]) -> tuple[float, float, float, float]:
    """
    Return the unit quaternion of a (3, 3) rotation, w not negative.

    It is the one that fits best where the matrix is a rotation but for rounding: the eigenvector
    of the largest eigenvalue (Bar-Itzhack, J. Guidance 23(6), 2000).
    """
    ((xx, xy, xz), (yx, yy, yz), (zx, zy, zz)) = rotation
    lower = np.array(
        [
            [xx - yy - zz, 0, 0, 0],
            [yx + xy, yy - xx - zz, 0, 0],
            [zx + xz, zy + yz, zz - xx - yy, 0],
            [zy - yz, xz - zx, yx - xy, xx + yy + zz],
        ]
    )
    _, vectors = np.linalg.eigh(lower, UPLO='L')
    x, y, z, w = (float(value) for value in vectors[:, -1] * (1 if vectors[3, -1] >= 0 else -1))
    return x, y, z, w
