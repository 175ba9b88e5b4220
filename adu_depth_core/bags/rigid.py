# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Rigid transforms between two frames."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from adu_depth_core.bags.quaternions import rotation_of
from adu_depth_core.errors import InputError

Matrix = NDArray[np.float64]


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
