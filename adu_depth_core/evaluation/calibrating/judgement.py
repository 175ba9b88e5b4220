# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""How sure factors are, and what they change: bootstrap over parts, and parts left out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from adu_depth_core.evaluation.calibrating.fit import fitted, weighted_quantile
from adu_depth_core.evaluation.calibrating.residuals import Residuals, Values
from adu_depth_core.inference.factors import Factors

RESAMPLES = 300
FOLDS = 10
ENDS = 2.5, 97.5

Fit = Callable[[Residuals, Values], Factors]


@dataclass(frozen=True)
class Estimate:
    """A figure and the ends of its 95 % confidence interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Judgement:
    """
    Factors and what they change.

    Attributes
    ----------
    factors : Factors
        Fitted on all parts.
    depth_scale, std_scale : Estimate
        The same, with their confidence.
    before, after : mapping of str to Estimate
        `bias`, median of depth / truth less 1; `abs_rel`; `coverage`, the share of truth inside
        the 90 % interval. After: each part as corrected by what the others give.

    """

    factors: Factors
    depth_scale: Estimate
    std_scale: Estimate
    before: Mapping[str, Estimate]
    after: Mapping[str, Estimate]


def judged(
    residuals: Residuals, *, max_depth: float, max_relative_std: float, fit: Fit = fitted
) -> Judgement:
    """
    Fit the factors, and tell before, after and how sure they are.

    Parameters
    ----------
    residuals : Residuals
        Of predictions that were not multiplied.
    max_depth, max_relative_std : float
        What a prediction hides beyond these is not looked at after the correction, either.
    fit : callable
        Both factors, or the scale of depth alone.

    """
    # What is in order already is ordered again much faster, once for each resample.
    residuals = residuals.chosen(np.argsort(residuals.error))
    factors, counts = fit(residuals, np.ones(residuals.parts)), resampled_parts(residuals.parts)
    refitted = [fit(residuals, times) for times in counts]
    after = corrected_by_others(residuals, fit)
    seen = (after.depth_m <= max_depth) & (np.sqrt(2) * after.scale <= max_relative_std)
    return Judgement(
        factors,
        _estimate(factors.depth_scale, [one.depth_scale for one in refitted]),
        _estimate(factors.std_scale, [one.std_scale for one in refitted]),
        figures(residuals, counts),
        figures(after.chosen(seen), counts),
    )


def figures(residuals: Residuals, counts: Values) -> dict[str, Estimate]:
    """Return the figures of `Judgement` with their confidence, by (B, parts) resamples."""

    def bias(times: Values) -> float:
        weights = residuals.weights * times[residuals.part]
        return float(np.expm1(weighted_quantile(residuals.error, weights, 0.5)))

    relative = np.abs(np.expm1(residuals.error))
    inside = residuals.in_half_widths <= 1
    return {
        'bias': _bootstrapped(bias, counts),
        'abs_rel': _bootstrapped(_mean_of_parts(residuals, relative), counts),
        'coverage': _bootstrapped(_mean_of_parts(residuals, inside), counts),
    }


def corrected_by_others(residuals: Residuals, fit: Fit = fitted) -> Residuals:
    """Return residuals, each part multiplied by the factors that parts elsewhere give."""
    error, scale, depth_m = (np.empty(len(residuals.error)) for _ in range(3))
    for fold in np.array_split(np.arange(residuals.parts), min(FOLDS, residuals.parts)):
        counts = np.ones(residuals.parts)
        counts[fold] = 0
        places = counts[residuals.part] == 0
        new = residuals.chosen(places).multiplied(fit(residuals, counts))
        error[places], scale[places], depth_m[places] = new.error, new.scale, new.depth_m
    return replace(residuals, error=error, scale=scale, depth_m=depth_m)


def resampled_parts(parts: int) -> NDArray[np.float64]:
    """Return how often each part is drawn in each of the resamples: (B, parts)."""
    rng = np.random.default_rng(0)
    return rng.multinomial(parts, np.full(parts, 1 / parts), RESAMPLES).astype(np.float64)


def _mean_of_parts(residuals: Residuals, values: NDArray[np.generic]) -> Callable[[Values], float]:
    pixels = np.bincount(residuals.part, minlength=residuals.parts)
    sums = np.bincount(residuals.part, values.astype(np.float64), residuals.parts)
    known = pixels > 0
    means = np.divide(sums, pixels, out=np.zeros(len(sums)), where=known)
    return lambda times: float((means * times).sum() / (known * times).sum())


def _bootstrapped(figure: Callable[[Values], float], counts: Values) -> Estimate:
    return _estimate(figure(np.ones(counts.shape[1])), [figure(times) for times in counts])


def _estimate(value: float, drawn: list[float]) -> Estimate:
    low, high = np.percentile(drawn, ENDS).tolist()
    return Estimate(value, low, high)
