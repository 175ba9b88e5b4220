# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
Depth as the scan of a planar laser: how far it is to what is in a band of heights, by bearing.

A ray of a pixel enters the band of heights at one distance and leaves it at another. What it hits
between them is an obstacle; where it goes on, the band is free there. A bearing is free where all
of its rays that cross the band are sure to go on, and unknown where one of them is not.
"""

from array import array
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from sensor_msgs.msg import LaserScan
from std_msgs.msg import Header

from adu_depth_core.camera import Camera
from adu_depth_core.errors import InputError
from adu_depth_core.inference.predictor import Prediction

MOST_BEARINGS = 100_000
OPTICAL = '_optical'


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
        frame_id of the scan; empty for the image's without `_optical`.

    """

    heights_m: tuple[float, float] = (-0.2, 0.0)
    angles: tuple[float, float] = (-1.57, 1.57)
    increment: float = 0.01
    ranges_m: tuple[float, float] = (0.5, 20.0)
    max_std_m: float = 0.0
    max_relative_std: float = 0.0
    pitch: float = 0.0
    frame: str = ''


class Scanner:
    """Makes scans for one camera after the other; what depends on the camera alone is kept."""

    def __init__(self) -> None:
        self._made_for: tuple[Camera, ScanShape] | None = None

    def message(
        self, header: Header, camera: Camera, prediction: Prediction, shape: ScanShape
    ) -> LaserScan:
        """
        Return the scan of one image.

        Ranges are horizontal distances from the lens in metres, +inf = free up to `range_max`,
        NaN = unknown (REP 117).

        Parameters
        ----------
        header : std_msgs/Header
            Of the image.
        camera : Camera
            Of the prediction.
        prediction : Prediction
        shape : ScanShape

        Raises
        ------
        InputError
            When no bearing is seen, there are too many of them, or the frame is not to be told.

        """
        if self._made_for != (camera, shape):
            self._prepare(camera, shape)
            self._made_for = camera, shape
        ranges = array('f')
        ranges.frombytes(self._ranges(prediction, shape).tobytes())
        near, far = shape.ranges_m
        return LaserScan(
            header=Header(stamp=header.stamp, frame_id=scan_frame(header.frame_id, shape)),
            angle_min=self._first,
            angle_max=self._first + (self._count - 1) * shape.increment,
            angle_increment=shape.increment,
            range_min=near,
            range_max=far,
            ranges=ranges,
        )

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


def scan_frame(image_frame: str, shape: ScanShape) -> str:
    """
    Return the frame of a scan: x forward, y left and z up at the lens, level where it is pitched.

    Raises
    ------
    InputError
        When it is neither given nor to be told from the image's.

    """
    if shape.frame:
        return shape.frame
    if shape.pitch:
        raise InputError(
            'scan_frame: is empty, and scan_pitch is not 0; name a level frame at the lens'
        )
    if OPTICAL not in image_frame:
        raise InputError(
            f'scan_frame: is empty, and the frame_id "{image_frame}" has no {OPTICAL} to leave '
            'out; name a frame at the lens with x forward, y left and z up'
        )
    return image_frame.replace(OPTICAL, '')


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
