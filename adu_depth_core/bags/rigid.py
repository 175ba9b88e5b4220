# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Rigid transforms between two frames, and their rotations as unit quaternions x, y, z, w."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from adu_depth_core.errors import InputError

Matrix = NDArray[np.float64]
TOLERANCE = 1e-3


@dataclass(frozen=True)
class Transform:
    """
    How `child` lies in `parent`.

    `matrix` (4, 4) takes points in metres in the frame `child` to the frame `parent`.
    """

    parent: str
    child: str
    matrix: Matrix


def transform_of(
    parent: str, child: str, translation: Sequence[float], rotation: Sequence[float]
) -> Transform:
    """
    Return the transform that a TransformStamped states.

    `translation` is x, y, z in metres, `rotation` a unit quaternion x, y, z, w. Raises InputError
    when they are not possible.
    """
    parent, child = frame_name(parent), frame_name(child)
    if parent == child:
        raise InputError(f'{child} is its own parent')
    matrix = np.eye(4)
    matrix[:3, :3] = rotation_of(rotation)
    matrix[:3, 3] = translation
    if not np.isfinite(matrix).all():
        raise InputError(f'the translation {list(translation)} is not finite')
    return Transform(parent, child, matrix)


def frame_name(name: str) -> str:
    """Return the name of a frame without the slash with which ROS 1 began it."""
    return name.removeprefix('/')


def inverse(matrix: Matrix) -> Matrix:
    """Return the inverse of a rigid (4, 4)."""
    result = np.eye(4)
    result[:3, :3] = matrix[:3, :3].T
    result[:3, 3] = -matrix[:3, :3].T @ matrix[:3, 3]
    return result


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
