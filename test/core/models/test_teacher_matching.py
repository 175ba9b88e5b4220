# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A teacher that has learnt to match random textures, and what must then be true of it."""

import pytest
import torch
from torch.nn import functional as F

from adu_depth_core.losses import disparity_loss
from adu_depth_core.models.matching import canonical_log_depth
from adu_depth_core.models.presets import Preset
from adu_depth_core.models.teacher import Teacher, TeacherArchitecture

HEIGHT, WIDTH, STEPS, BATCH = 64, 96, 120, 6
FOCAL = 360.0
SMALL = Preset('mobilenetv4_conv_small', 64)  # learns to match in seconds
BORDER = 8  # in px of stride 4: what lies left of it may have no partner
STRIDES = {False: 4, True: 2}  # of matched disparity, by whether it is refined


def texture(generator, count):
    """Random pictures (count, 3, H, 2 W) with detail at several scales."""
    layers = [
        F.interpolate(
            torch.randn(count, 3, HEIGHT // s, 2 * WIDTH // s, generator=generator),
            size=(HEIGHT, 2 * WIDTH),
            mode='bilinear',
        )
        for s in (2, 4, 8)
    ]
    return torch.stack(layers).sum(0)


def pairs(generator, shifts):
    """Left and right pictures of planes; what is at x in the left one is at x - shift."""
    strips = texture(generator, len(shifts))
    left = strips[..., :WIDTH]
    right = [strip[..., d : d + WIDTH] for strip, d in zip(strips, shifts, strict=True)]
    return left, torch.stack(right)


# Each is trained once, in one process.
pytestmark = pytest.mark.xdist_group('teacher_matching')


@pytest.fixture(scope='module', params=[False, True], ids=['matched', 'refined'])
def teacher(request):
    torch.manual_seed(0)
    generator = torch.Generator().manual_seed(1)
    network = Teacher(
        TeacherArchitecture(SMALL, FOCAL, max_disparity_px=32, refined=request.param)
    )
    optimiser = torch.optim.AdamW(network.parameters(), 2e-3)
    everywhere = torch.ones(BATCH, 1, HEIGHT, WIDTH, dtype=torch.bool)
    for _ in range(STEPS):
        shifts = torch.randint(0, 28, (BATCH,), generator=generator).tolist()
        baseline = torch.rand(BATCH, generator=generator) * 0.8 + 0.2
        left, right = pairs(generator, shifts)
        output = network(left, right, baseline, torch.zeros(BATCH))
        truth = torch.tensor(shifts).float().view(-1, 1, 1, 1).expand(BATCH, 1, HEIGHT, WIDTH)
        target = canonical_log_depth(truth.clamp(min=1), baseline, torch.zeros(BATCH), FOCAL)
        loss = disparity_loss(output.disparity_px, truth, everywhere)
        loss = loss + (output.depth.m - target).abs().mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    return network.eval()


@torch.no_grad()
def matched(network, left, right, baseline=0.5):
    """Median matched disparity in px, where there can be a partner."""
    many = torch.full((len(left),), baseline)
    output = network(left, right, many, torch.zeros(len(left)))
    border = BORDER * 4 // STRIDES[network.architecture.refined]
    return float(output.disparity_px[..., border:].median()), output.depth.m


def test_equal_images_have_no_disparity(teacher):
    left, _ = pairs(torch.Generator().manual_seed(2), [0] * 4)
    assert matched(teacher, left, left)[0] < 1.0


@pytest.mark.parametrize('shift', [8, 12, 20])
def test_a_shift_is_found(teacher, shift):
    left, right = pairs(torch.Generator().manual_seed(3), [shift] * 4)
    assert matched(teacher, left, right)[0] == pytest.approx(shift, abs=1.5)


def test_exchanged_images_are_worse(teacher):
    left, right = pairs(torch.Generator().manual_seed(4), [12] * 4)
    right_way = abs(matched(teacher, left, right)[0] - 12)
    assert abs(matched(teacher, right, left)[0] - 12) > right_way + 2


def test_the_same_disparity_is_farther_away_with_a_longer_baseline(teacher):
    left, right = pairs(torch.Generator().manual_seed(5), [12] * 4)
    m = {b: matched(teacher, left, right, b)[1][..., 4 * BORDER :].median() for b in (0.3, 0.9)}
    assert float((m[0.9] - m[0.3]).exp()) > 1.5  # 3 would be perfect
