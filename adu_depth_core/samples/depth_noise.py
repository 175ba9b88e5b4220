# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""How sure the depth of a sensor is, from what is known of the sensor."""

from dataclasses import dataclass

import numpy as np

from adu_depth_core.errors import InputError
from adu_depth_core.samples.sample import Depth


@dataclass(frozen=True)
class DepthNoise:
    """
    The standard deviation of depth from triangulation, and the least of any sensor.

    A disparity off by s pixels puts a point at z metres off by z^2 s / (f b). What does not
    shrink with the distance, as calibration and pixels that hold two surfaces, is a share of it.

    Parameters
    ----------
    disparity_std_px : float
        s.
    least_relative_std : float
        The least standard deviation as a share of the depth.

    Raises
    ------
    InputError
        When one of them is not positive.

    """

    # As block matching errs on KITTI: a Laplace scale of 0.6 px and of 0.015 in log-depth.
    disparity_std_px: float = 0.85
    least_relative_std: float = 0.02

    def __post_init__(self) -> None:
        """Refuse a sensor that never errs: a teacher without an error teaches nothing."""
        if not (self.disparity_std_px > 0 and self.least_relative_std > 0):
            raise InputError(
                f'the errors {self.disparity_std_px:g} px and {self.least_relative_std:g} of the '
                'depth are not both positive; no sensor is exact'
            )

    def std_m(
        self, depth_m: Depth, focal_baseline: float = 0.0, disagreement_px: Depth | None = None
    ) -> Depth:
        """
        Return the standard deviation of a depth image in metres, NaN where depth is.

        Parameters
        ----------
        depth_m : (H, W) float32
            Metres.
        focal_baseline : float
            f b in px m; 0 where nothing is triangulated.
        disagreement_px : (H, W) float32, optional
            By how much another look contradicts the disparity; NaN where there is none. What is
            within `disparity_std_px` is noise, the rest adds to it.

        """
        least = np.float32(self.least_relative_std) * depth_m
        if not focal_baseline:
            return least
        disparity_std = np.full(depth_m.shape, self.disparity_std_px)
        if disagreement_px is not None:
            beyond = np.nan_to_num(disagreement_px, nan=0.0)
            beyond[beyond <= disparity_std] = 0
            disparity_std = np.hypot(disparity_std, beyond)
        triangulated = np.square(depth_m, dtype=float) * disparity_std / focal_baseline
        with np.errstate(over='ignore'):  # what is that far is as good as unknown
            return np.maximum(triangulated.astype(np.float32), least)


@dataclass(frozen=True)
class ConfidenceScale:
    """
    What the numbers of a confidence image mean.

    Parameters
    ----------
    best, worst : float
        The number where depth is as sure as the sensor can be, and that where it is no depth.

    Raises
    ------
    InputError
        When the two are the same, or not finite.

    """

    best: float = 1.0
    worst: float = 100.0

    def __post_init__(self) -> None:
        """Refuse a scale that is none."""
        if not np.isfinite([self.best, self.worst]).all() or self.best == self.worst:
            raise InputError(
                f'confidence from {self.worst:g} to {self.best:g} is no scale; give the number '
                'of no confidence, and that of full confidence'
            )

    def share(self, confidence: Depth) -> Depth:
        """Return confidence (H, W) from 0 to 1, float32; NaN, as nothing, is 0."""
        with np.errstate(invalid='ignore'):  # a signalling NaN is none the less nothing
            above = confidence.astype(np.float32) - np.float32(self.worst)
        share = above / np.float32(self.best - self.worst)
        return np.nan_to_num(share, nan=0.0, posinf=0.0, neginf=0.0).clip(0, 1)
