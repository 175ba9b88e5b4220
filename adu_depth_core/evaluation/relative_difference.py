# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
Average relative difference at some distances, as DrivingStereo defines it.

Yang et al., CVPR 2019: ARD at distance k is the mean of |d' - d| / d over the pixels whose true
depth lies within a radius of k, d' and d being predicted and true disparity; GD is the mean of
ARD over the distances. The ratio of disparities is the inverse ratio of depths, so that neither
focal length nor baseline is needed.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class DistanceBins:
    """
    Distances 0, step, 2 step … last in metres, and how near to one a pixel must be.

    The bounds belong to a bin: with a radius of half a step, a pixel may lie in two bins.
    """

    radius_m: float
    step_m: float
    last_m: float

    @property
    def centres_m(self) -> NDArray[np.float64]:
        """(K,) the distances."""
        return np.arange(0, self.last_m + self.step_m / 2, self.step_m)

    def sums(
        self, prediction_m: NDArray[np.floating], truth_m: NDArray[np.floating]
    ) -> NDArray[np.float64]:
        """
        Sum up some pixels, all positive and finite.

        Returns
        -------
        (K, 2) float64
            Relative differences, and how many pixels they are, of each bin.

        """
        difference = np.abs(truth_m / prediction_m.astype(np.float64) - 1)
        sums = np.zeros((len(self.centres_m), 2))
        for row, centre in zip(sums, self.centres_m, strict=True):
            near = np.abs(truth_m - centre) <= self.radius_m
            row[:] = difference[near].sum(), np.count_nonzero(near)
        return sums

    def figures(self, sums: NDArray[np.floating]) -> dict[str, float]:
        """Return `ard_8m` … of each bin, NaN where it is empty, and `gd`, the mean of others."""
        with np.errstate(invalid='ignore'):
            ard = sums[:, 0] / sums[:, 1]
        filled = ard[sums[:, 1] > 0]
        named = {f'ard_{k:g}m': float(a) for k, a in zip(self.centres_m, ard, strict=True)}
        return {**named, 'gd': float(filled.mean()) if len(filled) else float('nan')}
