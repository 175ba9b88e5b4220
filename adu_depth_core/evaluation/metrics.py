# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Depth errors of one image as the field defines them (Eigen et al., 2014; BTS; KITTI)."""

from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

MIN_DEPTH = 1e-3
NAMES = ('abs_rel', 'sq_rel', 'rmse', 'rmse_log', 'd1', 'd2', 'd3', 'silog')


def eigen_errors(
    prediction_m: NDArray[np.floating], truth_m: NDArray[np.floating]
) -> dict[str, float]:
    """
    Compare predicted with true depth, pixel by pixel.

    Parameters
    ----------
    prediction_m, truth_m : (N,) float
        Depth in metres, all positive and finite, at least one pixel.

    Returns
    -------
    dict
        abs_rel, rmse_log, d1, d2, d3 (unitless), sq_rel and rmse (m), silog (times 100).

    """
    p, g = prediction_m.astype(np.float64), truth_m.astype(np.float64)
    ratio = np.maximum(g / p, p / g)
    log_error = np.log(p) - np.log(g)
    return {
        'abs_rel': float(np.mean(np.abs(g - p) / g)),
        'sq_rel': float(np.mean((g - p) ** 2 / g)),
        'rmse': float(np.sqrt(np.mean((g - p) ** 2))),
        'rmse_log': float(np.sqrt(np.mean(log_error**2))),
        'd1': float(np.mean(ratio < 1.25)),
        'd2': float(np.mean(ratio < 1.25**2)),
        'd3': float(np.mean(ratio < 1.25**3)),
        'silog': float(100 * np.std(log_error)),
    }


def depth_errors(
    depth_m: NDArray[np.floating], truth_m: NDArray[np.floating], *, max_depth: float = 80.0
) -> dict[str, float]:
    """
    Compare two depth images where both are known.

    Parameters
    ----------
    depth_m, truth_m : (H, W) float
        Metres, NaN = unknown; truth counts where it lies in (0.001, max_depth).

    Returns
    -------
    dict
        The keys of `eigen_errors` and `density`: the share of true pixels that are predicted.
        All NaN (density 0) where nothing can be compared.

    """
    valid = (truth_m > MIN_DEPTH) & (truth_m < max_depth)
    both = valid & np.isfinite(depth_m)
    if not both.any():
        return {**dict.fromkeys(NAMES, float('nan')), 'density': 0.0}
    errors = eigen_errors(np.clip(depth_m[both], MIN_DEPTH, max_depth), truth_m[both])
    return {**errors, 'density': float(both.sum() / valid.sum())}


def mean_over_images(rows: Iterable[Mapping[str, float]]) -> dict[str, float]:
    """Average each figure over the images that have it: every image counts the same."""
    rows = list(rows)
    keys = rows[0].keys() if rows else ()
    return {key: float(np.nanmean([row[key] for row in rows])) for key in keys}
