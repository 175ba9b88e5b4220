# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What predictions and truth differ by, pixel by pixel, kept for a fit."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from adu_depth_core.evaluation.calibrating.truth_frames import TruthFrame, independent_parts
from adu_depth_core.evaluation.uncertainty import laplace_scale
from adu_depth_core.inference.factors import Factors
from adu_depth_core.inference.predictor import Prediction

Values = NDArray[np.float64]
MOST_PIXELS_OF_FRAME = 1000
MOST_PIXELS = 50_000
# Of a truth nearer than this nothing is measured.
MIN_DEPTH = 1e-3
# Half the width of the two-sided 90 % interval of a Laplace distribution, in units of its scale.
HALF_WIDTH_90 = float(np.log(10))


@dataclass(frozen=True)
class Residuals:
    """
    Pixels with truth and a prediction, of all frames.

    Attributes
    ----------
    error : (N,) float64
        ln(depth) - ln(truth).
    scale : (N,) float64
        Laplace scale b of the logarithm of depth, as predicted.
    depth_m : (N,) float64
        Predicted, metres.
    part : (N,) int64
        Which independent part a pixel is of, counted from 0.
    parts, frames : int
        How many there are.

    """

    error: Values
    scale: Values
    depth_m: Values
    part: NDArray[np.int64]
    parts: int
    frames: int

    def chosen(self, places: NDArray[np.bool_] | NDArray[np.intp]) -> 'Residuals':
        """Return these pixels alone, by a mask or by their places; parts keep their numbers."""
        return replace(
            self,
            error=self.error[places],
            scale=self.scale[places],
            depth_m=self.depth_m[places],
            part=self.part[places],
        )

    def multiplied(self, factors: Factors) -> 'Residuals':
        """Return what they would be, had the predictions been multiplied."""
        return replace(
            self,
            error=self.error + np.log(factors.depth_scale),
            scale=self.scale * factors.std_scale,
            depth_m=self.depth_m * factors.depth_scale,
        )

    def each_apart(self) -> 'Residuals':
        """Return the same, every pixel a part of its own."""
        count = len(self.error)
        return replace(self, part=np.arange(count), parts=count)

    @property
    def in_half_widths(self) -> Values:
        """|error| in halves of the 90 % interval: up to 1, the truth is inside; (N,)."""
        return np.abs(self.error) / (HALF_WIDTH_90 * self.scale)

    @property
    def weights(self) -> Values:
        """Weights of the pixels: each part weighs 1, however much truth it has; (N,)."""
        return 1 / np.bincount(self.part, minlength=self.parts)[self.part]


def collected(
    frames: Iterable[TruthFrame],
    predict: Callable[[TruthFrame], Prediction],
    *,
    max_depth: float,
    apart_s: float,
) -> Residuals:
    """
    Predict frames and compare some pixels of each with the truth.

    Parameters
    ----------
    frames : iterable of TruthFrame
    predict : callable
        NaN = unknown, which is not compared.
    max_depth : float
        Metres; truth beyond does not count.
    apart_s : float
        See `independent_parts`.

    """
    rng = np.random.default_rng(0)
    pixels, drives, stamps = [], [], []
    for frame in frames:
        found = compared(predict(frame), frame.truth_m, max_depth)
        if len(found):
            some = rng.permutation(len(found))[:MOST_PIXELS_OF_FRAME]
            pixels.append(found[some])
            drives.append(frame.drive)
            stamps.append(frame.stamp_ns)
    most = max(MOST_PIXELS // max(len(pixels), 1), 1)
    pixels = [of_frame[:most] for of_frame in pixels]
    parts = independent_parts(drives, stamps, apart_s)
    part = np.repeat(parts, [len(of_frame) for of_frame in pixels])
    error, scale, depth_m = np.concatenate([np.empty((0, 3)), *pixels]).T
    count = int(parts.max()) + 1 if len(parts) else 0
    return Residuals(error, scale, depth_m, part, count, len(pixels))


def compared(
    prediction: Prediction, truth_m: NDArray[np.floating], max_depth: float
) -> NDArray[np.float64]:
    """Return error, Laplace scale and depth of those pixels of (H, W) that have all: (N, 3)."""
    images = prediction.depth_m, prediction.std_m, truth_m
    known = (truth_m > MIN_DEPTH) & (truth_m < max_depth) & (images[0] > 0) & (images[1] > 0)
    depth, std, truth = (image[known].astype(np.float64) for image in images)
    return np.stack([np.log(depth / truth), laplace_scale(depth, std), depth], axis=1)
