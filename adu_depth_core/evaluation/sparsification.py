# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
Does uncertainty rank pixels by their error? AUSE and AURG as mono-uncertainty defines them.

Poggi et al., CVPR 2020: the most uncertain pixels are removed, 2 % at a time, and the figure of
the others is drawn against the removed share. AUSE is the area between that curve and the one of
an oracle that knows the errors (0 is best), AURG the area gained over removing at random (more is
better). Both per image, then averaged over images.
"""

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

INTERVALS = 50
Figure = Literal['abs_rel', 'rmse', 'd1']

Values = NDArray[np.floating]


class Sparsification(NamedTuple):
    """
    Curves of one image over removed shares 0, 0.02 … 1, and their areas.

    Attributes
    ----------
    curve, oracle : (51,) float64
        The figure of what is left; 0 at the end.
    ause, aurg : float
        In the unit of the figure: unitless for abs_rel and d1, metres for rmse.

    """

    curve: NDArray[np.float64]
    oracle: NDArray[np.float64]
    ause: float
    aurg: float


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
    errors = _pixel_errors(depth_m.astype(np.float64), truth_m.astype(np.float64), figure)
    curve = _curve(errors, uncertainty.astype(np.float64), figure)
    oracle = _curve(errors, errors, figure)
    area = _area(curve)
    return Sparsification(curve, oracle, area - _area(oracle), float(curve[0]) - area)


def _pixel_errors(depth: Values, truth: Values, figure: Figure) -> NDArray[np.float64]:
    if figure == 'abs_rel':
        return np.abs(truth - depth) / truth
    if figure == 'rmse':
        return (truth - depth) ** 2
    return (np.maximum(truth / depth, depth / truth) >= 1.25).astype(np.float64)


def _curve(errors: NDArray[np.float64], ranking: Values, figure: Figure) -> NDArray[np.float64]:
    order = np.argsort(-ranking, kind='stable')
    certainty = -ranking[order]  # ascending: the most uncertain first
    thresholds = np.percentile(certainty, np.arange(INTERVALS) * (100 / INTERVALS))
    # Ties with the threshold stay, as in the definition.
    removed = np.searchsorted(certainty, thresholds, side='left')
    left_over = np.cumsum(errors[order][::-1])[::-1]
    means = left_over[removed] / (len(errors) - removed)
    return np.append(np.sqrt(means) if figure == 'rmse' else means, 0.0)


def _area(curve: NDArray[np.float64]) -> float:
    return float(np.sum(curve[1:] + curve[:-1]) / 2 / INTERVALS)
