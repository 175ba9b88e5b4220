# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Figures of hand-computed pixels, calibration of uncertainty."""

import math

import numpy as np
import pytest

from adu_depth_core.evaluation.metrics import (
    KITTI_NAMES,
    depth_errors,
    eigen_errors,
    error_sums,
    figures_of_sums,
    mean_over_images,
)
from adu_depth_core.evaluation.protocols import DistanceBins
from adu_depth_core.evaluation.uncertainty import (
    LEVELS,
    coverage,
    coverage_error,
    fit_temperature,
    normalised_errors,
    uncertainty_figures,
    uncertainty_sums,
)

NAN = np.nan


def test_errors_of_four_pixels_by_hand():
    errors = eigen_errors(np.array([1.0, 2.0, 5.0, 8.0]), np.array([1.0, 4.0, 4.0, 10.0]))
    logs = np.log([1.0, 0.5, 1.25, 0.8])
    assert errors['abs_rel'] == pytest.approx((0 + 0.5 + 0.25 + 0.2) / 4)
    assert errors['sq_rel'] == pytest.approx((0 + 1 + 0.25 + 0.4) / 4)
    assert errors['rmse'] == pytest.approx(math.sqrt((0 + 4 + 1 + 4) / 4))
    assert errors['rmse_log'] == pytest.approx(math.sqrt(np.mean(logs**2)))
    assert errors['silog'] == pytest.approx(100 * math.sqrt(np.mean(logs**2) - np.mean(logs) ** 2))
    assert errors['d1'] == pytest.approx(1 / 4), 'ratios of exactly 1.25 do not count as below'
    assert errors['d2'] == pytest.approx(3 / 4)
    assert errors['d3'] == pytest.approx(3 / 4)


def test_unknown_prediction_lowers_density_and_leaves_the_error_alone():
    truth = np.array([[1.0, 2.0], [NAN, 90.0]])
    errors = depth_errors(np.array([[2.0, NAN], [1.0, 1.0]]), truth)
    assert errors['abs_rel'] == pytest.approx(1.0)
    assert errors['density'] == pytest.approx(0.5)


def test_image_without_any_comparable_pixel_has_no_error():
    errors = depth_errors(np.full((2, 2), NAN), np.ones((2, 2)))
    assert math.isnan(errors['abs_rel'])
    assert errors['density'] == 0


def test_every_image_counts_the_same_in_the_mean():
    assert mean_over_images([{'a': 1.0}, {'a': 3.0}, {'a': NAN}]) == {'a': 2.0}


def test_errors_of_the_kitti_kit_by_hand():
    sums = error_sums(np.array([1.0, 2.0, 5.0, 8.0]), np.array([1.0, 4.0, 4.0, 10.0]))
    errors = figures_of_sums(sums, KITTI_NAMES)
    logs = np.log([1.0, 0.5, 1.25, 0.8])
    assert errors == {
        'silog': pytest.approx(100 * math.sqrt(np.mean(logs**2) - np.mean(logs) ** 2)),
        'sq_error_rel': pytest.approx(100 * (0 + 1 / 4 + 1 / 16 + 1 / 25) / 4),
        'abs_error_rel': pytest.approx(100 * (0 + 0.5 + 0.25 + 0.2) / 4),
        'irmse': pytest.approx(1000 * math.sqrt((0 + 0.25**2 + 0.05**2 + 0.025**2) / 4)),
    }


def test_silog_of_one_scale_is_zero_and_no_root_of_a_negative_number():
    truth = np.linspace(2, 70, 1000)
    assert eigen_errors(1.3 * truth, truth)['silog'] == pytest.approx(0, abs=1e-4)


