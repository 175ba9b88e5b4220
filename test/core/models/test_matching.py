# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Matching along rows: what must hold before anything is learnt."""

import math

import pytest
import torch
from torch.autograd import gradcheck

from adu_depth_core.models.matching import (
    canonical_log_depth,
    groupwise_correlation,
    soft_argmin,
)


def features(seed=0, width=24):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(2, 16, 5, width, generator=generator)


def best_match(left, right, disparities=8):
    volume = groupwise_correlation(left, right, disparities=disparities, groups=4)
    return volume.sum(1).argmax(1)


def test_equal_images_match_at_disparity_zero_perfectly():
    left = features()
    volume = groupwise_correlation(left, left, disparities=8, groups=4)
    torch.testing.assert_close(volume[:, :, 0], torch.ones_like(volume[:, :, 0]))
    assert (best_match(left, left) == 0).all()


@pytest.mark.parametrize('shift', [1, 3, 7])
def test_a_shift_is_found(shift):
    strip = features(width=24 + 7)
    left, right = strip[..., :24], strip[..., shift : shift + 24]
    # What is at x of the left image is at x - shift of the right one.
    assert (best_match(left, right)[..., 7:] == shift).all()


def test_exchanged_images_do_not_match():
    strip = features(width=24 + 7)
    left, right = strip[..., :24], strip[..., 3 : 3 + 24]
    right_way = groupwise_correlation(left, right, disparities=8, groups=4).sum(1).amax(1)
    wrong_way = groupwise_correlation(right, left, disparities=8, groups=4).sum(1).amax(1)
    assert wrong_way[..., 7:].mean() < 0.7 * right_way[..., 7:].mean()


def test_nothing_matches_outside_the_image():
    volume = groupwise_correlation(features(0), features(1), disparities=30, groups=4)
    assert volume.shape == (2, 4, 30, 5, 24)
    for d in (1, 5, 29):
        assert (volume[:, :, d, :, : min(d, 24)] == 0).all()


def test_correlation_of_two_pixels_by_hand():
    left = torch.tensor([[3.0, 4.0]]).view(1, 2, 1, 1).expand(1, 2, 1, 2)
    right = torch.tensor([[1.0, 0.0], [0.0, 2.0]]).view(1, 2, 1, 2)
    volume = groupwise_correlation(left, right, disparities=2, groups=1)
    # cosines of (3, 4) with (1, 0) at x = 0 and (0, 2) at x = 1
    torch.testing.assert_close(volume[0, 0, 0, 0], torch.tensor([0.6, 0.8]))
    torch.testing.assert_close(volume[0, 0, 1, 0], torch.tensor([0.0, 0.6]))


def test_soft_argmin_is_the_mean_of_its_distribution():
    scores = torch.log(torch.tensor([0.1, 0.2, 0.7])).view(1, 3, 1, 1)
    assert float(soft_argmin(scores)) == pytest.approx(0.2 + 1.4)


def test_matching_passes_gradcheck():
    left, right = (features(seed, 4)[:1, :4, :2].double().requires_grad_() for seed in (0, 1))

    def matched(a, b):
        return soft_argmin(groupwise_correlation(a, b, disparities=3, groups=2).sum(1))

    assert gradcheck(matched, (left, right))


def test_metric_depth_from_disparity_holds_for_any_focal_length_baseline_and_size():
    """z = f b / (d + offset), whatever f, b and the size of the images are."""
    canonical = 360.0
    for fx, baseline, offset, size in (
        (700.0, 0.5, 0.0, 1.0),
        (1050.0, 0.5, 0.0, 1.0),
        (700.0, 0.1, 3.0, 1.0),
        (700.0, 0.5, 0.0, 0.5),
    ):
        depth = torch.tensor([5.0, 20.0]).view(1, 1, 1, 2)
        focal, offset_px = fx * size, offset * size
        disparity = focal * baseline / depth - offset_px
        log_depth = canonical_log_depth(
            disparity, torch.tensor([baseline]), torch.tensor([offset_px]), canonical
        )
        torch.testing.assert_close(torch.exp(log_depth) * focal / canonical, depth)


def test_no_disparity_is_very_far_and_finite():
    zero = canonical_log_depth(torch.zeros(1, 1, 1, 1), torch.ones(1), torch.zeros(1), 360.0)
    assert float(zero) == pytest.approx(math.log(3600))
