# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Two opinions on one depth."""

import numpy as np
import pytest

from adu_depth_core.inference.prediction import Prediction, pool


def opinion(depth_m: float, std_m: float) -> Prediction:
    return Prediction(np.full((1, 1), depth_m, np.float32), np.full((1, 1), std_m, np.float32))


@pytest.mark.parametrize(
    ('first', 'second', 'depth_m', 'relative_std'),
    [
        # Who is as sure counts as much: the geometric mean. Half their squared distance in
        # log-depth, ln 1.21 / 2, comes on top of the variance that both have.
        ((10.0, 1.0), (12.1, 1.21), 11.0, (0.01 + (0.19062 / 2) ** 2) ** 0.5),
        # They agree: the variance is their mean by weight, here 0.8 and 0.2.
        ((10.0, 2.0), (10.0, 1.0), 10.0, (0.2 * 0.04 + 0.8 * 0.01) ** 0.5),
        # Who is far surer is believed: the other's weight is 4 in a million.
        ((10.0, 5.0), (20.0, 0.02), 20.0, (1e-6 + 4e-6 * (0.25 + 0.69315**2)) ** 0.5),
        ((10.0, 1.0), (np.nan, np.nan), 10.0, 0.1),
    ],
)
def test_opinions_are_pooled_by_their_precision(
    first: tuple[float, float], second: tuple[float, float], depth_m: float, relative_std: float
) -> None:
    pooled = opinion(*first)
    pool(pooled, opinion(*second))
    assert pooled.depth_m[0, 0] == pytest.approx(depth_m, rel=1e-4)
    assert pooled.std_m[0, 0] / depth_m == pytest.approx(relative_std, rel=0.03)


def test_where_the_other_is_silent_nothing_changes() -> None:
    rng = np.random.default_rng(0)
    depth_m, std_m = rng.uniform(1, 9, (2, 4, 6)).astype(np.float32)
    other = Prediction(np.full_like(depth_m, np.nan), np.full_like(depth_m, np.nan))
    other.depth_m[2, 3], other.std_m[2, 3] = 5.0, 0.1
    pooled = Prediction(depth_m.copy(), std_m.copy())
    pool(pooled, other)
    changed = (pooled.depth_m != depth_m) | (pooled.std_m != std_m)
    assert np.argwhere(changed).tolist() == [[2, 3]]
