# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Sparsification against the definition written out the slow way, and by hand."""

from fractions import Fraction

import numpy as np
import pytest

from adu_depth_core.evaluation.sparsification import (
    grouped_sparsification,
    kept_sums,
    sparsification,
)


# mono-uncertainty's figures: what is left after the most uncertain pixels went, against what is
# left after those with the largest error went. Its error of delta_1 is the ratio itself.
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
        'd1': np.maximum(truth / depth, depth / truth),
    }[figure]

    def area(ranking):
        s = -ranking.astype(np.float32).astype(np.float64)
        # np.percentile rounds, by version, some of those that are order statistics.
        steps = [percentile(np.sort(s), Fraction(2 * t, 100)) for t in range(50)]
        curve = [value(s >= step) for step in steps] + [0.0]
        return np.sum(np.add(curve[1:], curve[:-1])) / 100, curve[0]

    (ours, whole), (best, _) = area(uncertainty), area(errors)
    return ours - best, whole - ours


@pytest.mark.parametrize('figure', ['abs_rel', 'rmse', 'd1'])
@pytest.mark.parametrize('ties', [False, True])
@pytest.mark.parametrize('count', [1, 3, 51, 60, 101, 997, 30_000])
def test_areas_equal_the_definition(figure, ties, count):
    rng = np.random.default_rng(1)
    truth = rng.uniform(2, 80, count)
    depth = truth * np.exp(rng.normal(0, 0.3, count))
    uncertainty = np.abs(rng.normal(0, 1, count)) + np.abs(np.log(depth / truth))
    if ties:
        uncertainty = np.round(uncertainty, 1)
    found = sparsification(depth, truth, uncertainty, figure)
    assert (found.ause, found.aurg) == pytest.approx(
        by_definition(depth, truth, uncertainty, figure), abs=1e-7
    )


def test_oracle_of_d1_removes_the_largest_ratio_first():
    # 51 pixels: each of the 50 steps takes exactly one. Three are bad, and all are told apart.
    truth = np.full(51, 10.0)
    depth = truth * np.concatenate([[2.0, 1.6, 1.3], 1.2 - np.arange(48) / 1000])
    wrong_way_round = 10 * truth / depth
    found = sparsification(depth, truth, wrong_way_round, 'd1')
    left = range(51, 1, -1)  # pixels left after 0, 1 … 49 steps
    assert found.oracle[:4] == pytest.approx([3 / 51, 2 / 50, 1 / 49, 0])
    assert found.curve[:50] == pytest.approx([min(3, n) / n for n in left])
    # 3/51 + 3/50 + … + 3/3 + 2/2 = 10.0564 under the curve, 0.1192 under the oracle; step 0.02.
    harmonic = sum(1 / n for n in range(3, 52))
    worked_out = 0.02 * (3 * harmonic + 1 - 3 / 51 - 2 / 50 - 1 / 49)
    assert found.ause == pytest.approx(worked_out, abs=1e-12)
    assert found.ause == pytest.approx(0.1987, abs=1e-4)


def percentile(ordered, share):
    """Interpolate linearly between order statistics; `share` is exact."""
    below, rest = divmod((len(ordered) - 1) * share, 1)
    low = ordered[below]
    return low + float(rest) * (ordered[below + 1] - low) if rest else low


@pytest.mark.parametrize('ties', [False, True])
def test_pixels_go_at_the_percentiles_of_their_keys_whatever_their_number(ties):
    rng = np.random.default_rng(7)
    for count in [*range(1, 401), 1001, 5002, 10_051, 50_001]:
        keys = rng.gamma(2, 1, count).astype(np.float32)
        if ties:
            keys = np.round(keys, 1)
        error = rng.uniform(0, 1, count)
        order = np.argsort(-keys, kind='stable')
        certainty = -keys[order].astype(np.float64)
        upto = np.concatenate([[0.0], np.cumsum(error[order])])
        thresholds = [percentile(certainty, Fraction(2 * t, 100)) for t in range(50)]
        gone = np.searchsorted(certainty, thresholds, 'left')
        kept = kept_sums(keys, [error], [0, count])
        assert kept.pixels[-1].tolist() == (count - gone).tolist(), count
        assert kept.sums[0, -1] == pytest.approx(upto[-1] - upto[gone], abs=1e-8)


def test_a_ranking_by_the_error_itself_is_perfect():
    truth = np.linspace(5, 50, 200)
    depth = truth * np.linspace(1.0, 1.5, 200)
    found = sparsification(depth, truth, np.abs(depth - truth) / truth)
    assert found.ause == pytest.approx(0, abs=1e-12)
    assert found.aurg > 0


def test_the_wrong_order_is_worse_than_chance():
    truth = np.linspace(5, 50, 200)
    depth = truth * np.linspace(1.0, 1.5, 200)
    assert sparsification(depth, truth, 1 - np.abs(depth - truth) / truth).aurg < 0


@pytest.mark.parametrize('figure', ['abs_rel', 'rmse', 'd1'])
def test_a_constant_uncertainty_keeps_every_pixel_to_the_end(figure):
    truth = np.linspace(5, 50, 200)
    depth = truth * np.linspace(1.0, 1.5, 200)
    found = sparsification(depth, truth, np.ones(200), figure)
    assert found.curve[:50].tolist() == [found.curve[0]] * 50
    assert found.aurg == pytest.approx(found.curve[0] / 100), 'half a step of the last interval'


def test_groups_are_those_of_each_group_alone():
    rng = np.random.default_rng(5)
    truth, std = rng.uniform(2, 80, 900), rng.gamma(2, 1, 900)
    depth = truth * np.exp(rng.normal(0, 0.2, 900))
    bounds = [0, 300, 300, 320, 900]
    found = grouped_sparsification(depth, truth, std / depth, std, bounds)
    assert np.isnan(found.ause[:, 1]).all(), 'an empty group has no curve'
    for group in (0, 2, 3):
        part = slice(bounds[group], bounds[group + 1])
        pixels = depth[part], truth[part]
        alone = [
            sparsification(*pixels, (std / depth)[part], 'abs_rel'),
            sparsification(*pixels, std[part], 'rmse'),
            sparsification(*pixels, (std / depth)[part], 'd1'),
        ]
        assert found.ause[:, group] == pytest.approx([one.ause for one in alone], abs=1e-12)
        oracles = np.stack([one.oracle for one in alone])
        assert found.oracle[:, group] == pytest.approx(oracles, abs=1e-12)


def test_oracle_of_two_bad_pixels_in_a_hundred_is_perfect_after_one_step():
    truth = np.full(100, 10.0)
    depth = np.where(np.arange(100) < 2, 20.0, 10.0)
    oracle = sparsification(depth, truth, np.linspace(1, 2, 100), 'd1').oracle
    # 2 % of 99 steps between 100 pixels is 1.98: the threshold lies below both bad ones.
    assert oracle[:3].tolist() == [0.02, 0.0, 0.0]
