# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Figures of hand-computed pixels, windows of protocols, calibration of uncertainty."""

import math

import numpy as np
import pytest

from adu_depth_core.errors import InputError
from adu_depth_core.evaluation.metrics import depth_errors, eigen_errors, mean_over_images
from adu_depth_core.evaluation.protocols import Window, find_protocol, garg, garg_on_kb_crop
from adu_depth_core.evaluation.uncertainty import (
    LEVELS,
    coverage,
    coverage_error,
    fit_temperature,
    normalised_errors,
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


@pytest.mark.parametrize(
    ('size', 'rows', 'columns'),
    [
        ((375, 1242), (153, 371), (44, 1197)),
        ((370, 1224), (151, 366), (43, 1180)),
        ((374, 1238), (152, 370), (44, 1193)),
        ((370, 1226), (151, 366), (44, 1181)),
        ((376, 1241), (153, 372), (44, 1196)),
        ((352, 1216), (143, 349), (43, 1172)),
    ],
)
def test_garg_window_of_kitti_sizes(size, rows, columns):
    assert garg(*size) == Window(*rows, *columns)


def test_garg_on_the_benchmark_crop_in_full_coordinates():
    assert garg_on_kb_crop(375, 1242) == Window(166, 372, 56, 1185)
    assert garg_on_kb_crop(376, 1241).left == 12 + 43


def test_protocol_refuses_images_smaller_than_its_crop():
    with pytest.raises(InputError, match='at least 1216x352, found 640x192'):
        garg_on_kb_crop(192, 640)


def test_protocol_scores_only_its_window_and_clamps():
    protocol = find_protocol('eigen_garg_kb')
    truth = np.full((375, 1242), NAN, np.float32)
    truth[0, 0] = 10.0
    assert protocol.errors(truth, truth) is None
    truth[200, 600] = 40.0
    truth[201, 600] = 90.0
    depth = np.full_like(truth, 200.0)
    assert protocol.errors(depth, truth)['abs_rel'] == pytest.approx(1.0)
    depth[:] = NAN
    assert protocol.errors(depth, truth)['abs_rel'] == pytest.approx(1 - 1e-3 / 40)


def test_unknown_protocol_is_named_with_those_there_are():
    with pytest.raises(InputError, match='"eigen" is unknown; there are eigen_garg_kb'):
        find_protocol('eigen')


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
