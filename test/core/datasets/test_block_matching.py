# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Block matching answers right where it answers, and not where only one camera sees."""

from dataclasses import replace

import numpy as np
import pytest

from adu_depth_core.camera import Camera, StereoRig
from adu_depth_core.datasets.block_matching import BlockMatching, block_matched
from adu_depth_core.errors import InputError
from adu_depth_core.inference.block_matching_predictor import BlockMatchingPredictor
from adu_depth_core.samples.sample import Missing, StereoSample

WIDTH, HEIGHT, NEAR, FAR = 320, 120, 24, 6
RIG = StereoRig(*[Camera(WIDTH, HEIGHT, 200.0, 200.0, 159.5, 59.5)] * 2, baseline_m=0.3)
SQUARE = slice(30, 90), slice(140, 220)  # of the left image, in front


def pair():
    """A square 24 px of disparity near before a wall 6 px far, both of random dots."""
    rng = np.random.default_rng(0)
    wall, square = rng.integers(0, 255, (2, HEIGHT, WIDTH + NEAR, 3), np.uint8)
    left, right = wall[:, :WIDTH].copy(), wall[:, FAR : WIDTH + FAR].copy()
    rows, columns = SQUARE
    left[SQUARE] = square[SQUARE]
    right[rows, columns.start - NEAR : columns.stop - NEAR] = square[SQUARE]
    return left, right


def true_depth():
    depth = np.full((HEIGHT, WIDTH), RIG.focal_baseline / FAR, np.float32)
    depth[SQUARE] = RIG.focal_baseline / NEAR
    return depth


def test_depth_is_right_where_there_is_any():
    depth_m, scale = block_matched(*pair(), RIG)
    known = np.isfinite(depth_m)
    assert known.mean() > 0.6
    errors = np.abs(depth_m - true_depth())[known] / true_depth()[known]
    assert errors.mean() < 0.02
    np.testing.assert_array_equal(np.isfinite(scale), known)
    assert scale[known].min() >= 0.015
    inner = (slice(45, 75), slice(160, 200))
    assert np.nanmedian(scale[inner]) == pytest.approx(0.6 / NEAR, rel=0.05)


def test_what_the_right_camera_does_not_see_stays_unknown():
    depth_m, _ = block_matched(*pair(), RIG)
    rows, columns = SQUARE
    # The wall left of the square, as wide as the disparities differ, hides behind it.
    hidden = depth_m[rows.start + 6 : rows.stop - 6, columns.start - NEAR + FAR : columns.start]
    wrong = np.isfinite(hidden) & (np.abs(hidden - RIG.focal_baseline / FAR) < 1)
    assert np.isnan(hidden)[:, 4:-4].mean() > 0.9
    assert wrong.mean() < 0.1


def test_offset_of_the_principal_points_shifts_the_disparity():
    rig = replace(RIG, right=replace(RIG.right, cx=RIG.left.cx + 2))
    plain, _ = block_matched(*pair(), RIG)
    shifted, _ = block_matched(*pair(), rig)
    expected = rig.focal_baseline / (RIG.focal_baseline / plain + rig.disparity_offset_px)
    np.testing.assert_allclose(shifted, expected, rtol=1e-5)


class One:
    missing = Missing()
    names = ('drive/0',)

    def __init__(self, sample):
        self.sample = sample

    def __len__(self):
        return 1

    def __getitem__(self, index):
        return self.sample


def test_sample_without_a_right_image_stays_as_it_is():
    alone = StereoSample('drive/0', 0, pair()[0], RIG.left)
    assert BlockMatching(One(alone))[0] is alone


def test_pair_gets_what_the_matcher_says_as_a_teachers_word():
    left, right = pair()
    truth = true_depth()
    sample = StereoSample('drive/0', 0, left, RIG.left, right, RIG, depth_m=truth)
    matched = BlockMatching(One(sample))[0]
    depth_m, scale = block_matched(left, right, RIG)
    np.testing.assert_array_equal(matched.teacher_depth_m, depth_m)
    np.testing.assert_array_equal(matched.teacher_scale, scale)
    assert matched.depth_m is truth


def test_predictor_gives_the_standard_deviation_of_a_laplace_distribution():
    depth_m, scale = block_matched(*pair(), RIG)
    prediction = BlockMatchingPredictor()(*pair(), RIG)
    np.testing.assert_array_equal(prediction.depth_m, depth_m)
    np.testing.assert_allclose(prediction.std_m, np.sqrt(2) * scale * depth_m, rtol=1e-6)
    assert prediction.std_m.dtype == np.float32
    with pytest.raises(InputError, match='does not fit its rig'):
        BlockMatchingPredictor()(pair()[0][:50], pair()[1], RIG)


@pytest.mark.slow
def test_rendered_pair_is_matched_within_five_percent():
    from adu_depth_core.synthetic import SyntheticScenes

    sample = SyntheticScenes(3, 1)[0]
    depth_m, _ = block_matched(sample.left, sample.right, sample.rig)
    judged = np.isfinite(depth_m) & np.isfinite(sample.depth_m)
    assert judged.mean() > 0.2
    errors = np.abs(depth_m - sample.depth_m)[judged] / sample.depth_m[judged]
    assert errors.mean() < 0.05
