# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Scores of images: clamping, averaging, bands of distance and rows, sums of parts."""

import json
import math

import numpy as np
import pytest

from adu_depth_core.errors import InputError
from adu_depth_core.evaluation.image_sums import row_bounds
from adu_depth_core.evaluation.protocols import find_protocol
from adu_depth_core.evaluation.scores import Scores
from adu_depth_core.evaluation.sparsification import sparsification
from adu_depth_core.evaluation.uncertainty import LEVELS, coverage, normalised_errors

NAN = np.nan
FOUR = {
    'depth_m': np.array([[1.0, 2.0], [5.0, 8.0]], np.float32),
    'std_m': np.array([[0.1, 1.0], [0.5, 4.0]], np.float32),
    'truth_m': np.array([[1.0, 4.0], [4.0, 10.0]], np.float32),
}


def random_image(seed, shape=(60, 100)):
    rng = np.random.default_rng(seed)
    truth = rng.uniform(1, 100, shape)
    depth = truth * np.exp(rng.laplace(0, 0.2, shape))
    std = depth * rng.uniform(0.05, 0.5, shape)
    truth[rng.random(shape) < 0.3] = NAN
    return [x.astype(np.float32) for x in (depth, std, truth)]


def test_four_pixels_by_hand():
    figures = Scores(find_protocol('dense')).add(**FOUR)
    assert figures['abs_rel'] == pytest.approx((0 + 0.5 + 0.25 + 0.2) / 4)
    assert figures['rmse'] == pytest.approx(1.5)
    assert figures['d1'] == pytest.approx(0.25)
    assert figures['density'] == 1
    scale = np.array([0.1 / 1, 1 / 2, 0.5 / 5, 4 / 8]) / math.sqrt(2)
    normalised = np.abs(np.log([1, 0.5, 1.25, 0.8])) / scale
    assert figures['sharpness'] == pytest.approx(scale.mean())
    assert figures['nll'] == pytest.approx(np.mean(normalised + np.log(2 * scale)))


def test_ranks_are_of_relative_std_for_abs_rel_and_of_std_for_rmse():
    found = Scores(find_protocol('dense')).add(**FOUR)
    pixels = FOUR['depth_m'].ravel(), FOUR['truth_m'].ravel()
    std, relative = FOUR['std_m'].ravel(), FOUR['std_m'].ravel() / FOUR['depth_m'].ravel()
    for figure, ranking in (('abs_rel', relative), ('d1', relative), ('rmse', std)):
        expected = sparsification(*pixels, ranking, figure)
        assert found[f'ause_{figure}'] == pytest.approx(expected.ause)
        assert found[f'aurg_{figure}'] == pytest.approx(expected.aurg)


def test_prediction_is_clamped_and_unknown_counts_as_the_least():
    truth = np.full((375, 1242), NAN, np.float32)
    truth[0, 0], truth[200, 600], truth[201, 600] = 10.0, 40.0, 90.0
    std, protocol = np.ones_like(truth), find_protocol('eigen_garg_kb')
    figures = Scores(protocol).add(np.full_like(truth, 200.0), std, truth)
    assert figures['abs_rel'] == pytest.approx(1.0), 'one pixel counts, clamped to 80 m'
    figures = Scores(protocol).add(np.full_like(truth, NAN), std, truth)
    assert figures['abs_rel'] == pytest.approx(1 - 1e-3 / 40)
    assert math.isnan(figures['nll']), 'what is unknown states no uncertainty'


def test_dense_leaves_out_what_is_not_predicted_and_tells_the_density():
    depth = FOUR['depth_m'].copy()
    depth[0, 1] = NAN
    scores = Scores(find_protocol('dense'))
    figures = scores.add(depth, FOUR['std_m'], FOUR['truth_m'])
    assert figures['density'] == 0.75
    assert figures['abs_rel'] == pytest.approx(0.15)
    assert scores.result()['pixels'] == 3


def test_image_without_any_prediction_has_density_zero_and_spoils_no_mean():
    scores = Scores(find_protocol('dense'))
    scores.add(**FOUR)
    figures = scores.add(np.full((2, 2), NAN, np.float32), FOUR['std_m'], FOUR['truth_m'])
    assert math.isnan(figures['abs_rel'])
    assert scores.images == 2
    assert scores.figures()['density'] == 0.5
    assert scores.figures()['abs_rel'] == pytest.approx(0.2375)


def test_image_of_which_no_pixel_counts_is_counted_apart():
    scores = Scores(find_protocol('dense'))
    assert scores.add(FOUR['depth_m'], FOUR['std_m'], np.full((2, 2), np.inf)) is None
    scores.add_without_truth()
    assert (scores.images, scores.without_truth) == (0, 2)
    result = scores.result()
    assert result['figures']['abs_rel'] is None
    assert 'coverage' not in result


