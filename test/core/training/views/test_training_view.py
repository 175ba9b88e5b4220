# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What student and teacher see of one sample: one geometry, two sets of colours."""

from dataclasses import replace

import numpy as np
import pytest

from adu_depth_core.camera import Camera, StereoRig
from adu_depth_core.samples.sample import StereoSample
from adu_depth_core.training.views.colour_jitter import (
    STRONG,
    WEAK,
    random_colours,
    recoloured_pair,
)
from adu_depth_core.training.views.geometry import cut_flipped
from adu_depth_core.training.views.training_view import augmented_view, plain_view


def pair(width=128, height=96):
    rng = np.random.default_rng(3)
    strip = rng.integers(60, 200, (height, width + 6, 3)).astype(np.uint8)
    camera = Camera(width, height, 60.0, 60.0, 63.5, 47.5)
    truth = np.linspace(5, 50, width * height, dtype=np.float32).reshape(height, width)
    return StereoSample(
        'pair/0',
        0,
        strip[:, :width],
        camera,
        right=strip[:, 6:],
        rig=StereoRig(camera, camera, 0.5),
        depth_m=truth,
        right_depth_m=truth,
    )


def view(seed=0, sample=None, **changes):
    settings = {'stereo': True, 'flip': 0.0, 'colours': False, 'max_zoom': 1.0} | changes
    rng = np.random.default_rng(seed)
    return augmented_view(sample or pair(), 128, 96, rng, **settings)


def test_without_changes_both_see_the_sample():
    seen = view()
    np.testing.assert_array_equal(seen.image, pair().left)
    np.testing.assert_array_equal(seen.sample.right, pair().right)
    np.testing.assert_array_equal(seen.depth_m, pair().depth_m)


def test_student_sees_strong_colours_and_teacher_weak_ones():
    strong, weak = [], []
    for seed in range(20):
        seen = view(seed, colours=True)
        strong.append(np.abs(seen.image.astype(int) - pair().left).mean())
        weak.append(np.abs(seen.sample.left.astype(int) - pair().left).mean())
    assert np.mean(strong) > 2 * np.mean(weak) > 0


def test_colours_of_a_pair_are_mostly_the_same():
    grey = np.full((32, 32, 3), 128, np.uint8)

    def gap(left, right):
        return abs(left.mean() - right.mean())

    gaps = [gap(*recoloured_pair(grey, grey, np.random.default_rng(s))) for s in range(200)]
    alike = np.mean(np.array(gaps) < 0.6)  # what noise alone makes
    assert 0.7 < alike < 0.95


def test_weak_colours_stay_closer_to_none_than_strong_ones():
    def spread(strength):
        rng = np.random.default_rng(0)
        return np.std([random_colours(rng, strength).brightness for _ in range(100)])

    assert spread(WEAK) < 0.5 * spread(STRONG)
    assert random_colours(np.random.default_rng(0), 0.0).gamma == 1.0


def test_colours_leave_geometry_and_truth_alone():
    seen = view(5, colours=True)
    np.testing.assert_array_equal(seen.depth_m, pair().depth_m)
    assert seen.image.dtype == seen.sample.left.dtype == np.uint8


def test_cut_moves_image_and_truth_of_the_student_and_nothing_of_the_teacher():
    seen = view(cut_flip=1.0)
    assert seen.cut in (32, 64)
    np.testing.assert_array_equal(seen.image, cut_flipped(pair().left, seen.cut))
    np.testing.assert_array_equal(seen.depth_m, cut_flipped(pair().depth_m, seen.cut))
    np.testing.assert_array_equal(seen.sample.left, pair().left)


def test_pairs_to_learn_from_are_mirrored_by_exchange():
    mirrored = view(flip=1.0, trains_teacher=True)
    np.testing.assert_array_equal(mirrored.sample.left, pair().right[:, ::-1])
    np.testing.assert_array_equal(mirrored.sample.right, pair().left[:, ::-1])
    assert not mirrored.mirrored


@pytest.mark.parametrize('stereo', [True, False])
def test_a_student_is_mirrored_alone_and_cut_after_it(stereo):
    seen = view(flip=1.0, cut_flip=1.0, stereo=stereo)
    assert seen.mirrored
    np.testing.assert_array_equal(seen.image, cut_flipped(pair().left[:, ::-1], seen.cut))
    np.testing.assert_array_equal(seen.depth_m, cut_flipped(pair().depth_m[:, ::-1], seen.cut))
    np.testing.assert_array_equal(seen.sample.left, pair().left)
    if stereo:
        np.testing.assert_array_equal(seen.sample.right, pair().right)
    else:
        assert seen.sample.right is None


def test_a_pair_whose_right_image_has_no_truth_is_not_mirrored_out_of_its_own():
    left_only = replace(pair(), right_depth_m=None)
    seen = view(flip=1.0, sample=left_only, trains_teacher=True)
    np.testing.assert_array_equal(seen.sample.left, pair().left)
    np.testing.assert_array_equal(seen.depth_m, pair().depth_m)
    unlabelled = view(flip=1.0, sample=replace(left_only, depth_m=None), trains_teacher=True)
    np.testing.assert_array_equal(unlabelled.sample.left, pair().right[:, ::-1])


def test_sample_without_truth_has_nan_everywhere():
    assert np.isnan(plain_view(replace(pair(), depth_m=None)).depth_m).all()
    assert np.isnan(view(sample=replace(pair(), depth_m=None)).depth_m).all()


def test_view_follows_from_its_stream():
    settings = {'flip': 0.5, 'cut_flip': 0.5, 'colours': True, 'max_zoom': 1.5}
    first, again, other = (view(seed, **settings) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first.image, again.image)
    np.testing.assert_array_equal(first.sample.right, again.sample.right)
    assert not np.array_equal(first.image, other.image)


@pytest.mark.parametrize('zoom', [1.0, 1.5])
def test_zoom_changes_the_focal_length_up_to_its_limit(zoom):
    focals = [view(seed, max_zoom=zoom).sample.camera.fx for seed in range(40)]
    assert min(focals) >= 60.0
    assert 60 * zoom * 0.9 < max(focals) <= 60 * zoom * 1.03