def test_relative_differences_of_distances_by_hand():
    bins = DistanceBins(radius_m=4, step_m=8, last_m=80)
    truth = np.array([4.0, 8.0, 10.0, 40.0, 90.0])
    depth = np.array([5.0, 4.0, 20.0, 50.0, 1.0])
    sums = bins.sums(depth, truth)
    assert sums[:, 1].tolist() == [1, 3, 0, 0, 0, 1, 0, 0, 0, 0, 0], '4 m lies in two bins'
    figures = bins.figures(sums)
    near, middle, far = 0.2, (0.2 + 1.0 + 0.5) / 3, 0.2
    assert figures['ard_0m'] == pytest.approx(near)
    assert figures['ard_8m'] == pytest.approx(middle)
    assert figures['ard_40m'] == pytest.approx(far)
    assert math.isnan(figures['ard_16m'])
    assert figures['gd'] == pytest.approx((near + middle + far) / 3), 'empty bins do not count'


def test_relative_difference_is_that_of_disparities():
    disparity, predicted = np.array([30.0, 12.0]), np.array([33.0, 9.0])
    focal_by_baseline = 721.5 * 0.54
    sums = DistanceBins(20, 20, 40).sums(
        focal_by_baseline / predicted, focal_by_baseline / disparity
    )
    assert sums[1] == pytest.approx([3 / 30 + 3 / 12, 2])


def laplace_sample(scale, count=200_000):
    return np.abs(np.random.default_rng(3).laplace(0, scale, count))


def test_errors_drawn_from_the_predicted_distribution_are_calibrated():
    assert coverage_error(laplace_sample(1.0)) < 0.005
    assert coverage(laplace_sample(1.0)) == pytest.approx(LEVELS, abs=0.01)


def test_overconfident_scale_is_seen_and_the_temperature_mends_it():
    normalised = laplace_sample(2.0)
    assert coverage_error(normalised) > 0.15
    temperature = fit_temperature(normalised)
    assert temperature == pytest.approx(2.0, rel=0.02)
    assert coverage_error(normalised / temperature) < 0.005


def test_scale_is_recovered_from_the_published_images():
    depth, scale = np.array([[10.0]]), 0.1
    std = math.sqrt(2) * scale * depth
    truth = depth * math.exp(0.2)
    assert normalised_errors(depth, std, truth) == pytest.approx([2.0])


def test_unknown_pixels_have_no_normalised_error():
    depth, std = np.array([[NAN, 1.0, 1.0]]), np.array([[NAN, 1.0, 1.0]])
    truth = np.array([[1.0, NAN, np.inf]])
    assert len(normalised_errors(depth, std, truth)) == 0


def test_likelihood_coverage_and_sharpness_of_four_pixels_by_hand():
    truth = np.array([4.0, 10.0, 20.0, 50.0])
    scale = np.array([0.1, 0.2, 0.3, 0.4])
    normalised = np.array([0.05, 0.5, 1.5, 4.0])  # |e| / b
    depth = truth * np.exp(normalised * scale * [1, -1, 1, -1])
    figures = uncertainty_figures(uncertainty_sums(depth, math.sqrt(2) * scale * depth, truth))
    assert figures['nll'] == pytest.approx(np.mean(normalised + np.log(2 * scale)))
    assert figures['sharpness'] == pytest.approx(0.25)
    # Half-widths in b: .105 .223 .357 .511 .693 .916 1.204 1.609 2.303 2.996
    observed = [0.25, 0.25, 0.25, 0.5, 0.5, 0.5, 0.5, 0.75, 0.75, 0.75]
    assert coverage(normalised).tolist() == observed
    expected = np.mean(np.abs(np.subtract(observed, LEVELS)))
    assert figures['coverage_error'] == pytest.approx(expected)


def test_likelihood_is_least_for_the_right_scale():
    truth = np.full(50_000, 20.0)
    depth = truth * np.exp(np.random.default_rng(4).laplace(0, 0.1, len(truth)))

    def likelihood(scale):
        sums = uncertainty_sums(depth, math.sqrt(2) * scale * depth, truth)
        return uncertainty_figures(sums)['nll']

    assert likelihood(0.1) < min(likelihood(0.08), likelihood(0.125))
    assert likelihood(0.1) == pytest.approx(1 + math.log(0.2), abs=0.01)
