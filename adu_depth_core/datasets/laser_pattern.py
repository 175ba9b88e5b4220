# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
Dense truth reduced to the labels that a robot has: thin laser lines in few of its frames.

The scanner is an idealised one at the camera: 64 lines evenly from 24.8 degrees below the
horizon up to it, as far down as a Velodyne HDL-64E looks, and no return from beyond 80 m.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from adu_depth_core.camera import Camera
from adu_depth_core.errors import InputError
from adu_depth_core.samples.sample import Depth, StereoDataset, StereoSample, ViewOfDataset

LINES = 64
LOWEST_DEG = -24.8
RANGE_M = 80.0
PIXEL_SHARE = 0.05
# Sets these random streams apart from those of a synthetic set of the same seed.
STREAM = 64

Mask = NDArray[np.bool_]


class LaserLabels(ViewOfDataset):
    """
    Another data set with dense truth, of which only what a laser scanner sees is left.

    Parameters
    ----------
    dataset : StereoDataset
        With truth at (nearly) every pixel.
    share : float
        Between 0 and 1: so many of the samples keep laser truth, the others have no truth at all.
    seed : int
        Which samples and which pixels are kept is a function of (seed, index) alone.

    Raises
    ------
    InputError
        When `share` is not between 0 and 1.

    """

    def __init__(self, dataset: StereoDataset, share: float, seed: int = 0) -> None:
        if not 0 <= share <= 1:
            raise InputError(f'laser share {share:g}: must be between 0 and 1')
        super().__init__(dataset)
        self._share, self._seed = share, seed

    def __getitem__(self, index: int) -> StereoSample:
        """Read one sample and hide what no laser sees of it."""
        sample = self._dataset[index]
        rng = np.random.default_rng((STREAM, self._seed, index))
        if rng.random() >= self._share:
            return replace(sample, depth_m=None, right_depth_m=None)
        right = sample.rig.right if sample.rig else sample.camera
        return replace(
            sample,
            depth_m=_thinned(sample.camera, sample.depth_m, rng),
            right_depth_m=_thinned(right, sample.right_depth_m, rng),
        )


def _thinned(camera: Camera, depth_m: Depth | None, rng: np.random.Generator) -> Depth | None:
    if depth_m is None:
        return None
    return np.where(laser_mask(camera, depth_m, rng), depth_m, np.float32(np.nan))


def laser_mask(camera: Camera, depth_m: Depth, rng: np.random.Generator) -> Mask:
    """
    Choose the pixels that a scan measures.

    Parameters
    ----------
    camera : Camera
        Taken to look along the horizon.
    depth_m : (H, W) float32
        Truth in metres; NaN (unknown) and +inf (sky) are never chosen.
    rng : np.random.Generator
        Thins the lines to `PIXEL_SHARE` of all pixels, where they cover more.

    Returns
    -------
    (H, W) bool

    """
    with np.errstate(invalid='ignore'):
        returned = on_a_line(camera) & (depth_m <= RANGE_M)
    candidates = np.flatnonzero(returned)
    wanted = min(len(candidates), round(PIXEL_SHARE * depth_m.size))
    mask = np.zeros(depth_m.size, bool)
    mask[rng.choice(candidates, wanted, replace=False)] = True
    return mask.reshape(depth_m.shape)


def seen_by_laser(camera: Camera) -> Mask:
    """
    Tell which pixels lie in the scanner's field of view, on one of its lines or between two.

    Returns
    -------
    (H, W) bool
        What is False here has no truth in any frame, however many are recorded.

    """
    elevation = elevation_deg(camera)
    return (elevation <= 0) & (elevation >= LOWEST_DEG)


def on_a_line(camera: Camera) -> Mask:
    """Tell which pixels a line of the scanner passes through, from column to column: (H, W)."""
    x = (np.arange(camera.width) - camera.cx) / camera.fx
    slopes = np.tan(np.radians(np.linspace(-LOWEST_DEG, 0, LINES)))
    # A cone about the vertical axis: y / sqrt(x^2 + z^2) is the same all around.
    rows = np.round(camera.cy + camera.fy * slopes[:, None] * np.sqrt(1 + x**2))
    line, column = np.nonzero((rows >= 0) & (rows < camera.height))
    mask = np.zeros((camera.height, camera.width), bool)
    mask[rows[line, column].astype(np.int64), column] = True
    return mask & seen_by_laser(camera)


def elevation_deg(camera: Camera) -> NDArray[np.floating]:
    """Angle of each pixel's ray above the horizon in degrees: (H, W), negative below it."""
    x, y, _ = np.moveaxis(camera.rays(), -1, 0)
    return np.degrees(np.arctan2(-y, np.hypot(x, 1)))
