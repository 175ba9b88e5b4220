# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Factors of errors that were drawn with known ones, and how sure they are."""

import math

import numpy as np
import pytest

from adu_depth_core.evaluation.calibrating.fit import (
    conformal_level,
    fitted,
    fitted_scale,
    weighted_quantile,
)
from adu_depth_core.evaluation.calibrating.judgement import corrected_by_others, judged
from adu_depth_core.evaluation.calibrating.residuals import Residuals, compared
from adu_depth_core.evaluation.calibrating.truth_frames import independent_parts
from adu_depth_core.inference.predictor import Prediction

NO_LIMITS = {'max_depth': math.inf, 'max_relative_std': math.inf}


def drawn(parts, pixels, *, factor=1.0, width=1.0, seed=0, of_part=0.0):
    """Errors of depths `factor` too far, Laplace with `width` times the scale that is stated."""
    random = np.random.default_rng(seed)
    part = np.repeat(np.arange(parts), pixels)
    scale = random.uniform(0.02, 0.2, len(part))
    shift = random.normal(0, of_part, parts)[part] if of_part else 0.0
    error = math.log(factor) + random.laplace(0, width * scale) + shift
    return Residuals(error, scale, np.full(len(part), 10.0), part, parts, parts)


@pytest.mark.parametrize(
    ('weights', 'level', 'expected'),
    [
        ([1, 1, 1, 1], 0.5, 20),
        ([1, 1, 1, 1], 0.51, 30),
        ([1, 1, 1, 1], 1.0, 40),
        ([0.1, 0.1, 0.1, 9.7], 0.05, 40),
        ([7, 1, 1, 1], 0.7, 10),
        ([0, 0, 0, 2], 0.0, 10),
    ],
)
def test_quantile_of_weighted_values(weights, level, expected):
    order = [2, 0, 3, 1]
    values, weights = np.array([10.0, 20, 30, 40]), np.array(weights, float)
    assert weighted_quantile(values[order], weights[order], level) == expected


def test_level_leaves_room_for_the_part_that_was_not_seen():
    expected = {9: 9 / 10, 10: 10 / 11, 18: 18 / 19, 19: 18 / 20, 90: 82 / 91}
    assert {parts: conformal_level(parts) for parts in expected} == pytest.approx(expected)


def test_both_factors_are_those_that_the_errors_were_drawn_with():
    factors = fitted(drawn(200, 100, factor=1.25, width=2.0))
    assert factors.depth_scale == pytest.approx(0.8, rel=0.01)
    # Laplace's quantile at 181 / 201, in half widths of the 90 % interval.
    at_level = math.log(1 - 181 / 201) / math.log(0.1)
    assert factors.std_scale == pytest.approx(2.0 * at_level, rel=0.02)


def test_a_part_with_much_truth_weighs_as_one_with_little():
    many, few = np.full(1000, 0.5), np.full(2, 0.1)
    error = np.concatenate([many, few, few])
    part = np.repeat([0, 1, 2], [1000, 2, 2])
    ones = np.ones(len(error))
    residuals = Residuals(error, ones, ones, part, 3, 3)
    assert fitted_scale(residuals) == pytest.approx(math.exp(-0.1))


def test_interval_of_the_factors_holds_what_the_errors_were_drawn_with():
    found = judged(drawn(60, 50, factor=0.9, width=0.5, of_part=0.05), **NO_LIMITS)
    assert found.depth_scale.low < 1 / 0.9 < found.depth_scale.high
    assert found.depth_scale.high - found.depth_scale.low < 0.1


def test_repeating_each_pixel_makes_nothing_surer():
    once = drawn(20, 30, of_part=0.1)
    places = np.repeat(np.arange(len(once.error)), 5)
    often = Residuals(
        once.error[places], once.scale[places], once.depth_m[places], once.part[places], 20, 20
    )
    one, other = (judged(residuals, **NO_LIMITS) for residuals in (once, often))
    for name in ('depth_scale', 'std_scale'):
        first, second = getattr(one, name), getattr(other, name)
        assert [second.value, second.low, second.high] == pytest.approx(
            [first.value, first.low, first.high], rel=0.02
        )


def test_before_and_after_tell_what_the_factors_change():
    found = judged(drawn(100, 100, factor=1.25, width=2.0), **NO_LIMITS)
    assert found.before['bias'].value == pytest.approx(0.25, abs=0.01)
    assert found.after['bias'].value == pytest.approx(0.0, abs=0.01)
    # Laplace with twice the width: 1 - 10^(-1/2) within the interval, less for the shift.
    shifted = drawn(100, 100, factor=1.25, width=2.0)
    inside = np.mean(np.abs(shifted.error) <= math.log(10) * shifted.scale)
    assert found.before['coverage'].value == pytest.approx(inside, abs=1e-6)
    assert found.before['coverage'].value < 0.65
    assert found.after['coverage'].value == pytest.approx(0.9, abs=0.02)
    assert found.after['coverage'].low <= 0.91 <= found.after['coverage'].high + 0.02


def test_each_part_is_judged_with_what_the_others_give():
    error = np.repeat([0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.9], 4)
    ones, part = np.ones(40), np.repeat(np.arange(10), 4)
    after = corrected_by_others(Residuals(error, ones, ones, part, 10, 10))
    np.testing.assert_allclose(after.error[part < 9], 0.0, atol=1e-12)
    np.testing.assert_allclose(after.error[part == 9], 0.8)


def test_what_would_be_hidden_after_the_correction_is_not_judged():
    residuals = drawn(20, 50, factor=0.5)
    found = judged(residuals, max_depth=25.0, max_relative_std=math.inf)
    assert found.after['coverage'].value > 0
    hidden = judged(residuals, max_depth=25.0, max_relative_std=np.sqrt(2) * 0.1)
    assert hidden.after['abs_rel'].value < found.after['abs_rel'].value


def test_frames_near_in_time_are_one_part():
    drives = ['b', 'a', 'a', 'a', 'b', 'a']
    seconds = [0.0, 0.0, 0.4, 1.0, 5.0, 1.9]
    stamps = [round(value * 1e9) for value in seconds]
    assert independent_parts(drives, stamps, 1.0).tolist() == [2, 0, 0, 1, 3, 1]


def test_pixels_count_where_truth_and_prediction_are_known():
    nan = np.nan
    depth = np.array([[2.0, nan, 4.0, 5.0]], np.float32)
    std = np.array([[0.2, nan, 0.4, 0.5]], np.float32)
    truth = np.array([[1.0, 2.0, nan, 90.0]], np.float32)
    found = compared(Prediction(depth, std), truth, 80.0)
    np.testing.assert_allclose(found, [[math.log(2), 0.1 / math.sqrt(2), 2.0]], rtol=1e-6)
