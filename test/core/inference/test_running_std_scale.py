# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A factor on std that follows the truth, by bounded steps."""

import math

import numpy as np
import pytest

from adu_depth_core.inference.predictor import Prediction
from adu_depth_core.inference.running_std_scale import RunningStdScale, share_inside


def test_share_of_truth_inside_the_interval():
    # The interval of 10 m with a deviation of 1 m is 10 exp(+-0.16282) m.
    depth, std = np.full((1, 6), 10, np.float32), np.full((1, 6), 1, np.float32)
    depth[0, 5] = std[0, 5] = np.nan
    truth = np.array([[11.76, 11.78, 8.5, 8.49, np.nan, 10.0]])
    assert share_inside(Prediction(depth, std), truth) == 0.5


def test_nothing_in_common_says_nothing():
    nothing = np.full((2, 2), np.nan, np.float32)
    prediction = Prediction(np.ones((2, 2), np.float32), np.ones((2, 2), np.float32))
    assert share_inside(prediction, nothing) is None
    assert share_inside(Prediction(nothing, nothing), np.ones((2, 2))) is None
    assert share_inside(prediction, np.full((2, 2), np.inf)) is None


def test_a_step_is_as_large_as_the_gain_says():
    scale = RunningStdScale(gain=0.1)
    scale.learn(0.0)
    assert scale.factor == pytest.approx(math.exp(0.1 * 0.9))
    scale.learn(1.0)
    assert scale.factor == pytest.approx(math.exp(0.1 * 0.8))
    assert (scale.truths, scale.coverage) == (2, 0.5)


def test_factor_stays_within_its_limits():
    scale = RunningStdScale(gain=0.5)
    for _ in range(100):
        scale.learn(0.0)
    assert scale.factor == 4.0
    for _ in range(2000):
        scale.learn(1.0)
    assert scale.factor == 0.25


@pytest.mark.parametrize('width', [0.5, 1.0, 2.5])
@pytest.mark.parametrize('points', [1, 50])
def test_interval_comes_to_hold_nine_of_ten_truths(width, points):
    """Errors are Laplace's, `width` times what std says; the factor that is right is `width`."""
    random, scale = np.random.default_rng(0), RunningStdScale(gain=0.05)
    inside, factors = [], []
    for _ in range(3000):
        errors = np.abs(random.laplace(0, width, points))
        inside.append(float(np.mean(errors <= scale.factor * math.log(10))))
        scale.learn(inside[-1])
        factors.append(scale.factor)
    assert np.mean(inside[1000:]) == pytest.approx(0.9, abs=0.01)
    assert np.exp(np.mean(np.log(factors[1000:]))) == pytest.approx(width, rel=0.1)
