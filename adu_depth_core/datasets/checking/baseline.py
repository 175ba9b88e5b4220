# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Whether the two images of a pair fit each other through truth and calibration."""

import cv2
import numpy as np

from adu_depth_core.samples.sample import StereoSample

# Right; images exchanged; baseline twice as long as it is; half as long.
FACTORS = (1.0, -1.0, 0.5, 2.0)
MIN_DISPARITY_PX = 4.0
MIN_PIXELS = 200


def best_baseline_factor(sample: StereoSample) -> float | None:
    """
    Find the factor of the baseline with which the right image looks most like the left one.

    Every pixel of known depth is compared with the right image where its disparity times the
    factor says. A calibrated pair gives 1, exchanged images -1, a doubled baseline 0.5; one frame
    may err, for instance before a fence.

    Returns
    -------
    float, optional
        One of `FACTORS`; None where there is no right image or too little near truth.

    """
    if sample.right is None or sample.rig is None or sample.depth_m is None:
        return None
    disparity_px = sample.rig.disparity_from_depth(sample.depth_m)
    with np.errstate(invalid='ignore'):
        row, column = np.nonzero(disparity_px >= MIN_DISPARITY_PX)
    if len(row) < MIN_PIXELS:
        return None
    left, right = _grey(sample.left), _grey(sample.right)
    shift = disparity_px[row, column]
    errors = [_difference(left, right, row, column, factor * shift) for factor in FACTORS]
    return FACTORS[int(np.argmin(errors))]


def _grey(image: np.ndarray) -> np.ndarray:
    # Blurred, since truth and its disparity are exact to a pixel at best.
    return cv2.GaussianBlur(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY).astype(np.float32), (0, 0), 1)


def _difference(
    left: np.ndarray,
    right: np.ndarray,
    row: np.ndarray,
    column: np.ndarray,
    shift_px: np.ndarray,
) -> float:
    """Return the median absolute difference of grey values, infinite where too few can be seen."""
    target = np.round(column - shift_px).astype(np.int64)
    inside = (target >= 0) & (target < right.shape[1])
    if inside.sum() < MIN_PIXELS / 2:
        return float('inf')
    difference = left[row[inside], column[inside]] - right[row[inside], target[inside]]
    return float(np.median(np.abs(difference)))
