# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Keeps the standard deviation honest while truth comes in: a running quantile."""

import math
from collections import deque

import numpy as np
from numpy.typing import NDArray

from adu_depth_core.inference.prediction import Prediction

COVERAGE = 0.9
# Half the width of the 90 % interval of ln(depth), in units of std / depth: ln(10) / sqrt(2).
HALF_WIDTH_90 = math.log(10) / math.sqrt(2)
# A truth nearer than this is none.
MIN_DEPTH = 1e-3
REMEMBERED = 100


def share_inside(prediction: Prediction, truth_m: NDArray[np.floating]) -> float | None:
    """
    Return which share of the truth is inside the 90 % interval; None where nothing is known.

    Parameters
    ----------
    prediction : Prediction
        NaN = unknown, which is not looked at.
    truth_m : (H, W) float
        Metres, NaN = unknown.

    """
    depth, std = prediction.depth_m, prediction.std_m
    rows, columns = np.nonzero((truth_m > MIN_DEPTH) & np.isfinite(truth_m))
    depth, std, truth = (image[rows, columns] for image in (depth, std, truth_m))
    known = (depth > 0) & (std > 0)
    if not known.any():
        return None
    depth, std, truth = depth[known], std[known], truth[known]
    inside = np.abs(np.log(depth / truth)) * depth <= HALF_WIDTH_90 * std
    return float(np.mean(inside))


class RunningStdScale:
    """
    A factor on std that follows how much truth lies inside the 90 % interval.

    After each truth, ln(factor) grows by gain * (0.9 - share inside): adaptive conformal inference
    (Gibbs, Candes, NeurIPS 2021), of which the long-run share is 0.9 whatever the world does.

    Parameters
    ----------
    gain : float
        Step of ln(factor) when all truth is outside instead of inside; may be changed.
    limits : (float, float)
        Between which the factor stays.

    """

    def __init__(self, gain: float = 0.05, limits: tuple[float, float] = (0.25, 4.0)) -> None:
        self.gain, self._limits = gain, limits
        self.factor, self.truths = 1.0, 0
        self._inside: deque[float] = deque(maxlen=REMEMBERED)

    def learn(self, inside: float) -> None:
        """Take in which share of one truth was inside the interval with the factor as it is."""
        self.truths += 1
        self._inside.append(inside)
        low, high = self._limits
        grown = self.factor * math.exp(self.gain * (COVERAGE - inside))
        self.factor = min(max(grown, low), high)

    @property
    def coverage(self) -> float | None:
        """Mean share inside the interval over the last truths, None before the first."""
        return sum(self._inside) / len(self._inside) if self._inside else None
