# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
The constant layout: one depth map for every frame, the least that a network must beat.

A camera on a car sees the ground at much the same place all the time; the mean log-depth of each
pixel over a training drive is therefore a surprisingly good guess.
"""

import cv2
import numpy as np

from adu_depth_core.errors import InputError
from adu_depth_core.samples.sample import Depth, StereoDataset

SMOOTHING_PX = 15.0


def constant_layout(dataset: StereoDataset, *, smoothing_px: float = SMOOTHING_PX) -> Depth:
    """
    Return the smoothed mean log-depth per pixel over all samples, as depth: (H, W) float32 m.

    Sparse truth is averaged with Gaussian weights around each pixel (normalised convolution).

    Raises
    ------
    InputError
        When the samples have no truth, or not all one size.

    """
    total = count = None
    for index in range(len(dataset)):
        depth_m = dataset[index].depth_m
        if depth_m is None:
            continue
        known = np.isfinite(depth_m)
        if total is None:
            total, count = np.zeros(depth_m.shape), np.zeros(depth_m.shape)
        elif total.shape != depth_m.shape:
            raise InputError(f'layout: sizes {total.shape} and {depth_m.shape} cannot be averaged')
        total += np.log(np.where(known, depth_m, 1.0))
        count += known
    if total is None or count is None:
        raise InputError('layout: no sample has truth')
    smoothed = [cv2.GaussianBlur(x, (0, 0), smoothing_px) for x in (total, count)]
    return np.exp(_filled(smoothed[0], smoothed[1])).astype(np.float32)


def _filled(total: np.ndarray, count: np.ndarray) -> np.ndarray:
    """Divide; where nothing was seen nearby (the sky), take the farthest mean there is."""
    seen = count > 1e-6
    mean = np.where(seen, total / np.maximum(count, 1e-6), np.nan)
    return np.where(seen, mean, np.nanmax(mean))
