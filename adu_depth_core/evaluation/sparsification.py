# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
Does uncertainty rank pixels by their error? AUSE and AURG as mono-uncertainty defines them.

Poggi et al., CVPR 2020: the most uncertain pixels are removed, 2 % at a time, and the figure of
the others is drawn against the removed share. AUSE is the area between that curve and the one of
an oracle that knows the errors (0 is best), AURG the area gained over removing at random (more is
better). Both per image, then averaged over images. Ranks are those of float32 values.

The oracle removes by |p - g| / g for abs_rel, by |p - g| for rmse, and by the ratio
max(p / g, g / p) for d1: among bad pixels, and among good ones, the worst first.
"""

from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from adu_depth_core.evaluation.metrics import THRESHOLD
from adu_depth_core.evaluation.sparsification_sums import INTERVALS, kept_sums

Figure = Literal['abs_rel', 'rmse', 'd1']
FIGURES: tuple[Figure, ...] = ('abs_rel', 'rmse', 'd1')
REMOVED = np.arange(INTERVALS + 1) / INTERVALS

Values = NDArray[np.floating]


class Sparsification(NamedTuple):
    """
    Curves over removed shares 0, 0.02 … 1, and their areas.

    Attributes
    ----------
    curve, oracle : (51,) float64
        The figure of what is left; 0 at the end.
    ause, aurg : float
        In the unit of the figure: unitless for abs_rel and d1, metres for rmse.

    Each may have more axes in front, for several figures or groups of pixels.
    """

    curve: NDArray[np.float64]
    oracle: NDArray[np.float64]
    ause: NDArray[np.float64]
    aurg: NDArray[np.float64]


def sparsification(
    depth_m: Values, truth_m: Values, uncertainty: Values, figure: Figure = 'abs_rel'
) -> Sparsification:
    """
    Compare the order of uncertainty with that of error.

    Parameters
    ----------
    depth_m, truth_m, uncertainty : (N,) float
        Of the pixels that count, all finite and positive. The ranking that counts is that of
        std / depth for abs_rel and d1, of std for rmse.
    figure : str
        `abs_rel`, `rmse`, or `d1`, which stands for 1 - delta_1.

    """
    bounds = [0, len(uncertainty)]
    found = grouped_sparsification(depth_m, truth_m, uncertainty, uncertainty, bounds)
    place = FIGURES.index(figure)
    return Sparsification(*(values[place, -1] for values in found))


def grouped_sparsification(
    depth_m: Values,
    truth_m: Values,
    relative_std: Values,
    std_m: Values,
    bounds: Sequence[int],
) -> Sparsification:
    """
    Sparsify for all of `FIGURES`, within groups of pixels and over all of them.

    Parameters
    ----------
    depth_m, truth_m : (N,) float
        Metres, finite and positive.
    relative_std : (N,) float
        Ranks abs_rel and d1.
    std_m : (N,) float
        Ranks rmse.
    bounds : G + 1 int
        See `kept_sums`.

    Returns
    -------
    Sparsification
        Curves (3, G + 1, 51) and areas (3, G + 1), of all pixels in the last place; NaN for an
        empty group.

    """
    error = np.abs(depth_m - truth_m)
    relative, square = error / truth_m, error * error
    ratio = np.maximum(depth_m / truth_m, truth_m / depth_m)
    bad = ratio >= THRESHOLD
    by_relative = kept_sums(relative_std, [relative, bad], bounds)
    by_std = kept_sums(std_m, [square], bounds)
    best_relative = kept_sums(relative, [relative], bounds)
    best_square = kept_sums(error, [square], bounds)
    best_ratio = kept_sums(ratio, [bad], bounds)
    totals = by_relative.pixels[:, 0]
    with np.errstate(invalid='ignore'):
        curves = [
            by_relative.sums[0] / by_relative.pixels,
            np.sqrt(by_std.sums[0] / by_std.pixels),
            by_relative.sums[1] / by_relative.pixels,
        ]
        oracles = [
            best_relative.sums[0] / best_relative.pixels,
            np.sqrt(best_square.sums[0] / best_square.pixels),
            best_ratio.sums[0] / best_ratio.pixels,
        ]
    return _with_areas(*(_closed(np.stack(lines), totals) for lines in (curves, oracles)))


def _closed(lines: NDArray[np.float64], totals: NDArray[np.int64]) -> NDArray[np.float64]:
    """Append what is left in the end: nothing, which counts as 0."""
    lines = np.concatenate([lines, np.zeros((*lines.shape[:-1], 1))], axis=-1)
    lines[:, totals == 0] = np.nan
    return lines


def _with_areas(curve: NDArray[np.float64], oracle: NDArray[np.float64]) -> Sparsification:
    area = _area(curve)
    return Sparsification(curve, oracle, area - _area(oracle), curve[..., 0] - area)


def _area(curve: NDArray[np.float64]) -> NDArray[np.float64]:
    areas: NDArray[np.float64] = (curve[..., 1:] + curve[..., :-1]).sum(axis=-1) / 2 / INTERVALS
    return areas
