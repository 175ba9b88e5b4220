# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
Depth as a planar laser would scan it: how far it is to what is in a band of heights, by bearing.

A ray of a pixel enters the band of heights at one distance and leaves it at another. What it hits
between them is an obstacle; where it goes on, the band is free there. A bearing is free where all
of its rays that cross the band are sure to go on, and unknown where one of them is not.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from adu_depth_core.camera import Camera
from adu_depth_core.errors import InputError
from adu_depth_core.inference.prediction import Prediction

MOST_BEARINGS = 100_000


class ScanShape(NamedTuple):
    """
    Which scan is made.

    Parameters
    ----------
    heights_m : (float, float)
        Ends of the band, above the camera; below it they are negative.
    angles : (float, float)
        First and last bearing in radians, left positive; what the camera does not see of them is
        left out.
    increment : float
        Radians from one bearing to the next.
    ranges_m : (float, float)
        What is nearer is not looked at; what is farther is free.
    max_std_m, max_relative_std : float
        Depth is sure up to these, in metres and as a fraction of it; 0 for no limit.
    pitch : float
        Radians by which the camera looks down.
    frame : str
        frame_id of the scan's message; empty for the image's without `_optical`.

    """

    heights_m: tuple[float, float] = (-0.2, 0.0)
    angles: tuple[float, float] = (-1.57, 1.57)
    increment: float = 0.01
    ranges_m: tuple[float, float] = (0.5, 20.0)
    max_std_m: float = 0.0
    max_relative_std: float = 0.0
    pitch: float = 0.0
    frame: str = ''


class PlanarScan(NamedTuple):
    """
    One scan.

    Attributes
    ----------
    first : float
        Its first bearing in radians, left positive; the others follow by `ScanShape.increment`.
    ranges_m : (N,) float32
        Horizontal distances from the lens, +inf where it is free as far as is looked, NaN unknown
        (REP 117).

    """

    first: float
    ranges_m: NDArray[np.float32]


class Scanner:
    """Makes scans for one camera after the other; what depends on the camera alone is kept."""

    def __init__(self) -> None:
        self._made_for: tuple[Camera, ScanShape] | None = None

    def __call__(self, camera: Camera, prediction: Prediction, shape: ScanShape) -> PlanarScan:
        """
        Return the scan of a prediction.

        Raises
        ------
        InputError
            When no bearing is seen, or there are too many of them.

        """
        if self._made_for != (camera, shape):
            self._prepare(camera, shape)
            self._made_for = camera, shape
        return PlanarScan(self._first, self._ranges(prediction, shape))

    def _ranges(self, prediction: Prediction, shape: ScanShape) -> NDArray[np.float32]:
        depth = prediction.depth_m.reshape(-1)[self._places]
        std = prediction.std_m.reshape(-1)[self._places]
        sure = depth > 0  # NaN is not
        if shape.max_std_m:
            sure &= std <= shape.max_std_m
        if shape.max_relative_std:
            sure &= std <= shape.max_relative_std * depth
        distance = depth * self._distance_at_1_m
        passes = sure & (distance >= self._leaves)
        hits = sure & ~passes & (distance >= self._enters)
        ranges = np.full(self._count, np.inf, np.float32)
        # What is neither hit nor passed is hidden, or not known.
        ranges[self._bearing[~passes & ~hits]] = np.nan
        np.fmin.at(ranges, self._bearing[hits], distance[hits])
        ranges[self._unseen] = np.nan
        return ranges

    def _prepare(self, camera: Camera, shape: ScanShape) -> None:
        """Keep the pixels whose rays cross the band: their bearing, and where they are in it."""
        rays = camera.rays().reshape(-1, 3).astype(np.float64)
        right = rays[:, 0]
        # The camera looks down: its own axes are turned back into the level.
        sine, cosine = np.sin(shape.pitch), np.cos(shape.pitch)
        ahead, up = rays[:, 2] * cosine - rays[:, 1] * sine, -rays[:, 1] * cosine - sine
        level = np.hypot(right, ahead)
        enters, leaves = _crossing(up / level, shape)
        angle = -np.arctan2(right, ahead)
        self._first, self._count = _bearings(angle, shape)
        bearing = np.rint((angle - self._first) / shape.increment).astype(np.int64)
        crosses = (enters < leaves) & (bearing >= 0) & (bearing < self._count)
        self._places = np.flatnonzero(crosses)
        self._bearing = bearing[self._places]
        self._distance_at_1_m = level[self._places].astype(np.float32)
        self._enters = enters[self._places].astype(np.float32)
        self._leaves = leaves[self._places].astype(np.float32)
        self._unseen = np.bincount(self._bearing, minlength=self._count) == 0


def _crossing(
    slope: NDArray[np.float64], shape: ScanShape
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return from which to which distance rays are in the band and in range, by their slopes."""
    low, high = shape.heights_m
    with np.errstate(divide='ignore', invalid='ignore'):
        ends = np.stack([low / slope, high / slope])
    # A level ray is in the band for good, or never.
    inside = low <= 0 <= high
    ends[:, slope == 0] = np.array([[-np.inf], [np.inf if inside else -np.inf]])
    enters, leaves = np.nan_to_num(np.sort(ends, axis=0), nan=0.0, posinf=np.inf, neginf=-np.inf)
    near, far = shape.ranges_m
    return np.maximum(enters, near), np.minimum(leaves, far)


def _bearings(angle: NDArray[np.float64], shape: ScanShape) -> tuple[float, int]:
    """Return the first bearing and how many there are, of those that are asked for and seen."""
    first, last = max(shape.angles[0], angle.min()), min(shape.angles[1], angle.max())
    count = int((last - first) / shape.increment + 1e-6) + 1 if last >= first else 0
    if not 0 < count <= MOST_BEARINGS:
        raise InputError(
            f'laser_scan: {count} bearings from {shape.angles[0]:g} to {shape.angles[1]:g} rad; '
            f'the camera sees {angle.min():.3f} to {angle.max():.3f}'
        )
    return float(first), count
