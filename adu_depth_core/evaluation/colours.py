# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Depth and standard deviation as colours that mean the same in every picture."""

import cv2
import numpy as np
from numpy.typing import NDArray

UNKNOWN_COLOUR = (40, 40, 40)


def coloured(
    values: NDArray[np.floating], lowest: float, highest: float, *, logarithmic: bool = False
) -> NDArray[np.uint8]:
    """
    Map values to the turbo colours, red at `lowest` and blue at `highest`.

    Parameters
    ----------
    values : (H, W) float
        In the unit of the two ends; NaN becomes dark grey.
    lowest, highest : float
        Values beyond take the colour of the end. Both positive if `logarithmic`.
    logarithmic : bool
        Spread the colours over the logarithm: near depth keeps its detail.

    Returns
    -------
    (H, W, 3) uint8, RGB.

    """
    scale = np.log if logarithmic else np.asarray
    with np.errstate(divide='ignore', invalid='ignore'):
        share = (scale(values) - scale(lowest)) / (scale(highest) - scale(lowest))
    known = ~np.isnan(share)
    stored = np.where(known, 255 * (1 - np.clip(share, 0, 1)), 0).astype(np.uint8)
    turbo = cv2.applyColorMap(stored, cv2.COLORMAP_TURBO)
    picture = np.asarray(cv2.cvtColor(turbo, cv2.COLOR_BGR2RGB), np.uint8)
    picture[~known] = UNKNOWN_COLOUR
    return picture


def coloured_depth(
    depth_m: NDArray[np.floating], *, nearest_m: float = 2.0, farthest_m: float = 80.0
) -> NDArray[np.uint8]:
    """Colour depth in metres on one logarithmic scale: (H, W, 3) uint8 RGB, near is red."""
    return coloured(depth_m, nearest_m, farthest_m, logarithmic=True)
