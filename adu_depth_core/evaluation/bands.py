# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Bands of distance and of image rows: where the errors are."""

import math

import numpy as np
from numpy.typing import NDArray

EDGES_M = (0, 5, 10, 15, 20, 30, 40, 50, 60, 80)
ROW_BANDS = 16
# Band of each whole metre: a table is quicker than a search, and all edges are whole.
_BAND_OF_METRE = np.searchsorted(EDGES_M[1:], np.arange(EDGES_M[-1] + 1), 'right').astype(np.uint8)


def distance_edges(max_depth: float) -> list[float]:
    """Return the edges of the bands below a cap in metres, which is the last; it may be inf."""
    return [*(float(edge) for edge in EDGES_M if edge < max_depth), max_depth]


def order_by_distance(
    truth_m: NDArray[np.floating], max_depth: float
) -> tuple[NDArray[np.int64], list[int]]:
    """
    Group pixels by bands of true distance.

    Parameters
    ----------
    truth_m : (N,) float
        Metres, positive and finite.
    max_depth : float
        Cap; see `distance_edges`.

    Returns
    -------
    order : (N,) int64
        Pixels, nearest band first; within a band they stay in order.
    bounds : list of int
        Band k is [bounds[k], bounds[k + 1]) of them.

    """
    band = _BAND_OF_METRE[np.minimum(truth_m, EDGES_M[-1]).astype(np.int64)]
    parts = [np.flatnonzero(band == k) for k in range(len(distance_edges(max_depth)) - 1)]
    bounds = np.cumsum([0, *(len(part) for part in parts)]).tolist()
    return np.concatenate(parts), bounds


def row_bounds(pixels_of_row: NDArray[np.integer]) -> list[int]:
    """
    Return where each band of rows begins among pixels in the order of rows, and their number.

    Parameters
    ----------
    pixels_of_row : (H,) int
        How many pixels of each row of the image there are.

    """
    height = len(pixels_of_row)
    upto = np.concatenate([[0], np.cumsum(pixels_of_row)])
    return [int(upto[math.ceil(k * height / ROW_BANDS)]) for k in range(ROW_BANDS + 1)]
