# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Long series in a few hundred points, without losing their peaks."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

MOST = 300

Values = NDArray[np.float64]


class Thinned(NamedTuple):
    """Means of neighbouring values, with the lowest and highest of each group: (M,) each."""

    places: Values
    means: Values
    lowest: Values
    highest: Values


def thinned(places: Values, values: Values, most: int = MOST) -> Thinned:
    """
    Put neighbours together until no more than `most` points are left.

    Parameters
    ----------
    places, values : (N,) float64
        A series in order; points of which either is not finite are left out.

    """
    known = np.isfinite(places) & np.isfinite(values)
    places, values = places[known], values[known]
    starts = np.unique(np.linspace(0, len(values), min(most, len(values)), False).astype(int))
    if not len(starts):
        return Thinned(*(np.empty(0) for _ in Thinned._fields))
    counts = np.diff(np.append(starts, len(values)))
    return Thinned(
        np.add.reduceat(places, starts) / counts,
        np.add.reduceat(values, starts) / counts,
        np.minimum.reduceat(values, starts),
        np.maximum.reduceat(values, starts),
    )
