# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Refinement looks the right descriptors up where the disparity says."""

import pytest
import torch
from torch.nn import functional as F

from adu_depth_core.models.disparity_refinement import REACH, DisparityRefinement, cosines_around

HEIGHT, WIDTH = 5, 24


def looked_up(right, columns):
    """Let torch's own sampling take `right` at fractional columns (B, h, w)."""
    rows = torch.arange(HEIGHT).view(1, -1, 1).expand_as(columns)
    scaled = torch.stack([2 * columns / (WIDTH - 1) - 1, 2 * rows / (HEIGHT - 1) - 1], -1)
    return F.grid_sample(right, scaled, align_corners=True)


def test_cosines_are_those_with_the_image_sampled_between_its_columns():
    torch.manual_seed(0)
    left, right = (F.normalize(side, dim=1) for side in torch.randn(2, 2, 6, HEIGHT, WIDTH))
    disparity = torch.rand(2, 1, HEIGHT, WIDTH) * 9
    found = cosines_around(left, right, disparity)
    for place, step in enumerate(range(-REACH, REACH + 1)):
        columns = torch.arange(WIDTH) - disparity[:, 0] - step
        expected = (left * looked_up(right, columns)).sum(1)
        torch.testing.assert_close(found[:, place], expected, rtol=0, atol=1e-5)


@pytest.mark.parametrize('off_px', [-2, 0, 1, 3])
def test_true_disparity_has_cosine_one(off_px):
    torch.manual_seed(1)
    strip = torch.randn(1, 8, HEIGHT, WIDTH + 6)
    left, right = strip[..., :WIDTH], strip[..., 6:]  # at x in the left one, at x - 6 in the right
    known = torch.full((1, 1, HEIGHT, WIDTH), 6.0 - off_px)
    found = cosines_around(left, right, known)
    inside = found[:, REACH + off_px, :, 6:]
    torch.testing.assert_close(inside, torch.ones_like(inside))


def test_nothing_is_learnt_from_beyond_the_image():
    side = torch.randn(1, 8, HEIGHT, WIDTH)
    beyond = torch.full((1, 1, HEIGHT, WIDTH), WIDTH + 2.0 * REACH)
    assert (cosines_around(side, side, beyond) == 0).all()


def test_disparity_moves_by_no_more_than_the_reach():
    torch.manual_seed(2)
    refinement = DisparityRefinement().eval()
    left, right = torch.randn(2, 1, 3, 32, 64)
    refined = refinement(left, right, torch.full((1, 1, 8, 16), 10.0))
    assert refined.disparity_px.shape == refined.trust.shape == (1, 1, 16, 32)
    assert ((refined.disparity_px - 10).abs() <= 2 * REACH).all()