def test_cap_ends_the_dense_protocol_and_not_that_of_kitti():
    truth, std = np.array([[10.0, 100.0]]), np.ones((1, 2))
    depth = np.array([[10.0, 120.0]])
    assert Scores(find_protocol('dense')).add(depth, std, truth)['abs_rel'] == 0
    found = Scores(find_protocol('kitti_official')).add(depth, std, truth)
    assert found['abs_error_rel'] == pytest.approx(10.0)
    assert found['abs_rel'] == pytest.approx(0.1), 'told by every protocol'


def test_figure_that_is_infinite_is_unknown():
    scores = Scores(find_protocol('kitti_official'))
    truth, std = np.array([[10.0, 20.0]]), np.ones((1, 2))
    scores.add(np.array([[11.0, 22.0]]), std, truth)
    figures = scores.add(np.array([[11.0, np.inf]]), std, truth)
    assert math.isnan(figures['abs_error_rel'])
    assert scores.figures()['abs_error_rel'] == pytest.approx(10.0)
    assert scores.result()['by_row'][0]['abs_rel'] is None
    assert scores.images == 2


def test_every_image_counts_the_same_except_where_pixels_do():
    one, three = np.array([[10.0, NAN, NAN]]), np.array([[10.0, 10.0, 10.0]])
    for name, expected in (('eigen_garg_full', (0.1 + 0.5) / 2), ('driving_stereo', 1.6 / 4)):
        scores = Scores(find_protocol(name))
        shape = 100, 3
        for truth, depth in ((one, 11.0), (three, 15.0)):
            image = np.full(shape, NAN)
            image[50] = truth
            if name == 'eigen_garg_full':
                image = np.pad(image, ((0, 0), (40, 40)), constant_values=NAN)
            scores.add(np.full_like(image, depth), np.ones_like(image), image)
        assert scores.figures()['abs_rel'] == pytest.approx(expected)


def test_relative_differences_are_pooled_over_images():
    scores = Scores(find_protocol('driving_stereo'))
    for depth, truth in (([[10.0, 10.0]], [[8.0, 8.0]]), ([[16.0, 80.0]], [[8.0, NAN]])):
        scores.add(np.array(depth), np.ones((1, 2)), np.array(truth))
    result = scores.result()
    assert result['figures']['ard_8m'] == pytest.approx((0.2 + 0.2 + 0.5) / 3)
    assert result['figures']['gd'] == pytest.approx(0.3)
    assert result['figures']['ard_16m'] is None
    assert result['relative_difference']['pixels'][:3] == [0, 3, 0]
    assert result['relative_difference']['radius_m'] == 4
    assert result['relative_difference']['centres_m'][-1] == 80


def test_constant_layout_without_std_has_no_figures_of_uncertainty():
    scores = Scores(find_protocol('dense'))
    figures = scores.add(FOUR['depth_m'], np.full((2, 2), NAN, np.float32), FOUR['truth_m'])
    assert figures['abs_rel'] == pytest.approx(0.2375)
    assert all(math.isnan(figures[n]) for n in ('nll', 'coverage_error', 'ause_d1', 'aurg_rmse'))
    result = scores.result()
    assert result['figures']['nll'] is None
    assert not {'coverage', 'sparsification'} & set(result)


def test_bands_of_distance_hold_what_their_pixels_alone_would_give():
    depth, std, truth = random_image(1)
    scores = Scores(find_protocol('dense'))
    scores.add(depth, std, truth)
    result = scores.result()
    bands = result['by_distance']
    edges = [(band['from_m'], band['to_m']) for band in bands]
    assert edges == list(
        zip([0, 5, 10, 15, 20, 30, 40, 50, 60], [5, 10, 15, 20, 30, 40, 50, 60, 80], strict=True)
    )
    assert sum(band['pixels'] for band in bands) == result['pixels']
    for band in bands:
        inside = (truth >= band['from_m']) & (truth < band['to_m']) & (truth > 1e-3)
        alone = Scores(find_protocol('dense'))
        expected = alone.add(depth, std, np.where(inside, truth, np.float32(NAN)))
        assert band['pixels'] == inside.sum()
        for name in ('abs_rel', 'rmse', 'nll', 'coverage_error', 'sharpness'):
            assert band[name] == pytest.approx(expected[name], abs=1e-9)
        for name in ('ause_abs_rel', 'aurg_abs_rel', 'ause_rmse', 'aurg_rmse', 'ause_d1'):
            assert band[name] == pytest.approx(expected[name], abs=1e-9)
        clamped = np.clip(depth, 1e-3, 80)
        assert band['bias'] == pytest.approx(np.mean((clamped - truth)[inside]), abs=1e-4)


