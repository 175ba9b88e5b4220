# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
What a prediction says of its own error: coverage of its intervals and their temperature.

All errors are in log-depth, e = ln(depth) - ln(truth), with the Laplace scale b. A two-sided
interval of level c is m +- b ln(1 / (1 - c)). Who has only the published images recovers
b = std / (sqrt(2) depth).
"""

import numpy as np
from numpy.typing import NDArray

LEVELS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
HALF_WIDTHS = -np.log1p(-np.array(LEVELS))  # of the intervals, in units of b


def uncertainty_sums(
    depth_m: NDArray[np.floating], std_m: NDArray[np.floating], truth_m: NDArray[np.floating]
) -> NDArray[np.float64]:
    """
    Sum up what some pixels say of their own error.

    Parameters
    ----------
    depth_m, std_m, truth_m : (N,) float
        Metres, all positive and finite.

    Returns
    -------
    (13,) float64
        The number of pixels, the sum of b, the sum of the negative logarithm of Laplace's
        density of ln(depth) at the truth, and the pixels inside the interval of each level.
        Those of several sets of pixels can be added.

    """
    scale = laplace_scale(depth_m.astype(np.float64), std_m.astype(np.float64))
    normalised = np.abs(np.log(depth_m / truth_m.astype(np.float64))) / scale
    likelihood = normalised + np.log(2 * scale)
    inside = [np.count_nonzero(normalised <= width) for width in HALF_WIDTHS]
    return np.array([len(scale), scale.sum(), likelihood.sum(), *inside])


def uncertainty_figures(sums: NDArray[np.floating]) -> dict[str, float]:
    """
    Return `nll` (nats, of ln(depth)), `coverage_error` and `sharpness` (the mean of b).

    `sums` are those of `uncertainty_sums`; NaN where no pixel has a standard deviation.
    """
    pixels, scale, likelihood = sums[:3].tolist()
    if not pixels:
        return dict.fromkeys(('nll', 'coverage_error', 'sharpness'), float('nan'))
    error = np.abs(sums[3:] / pixels - np.array(LEVELS)).mean()
    return {
        'nll': likelihood / pixels,
        'coverage_error': float(error),
        'sharpness': scale / pixels,
    }


def laplace_scale(
    depth_m: NDArray[np.floating], std_m: NDArray[np.floating]
) -> NDArray[np.floating]:
    """Recover the scale b of log-depth from depth and standard deviation, both in metres."""
    return std_m / (np.sqrt(2.0) * depth_m)


def normalised_errors(
    depth_m: NDArray[np.floating],
    std_m: NDArray[np.floating],
    truth_m: NDArray[np.floating],
    *,
    max_depth: float = 80.0,
) -> NDArray[np.float64]:
    """
    Return |e| / b of every pixel that has truth and a prediction.

    Parameters
    ----------
    depth_m, std_m, truth_m : (H, W) float
        Metres, NaN = unknown; truth counts where it lies in (0, max_depth).

    Returns
    -------
    (N,) float64, unitless.

    """
    known = (truth_m > 0) & (truth_m < max_depth) & np.isfinite(depth_m) & (std_m > 0)
    depth, std = depth_m[known].astype(np.float64), std_m[known].astype(np.float64)
    error = np.abs(np.log(depth) - np.log(truth_m[known].astype(np.float64)))
    return error / laplace_scale(depth, std)


def coverage(normalised: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return the share of errors inside the interval of each of `LEVELS`: (10,)."""
    ordered = np.sort(normalised)
    return np.searchsorted(ordered, HALF_WIDTHS, side='right') / max(len(ordered), 1)


def coverage_error(normalised: NDArray[np.floating]) -> float:
    """Return the mean of |coverage - level| over `LEVELS`, pixels pooled; NaN without any."""
    if len(normalised) == 0:
        return float('nan')
    return float(np.mean(np.abs(coverage(normalised) - np.array(LEVELS))))


def fit_temperature(normalised: NDArray[np.floating]) -> float:
    """
    Return the factor T on b that makes the median error the Laplace distribution's: ln 2.

    The median rather than the mean: a few outliers would spoil the calibration of all others.
    """
    return float(np.median(normalised) / np.log(2.0))
