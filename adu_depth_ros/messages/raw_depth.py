# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Depth in whole millimetres, 16UC1: what REP 118 calls the raw form."""

import numpy as np
from numpy.typing import NDArray

UNKNOWN, LARGEST = 0, 65535


def to_millimetres(depth_m: NDArray[np.float32], out: NDArray[np.uint16]) -> None:
    """
    Write depth in metres as rounded millimetres.

    Parameters
    ----------
    depth_m : (H, W) float32
        NaN is written as 0, what is beyond 65.535 m as 65535.
    out : (H, W) uint16

    """
    millimetres = np.rint(depth_m * np.float32(1000))
    np.nan_to_num(millimetres, copy=False, nan=UNKNOWN, posinf=LARGEST, neginf=UNKNOWN)
    np.clip(millimetres, 0, LARGEST, out=millimetres)
    np.copyto(out, millimetres, casting='unsafe')
