# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
Fits both factors: a median for the scale of depth, a conformal quantile for the deviation.

The interval that is to hold is the two-sided 90 % one of Laplace's distribution of log-depth,
depth exp(+-ln(10) b) with b = std / (sqrt(2) depth), as in `evaluation.uncertainty`. With it the
score of a pixel is |ln(depth) - ln(truth)| / (b ln(10)), and the factor on std is the quantile of
the scores. Pixels of one part of a drive are not exchangeable, parts nearly are: each weighs the
same, and the level is the coverage that split conformal prediction has on average when it is given
one pixel of each of K parts, ceil(0.9 (K + 1)) / (K + 1) (subsampling, Dunn, Wasserman, Ramdas,
"Distribution-free prediction sets for two-layer hierarchical models", 2022). Taking all pixels of
the parts instead makes the quantile steadier.
"""

import math

import numpy as np
from numpy.typing import NDArray

from adu_depth_core.evaluation.calibrating.residuals import Residuals, Values
from adu_depth_core.inference.factors import Factors

COVERAGE = 0.9
# Of fewer than 9 no quantile holds 90 % of one not seen, and one is left out to judge the others.
LEAST_PARTS = 10


def fitted(residuals: Residuals, counts: NDArray[np.floating] | None = None) -> Factors:
    """
    Fit both factors.

    Parameters
    ----------
    residuals : Residuals
        Of at least `LEAST_PARTS` - 1 parts.
    counts : (parts,) float, optional
        How often each part counts; once where not given.

    """
    counts = np.ones(residuals.parts) if counts is None else counts
    depth_scale = fitted_scale(residuals, counts)
    scores = residuals.multiplied(Factors(depth_scale)).in_half_widths
    level = conformal_level(round(float(counts.sum())))
    weights = residuals.weights * counts[residuals.part]
    return Factors(depth_scale, weighted_quantile(scores, weights, level))


def fitted_scale_alone(
    residuals: Residuals, counts: NDArray[np.floating] | None = None
) -> Factors:
    """Fit the scale of depth, where parts are too few to say anything of the deviation."""
    return Factors(fitted_scale(residuals, counts))


def fitted_scale(residuals: Residuals, counts: NDArray[np.floating] | None = None) -> float:
    """Return the factor that takes the median of depth / truth to 1."""
    weights = residuals.weights
    weights = weights if counts is None else weights * counts[residuals.part]
    return float(np.exp(-weighted_quantile(residuals.error, weights, 0.5)))


def conformal_level(parts: int) -> float:
    """Return the quantile of the parts seen that is to hold `COVERAGE` of one that was not."""
    return math.ceil(COVERAGE * (parts + 1) - 1e-9) / (parts + 1)


def weighted_quantile(values: Values, weights: Values, level: float) -> float:
    """Return the smallest of (N,) values up to which the weights are `level` of all."""
    order = np.argsort(values, kind='stable')
    reached = np.cumsum(weights[order])
    # A hair less: sums of many weights are rounded.
    place = int(np.searchsorted(reached, level * reached[-1] * (1 - 1e-12)))
    return float(values[order[min(place, len(order) - 1)]])
