# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Sparsification against the definition written out the slow way, and by hand."""

import numpy as np
import pytest

from adu_depth_core.evaluation.sparsification import sparsification


def by_definition(depth, truth, uncertainty, figure):
    def value(keep):
        p, g = depth[keep], truth[keep]
        if figure == 'abs_rel':
            return np.mean(np.abs(g - p) / g)
        if figure == 'rmse':
            return np.sqrt(np.mean((g - p) ** 2))
        return 1 - np.mean(np.maximum(g / p, p / g) < 1.25)

    errors = {
        'abs_rel': np.abs(truth - depth) / truth,
        'rmse': (truth - depth) ** 2,
        'd1': (np.maximum(truth / depth, depth / truth) >= 1.25).astype(float),
    }[figure]

    def area(ranking):
        s = -ranking
        curve = [value(s >= np.percentile(s, 2 * t)) for t in range(50)] + [0.0]
        return np.sum(np.add(curve[1:], curve[:-1])) / 100, curve[0]

    (ours, whole), (best, _) = area(uncertainty), area(errors)
    return ours - best, whole - ours


@pytest.mark.parametrize('figure', ['abs_rel', 'rmse', 'd1'])
@pytest.mark.parametrize('ties', [False, True])
def test_areas_equal_the_definition(figure, ties):
    rng = np.random.default_rng(1)
    truth = rng.uniform(2, 80, 997)
    depth = truth * np.exp(rng.normal(0, 0.3, 997))
    uncertainty = np.abs(rng.normal(0, 1, 997)) + np.abs(np.log(depth / truth))
    if ties:
        uncertainty = np.round(uncertainty, 1)
    found = sparsification(depth, truth, uncertainty, figure)
    assert (found.ause, found.aurg) == pytest.approx(
        by_definition(depth, truth, uncertainty, figure), abs=1e-12
    )


def test_a_ranking_by_the_error_itself_is_perfect():
    truth = np.linspace(5, 50, 200)
    depth = truth * np.linspace(1.0, 1.5, 200)
    found = sparsification(depth, truth, np.abs(depth - truth) / truth)
    assert found.ause == pytest.approx(0, abs=1e-12)
    assert found.aurg > 0


def test_the_wrong_order_is_worse_than_chance():
    truth = np.linspace(5, 50, 200)
    depth = truth * np.linspace(1.0, 1.5, 200)
    assert sparsification(depth, truth, -np.abs(depth - truth) / truth).aurg < 0
