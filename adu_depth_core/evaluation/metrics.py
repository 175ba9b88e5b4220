# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Depth errors of one image as the field defines them (Eigen; BTS; KITTI; DrivingStereo)."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

MIN_DEPTH = 1e-3
THRESHOLD = 1.25  # delta_k counts ratios below its k-th power
NAMES = ('abs_rel', 'sq_rel', 'rmse', 'rmse_log', 'd1', 'd2', 'd3', 'silog')
KITTI_NAMES = ('silog', 'sq_error_rel', 'abs_error_rel', 'irmse')


class ErrorSums(NamedTuple):
    """
    Sums over pixels of prediction p and truth g, both in metres, from which all figures follow.

    Fields are floats, or arrays of one shape for several groups of pixels at once.
    """

    pixels: float
    bias: float  # p - g
    relative: float  # |p - g| / g
    relative_square: float  # (p - g)^2 / g^2
    square: float  # (p - g)^2
    square_by_truth: float  # (p - g)^2 / g
    log: float  # ln p - ln g
    log_square: float
    inverse_square: float  # (1/p - 1/g)^2
    d1: float
    d2: float
    d3: float


FORMULAS: Mapping[str, Callable[[ErrorSums], float]] = {
    # Eigen et al.; sq_rel and rmse in metres, the others without unit.
    'abs_rel': lambda s: s.relative / s.pixels,
    'sq_rel': lambda s: s.square_by_truth / s.pixels,
    'rmse': lambda s: np.sqrt(s.square / s.pixels),
    'rmse_log': lambda s: np.sqrt(s.log_square / s.pixels),
    'd1': lambda s: s.d1 / s.pixels,
    'd2': lambda s: s.d2 / s.pixels,
    'd3': lambda s: s.d3 / s.pixels,
    # KITTI's development kit; silog also among Eigen's.
    'silog': lambda s: 100 * np.sqrt(_variance(s.log, s.log_square, s.pixels)),
    'sq_error_rel': lambda s: 100 * s.relative_square / s.pixels,  # %
    'abs_error_rel': lambda s: 100 * s.relative / s.pixels,  # %
    'irmse': lambda s: 1000 * np.sqrt(s.inverse_square / s.pixels),  # 1/km
    'bias': lambda s: s.bias / s.pixels,  # m
}


def error_sums(
    prediction_m: NDArray[np.floating], truth_m: NDArray[np.floating]
) -> NDArray[np.float64]:
    """
    Sum up the errors of some pixels.

    Parameters
    ----------
    prediction_m, truth_m : (N,) float
        Depth in metres, all positive and finite.

    Returns
    -------
    (12,) float64
        In the order of `ErrorSums`.

    """
    p, g = prediction_m.astype(np.float64), truth_m.astype(np.float64)
    difference = p - g
    relative, ratio = np.abs(difference) / g, p / g
    log, inverse = np.log(ratio), 1 / p - 1 / g
    worse = np.maximum(ratio, g / p)
    return np.array(
        [
            len(g),
            difference.sum(),
            relative.sum(),
            relative @ relative,
            difference @ difference,
            np.abs(difference) @ relative,
            log.sum(),
            log @ log,
            inverse @ inverse,
            *(np.count_nonzero(worse < THRESHOLD**k) for k in (1, 2, 3)),
        ]
    )


def figures_of_sums(sums: NDArray[np.floating], names: Sequence[str] = NAMES) -> dict[str, float]:
    """
    Return the named figures of pixels whose `error_sums` these are; NaN without any pixel.

    Parameters
    ----------
    sums : (12,) float
        See `ErrorSums`.
    names : sequence of str
        Keys of `FORMULAS`.

    """
    if not sums[0]:
        return dict.fromkeys(names, float('nan'))
    fields = ErrorSums(*sums.tolist())
    return {name: float(FORMULAS[name](fields)) for name in names}


@dataclass(frozen=True)
class DistanceBins:
    """
    Distances 0, step, 2 step … last in metres, and how near to one a pixel must be.

    For the average relative difference of DrivingStereo (Yang et al., CVPR 2019): ARD at distance
    k is the mean of |d' - d| / d over the pixels whose true depth lies within a radius of k, d'
    and d being predicted and true disparity; GD is the mean of ARD over the distances. The ratio
    of disparities is the inverse ratio of depths, so that neither focal length nor baseline is
    needed.

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
    return figures_of_sums(error_sums(prediction_m, truth_m))


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


def _variance(total: float, total_of_squares: float, count: float) -> float:
    # Rounding must not make it negative where all values are the same.
    return max(total_of_squares / count - (total / count) ** 2, 0.0)
