# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Depth as colours, as fast as a table can be looked up."""

import numpy as np
from numpy.typing import NDArray

from adu_depth_core.evaluation.colours import coloured_depth

# The upper half of a float32 is its sign, its exponent and 7 bits of its fraction: a logarithmic
# scale with steps of less than 1 %, finer than the colours.
STEPS = 1 << 16


class DepthColours:
    """
    The colours of `adu_depth_core.evaluation.colours` on one scale for all frames.

    Parameters
    ----------
    nearest_m, farthest_m : float
        Metres that are red and blue; depth beyond takes the colour of the end.

    """

    def __init__(self, nearest_m: float, farthest_m: float) -> None:
        self.ends_m = nearest_m, farthest_m
        middles = (np.arange(STEPS, dtype=np.uint32) << 16 | 0x8000).view(np.float32)
        known = np.where(middles > 0, middles, np.float32(np.nan))
        (self._table,) = coloured_depth(known[None], nearest_m=nearest_m, farthest_m=farthest_m)

    def paint(self, depth_m: NDArray[np.float32], picture: NDArray[np.uint8]) -> None:
        """
        Write the colours of depth into a picture.

        Parameters
        ----------
        depth_m : (H, W) float32, C-contiguous
            NaN becomes dark grey.
        picture : (H, W, 3) uint8
            Becomes RGB.

        """
        upper_halves = (depth_m.view(np.uint32) >> 16).astype(np.uint16)
        np.take(self._table, upper_halves, axis=0, out=picture, mode='clip')
