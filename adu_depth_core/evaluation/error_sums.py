# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Sums over pixels, from which all figures of depth error follow; sums of parts can be added."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

THRESHOLD = 1.25  # delta_k counts ratios below its k-th power


class ErrorSums(NamedTuple):
    """
    Sums over pixels of prediction p and truth g, both in metres.

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