def test_bands_are_pooled_over_pixels_and_areas_need_more_than_a_few():
    scores = Scores(find_protocol('dense'))
    for depth, truth in (([[4.0, 4.0]], [[2.0, 8.0]]), ([[3.0, 3.0]], [[2.0, 2.0]])):
        scores.add(np.array(depth), np.ones((1, 2)), np.array(truth))
    near = scores.result()['by_distance'][0]
    assert near['pixels'] == 3
    assert near['abs_rel'] == pytest.approx((1 + 0.5 + 0.5) / 3)
    assert near['bias'] == pytest.approx(4 / 3)
    assert near['ause_abs_rel'] is None


def test_the_last_band_has_no_end_where_there_is_no_cap():
    scores = Scores(find_protocol('kitti_official'))
    scores.add(np.array([[90.0]]), np.ones((1, 1)), np.array([[100.0]]))
    last = scores.result()['by_distance'][-1]
    assert (last['from_m'], last['to_m'], last['pixels']) == (80, None, 1)
    assert last['bias'] == pytest.approx(-10)


def test_bands_of_rows_are_shares_of_the_height():
    truth = np.full((32, 3), NAN)
    truth[0], truth[3, :2], truth[31, 0] = 10.0, 10.0, 20.0
    depth = np.full((32, 3), 11.0)
    scores = Scores(find_protocol('dense'))
    scores.add(depth, np.ones_like(depth), truth)
    bands = scores.result()['by_row']
    assert [band['pixels'] for band in bands] == [3, 2, *[0] * 13, 1]
    assert (bands[1]['from'], bands[1]['to']) == (0.0625, 0.125)
    assert bands[1]['abs_rel'] == pytest.approx(0.1)
    assert bands[15]['bias'] == pytest.approx(-9)
    assert bands[5]['abs_rel'] is None


def test_a_row_is_in_the_band_in_which_it_begins():
    assert row_bounds(np.ones(20, int))[:6] == [0, 2, 3, 4, 5, 7]


def test_bands_of_rows_count_from_the_top_of_the_whole_image_whatever_the_window():
    truth = np.full((375, 1242), NAN)
    truth[370, 600] = 10.0
    scores = Scores(find_protocol('eigen_garg_kb'))
    scores.add(np.full_like(truth, 12.0), np.ones_like(truth), truth)
    assert [band['pixels'] for band in scores.result()['by_row']] == [*[0] * 15, 1]


def test_coverage_is_pooled_over_the_pixels_of_all_images():
    scores, normalised = Scores(find_protocol('dense')), []
    for seed, shape in ((1, (20, 30)), (2, (50, 40))):
        depth, std, truth = random_image(seed, shape)
        scores.add(depth, std, truth)
        normalised.append(normalised_errors(depth, std, truth))
    observed = coverage(np.concatenate(normalised))
    result = scores.result()
    assert result['coverage']['observed'] == pytest.approx(observed.tolist())
    expected = np.mean(np.abs(observed - LEVELS))
    assert result['figures']['coverage_error'] == pytest.approx(expected)


def test_curves_are_means_over_images_from_all_pixels_to_none():
    scores, curves = Scores(find_protocol('dense')), []
    for seed in (1, 2):
        depth, std, truth = random_image(seed)
        scores.add(depth, std, truth)
        known = truth < 80
        depth, std, truth = (x[known].astype(float) for x in (depth, std, truth))
        curves.append(sparsification(np.clip(depth, 0, 80), truth, std, 'rmse'))
    found = scores.result()['sparsification']
    assert found['removed'] == pytest.approx(np.linspace(0, 1, 51))
    assert found['rmse']['curve'] == pytest.approx(np.mean([c.curve for c in curves], 0), rel=1e-6)
    assert found['rmse']['oracle'][-1] == 0


def test_sums_of_two_parts_are_those_of_the_whole():
    protocol = find_protocol('dense')
    whole, parts = Scores(protocol), [Scores(protocol), Scores(protocol)]
    for seed in range(5):
        whole.add(*random_image(seed))
        parts[seed % 2].add(*random_image(seed))
    together = parts[0].sums.vector + parts[1].sums.vector  # as processes add them up
    assert together == pytest.approx(whole.sums.vector, rel=1e-12)


def test_memory_does_not_grow_with_images():
    scores = Scores(find_protocol('eigen_garg_full'))
    size = scores.sums.vector.size
    scores.add(*random_image(1))
    assert scores.sums.vector.size == size < 2000


@pytest.mark.parametrize('name', ['dense', 'kitti_official', 'driving_stereo', 'eigen_garg_full'])
def test_result_is_json(name):
    scores = Scores(find_protocol(name))
    scores.add(*random_image(1))
    scores.add(*random_image(2))
    result = scores.result()
    assert json.loads(json.dumps(result, allow_nan=False)) == result
    assert result['protocol'] == name
    assert (result['images'], result['without_truth']) == (2, 0)


def test_images_of_different_sizes_are_refused():
    with pytest.raises(InputError, match='differ in size'):
        Scores(find_protocol('dense')).add(np.ones((2, 2)), np.ones((2, 2)), np.ones((2, 3)))
