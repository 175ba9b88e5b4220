# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Losses on hand-computed pixels, their gradients, and what they do without truth."""

import math

import pytest
import torch
from torch.nn import functional

from adu_depth_core.losses import (
    disparity_loss,
    laplace_nll,
    log_l1_loss,
    matching_loss,
    silog_loss,
)

TRUE = torch.ones(1, 1, 2, 2, dtype=torch.bool)


def pixels(*values):
    return torch.tensor(values, dtype=torch.float64).view(1, 1, 2, 2)


def test_silog_of_four_pixels_by_hand():
    m = pixels(0.1, 0.2, -0.1, 0.4)
    mean_square, mean = (0.01 + 0.04 + 0.01 + 0.16) / 4, 0.6 / 4
    expected = 10 * math.sqrt(mean_square - 0.85 * mean**2)
    loss = silog_loss(m, torch.zeros_like(m), TRUE)
    assert float(loss) == pytest.approx(expected, abs=0.02)


def test_silog_forgives_most_of_a_common_scale():
    shifted = silog_loss(pixels(0.3, 0.3, 0.3, 0.3), pixels(0, 0, 0, 0), TRUE)
    scattered = silog_loss(pixels(0.3, -0.3, 0.3, -0.3), pixels(0, 0, 0, 0), TRUE)
    assert float(shifted) == pytest.approx(10 * 0.3 * math.sqrt(0.15), abs=0.02)
    assert float(scattered) == pytest.approx(3.0, abs=0.02)


def test_log_l1_of_four_pixels_by_hand():
    m, mask = pixels(0.1, 0.2, -0.1, 0.4), pixels(1, 1, 1, 0) > 0
    assert float(log_l1_loss(m, torch.zeros_like(m), TRUE)) == pytest.approx(2.0)
    assert float(log_l1_loss(m, torch.full_like(m, math.nan), ~TRUE)) == 0
    assert float(log_l1_loss(m, torch.zeros_like(m), mask)) == pytest.approx(10 * 0.4 / 3)


def test_a_point_seen_through_an_edge_moves_l1_less_than_silog():
    """Three of four points stand on the thing, one behind it: where is the loss least?"""
    target = pixels(2.0, 2.0, 2.0, 3.0)
    candidates = torch.linspace(2, 3, 101)

    def best(loss):
        return float(min(candidates, key=lambda c: loss(c.expand_as(target), target, TRUE)))

    assert best(log_l1_loss) == 2.0
    assert best(silog_loss) == pytest.approx(2.25, abs=0.01)


def test_laplace_likelihood_of_four_pixels_by_hand():
    m, s = pixels(1, 2, 3, 4), pixels(0, 0, math.log(0.5), math.log(0.5))
    target = pixels(1, 1, 3, 3)
    expected = (0 + 1 + (0 + math.log(0.5)) + (2 + math.log(0.5)) + 4 * math.log(2)) / 4
    assert float(laplace_nll(m, s, target, TRUE, beta=0.0)) == pytest.approx(expected)


def test_likelihood_is_least_where_the_scale_equals_the_mean_error():
    m, target = pixels(0, 0, 0, 0), pixels(0.1, 0.3, 0.2, 0.2)
    scales = [0.1, 0.2, 0.4]
    losses = [
        float(laplace_nll(m, torch.full_like(m, math.log(b)), target, TRUE, beta=0.0))
        for b in scales
    ]
    assert min(losses) == losses[1]


def test_with_beta_one_the_gradient_on_depth_does_not_depend_on_the_scale():
    gradients = []
    for s in (-3.0, 0.0):
        m = pixels(0.5, 0.5, 0.5, 0.5).requires_grad_()
        laplace_nll(m, torch.full_like(m, s), torch.zeros_like(m), TRUE, beta=1.0).backward()
        gradients.append(m.grad)
    torch.testing.assert_close(gradients[0], gradients[1])


@pytest.mark.parametrize('filler', [0.0, math.nan, math.inf])
def test_without_any_truth_loss_and_gradient_are_zero(filler):
    m = pixels(1, 2, 3, 4).requires_grad_()
    s = pixels(0, 0, 0, 0).requires_grad_()
    target = torch.full_like(m, filler).detach()
    loss = silog_loss(m, target, ~TRUE) + laplace_nll(m, s, target, ~TRUE)
    loss.backward()
    assert float(loss.detach()) == 0
    assert torch.equal(m.grad, torch.zeros_like(m))
    assert torch.equal(s.grad, torch.zeros_like(s))


def test_pixels_outside_the_mask_get_no_gradient():
    mask = TRUE.clone()
    mask[0, 0, 0, 0] = False
    m, s = pixels(1, 2, 3, 4).requires_grad_(), pixels(0, 0, 0, 0).requires_grad_()
    target = pixels(math.nan, 1, 1, 1)
    (silog_loss(m, target, mask) + laplace_nll(m, s, target, mask)).backward()
    assert m.grad[0, 0, 0, 0] == 0
    assert s.grad[0, 0, 0, 0] == 0
    assert (m.grad.flatten()[1:] != 0).all()


def test_perfect_prediction_has_a_finite_gradient():
    m = pixels(1, 2, 3, 4).requires_grad_()
    silog_loss(m, m.detach(), TRUE).backward()
    assert torch.isfinite(m.grad).all()


def test_half_precision_inputs_are_computed_in_single():
    m = pixels(0.1, 0.2, -0.1, 0.4)
    half = silog_loss(m.half(), torch.zeros_like(m).half(), TRUE)
    assert half.dtype == torch.float32
    assert float(half) == pytest.approx(float(silog_loss(m, torch.zeros_like(m), TRUE)), rel=1e-3)


def test_losses_pass_gradcheck():
    torch.manual_seed(0)
    m, s, target = (torch.randn(1, 1, 2, 2, dtype=torch.float64) for _ in range(3))
    m.requires_grad_()
    s.requires_grad_()
    # The losses compute in float32, so the numerical derivative takes a coarse step.
    check = {'eps': 1e-3, 'atol': 2e-2, 'rtol': 2e-2, 'nondet_tol': 1e-6}
    assert torch.autograd.gradcheck(lambda m: silog_loss(m, target, TRUE), (m,), **check)
    assert torch.autograd.gradcheck(
        lambda m, s: laplace_nll(m, s, target, TRUE, beta=0.0), (m, s), **check
    )


def test_image_with_sparse_truth_counts_as_much_as_one_with_dense_truth():
    m = torch.cat([pixels(0.4, 9, 9, 9), pixels(0.2, 0.2, 0.2, 0.2), pixels(9, 9, 9, 9)])
    mask = torch.ones(3, 1, 2, 2, dtype=torch.bool)
    mask[0, 0].view(-1)[1:] = False
    mask[2] = False
    target, s = torch.zeros_like(m), torch.zeros_like(m)
    likelihood = laplace_nll(m, s, target, mask, beta=0.0)
    assert float(likelihood) == pytest.approx((0.4 + 0.2) / 2 + math.log(2))
    silog = silog_loss(m, target, mask)
    assert float(silog) == pytest.approx(10 * math.sqrt(0.15) * (0.4 + 0.2) / 2, abs=0.02)


def test_disparity_loss_is_quadratic_below_a_pixel_and_linear_above():
    target = pixels(0, 0, 0, 0)
    assert float(disparity_loss(pixels(0.5, 0.5, 0.5, 0.5), target, TRUE)) == pytest.approx(0.125)
    assert float(disparity_loss(pixels(2, 2, 2, 2), target, TRUE)) == pytest.approx(1.5)


def test_disparity_loss_ignores_what_is_unknown_and_keeps_px_when_it_upsamples():
    coarse = torch.full((1, 1, 1, 1), 3.0, requires_grad=True)
    target = pixels(1, math.nan, math.inf, 1)
    known = torch.tensor([True, False, False, True]).view(1, 1, 2, 2)
    loss = disparity_loss(coarse, target, known)
    assert float(loss.detach()) == pytest.approx(1.5)
    loss.backward()
    assert torch.isfinite(coarse.grad).all()
    assert float(disparity_loss(coarse, target, ~TRUE).detach()) == 0


def test_disparity_loss_passes_gradcheck():
    disparity = pixels(0.3, 1.8, 0.1, 4).requires_grad_()
    target = pixels(0, 0, 1, 1)
    check = {'eps': 1e-3, 'atol': 1e-3, 'rtol': 1e-3}  # it computes in float32
    assert torch.autograd.gradcheck(lambda d: disparity_loss(d, target, TRUE), disparity, **check)


def test_matching_loss_is_the_cross_entropy_with_the_shares_of_two_whole_disparities():
    scores = torch.tensor([0.2, -1.0, 0.7, 0.1]).view(1, 4, 1, 1)
    target = torch.full((1, 1, 4, 4), math.nan)
    target[0, 0, 1, 2], target[0, 0, 3, 3] = 2.0, 5.0  # the nearer one counts: 5 / 4 of a cell
    shares = torch.tensor([[0.0, 0.75, 0.25, 0.0]])
    expected = float(functional.cross_entropy(scores.view(1, 4), shares))
    assert float(matching_loss(scores, target, target >= 0)) == pytest.approx(expected)


def test_matching_loss_ignores_cells_without_truth():
    scores = torch.zeros(1, 4, 2, 2, requires_grad=True)
    target = torch.full((1, 1, 8, 8), math.inf)
    target[..., 0, 0] = 4.0
    loss = matching_loss(scores, target, torch.isfinite(target))
    assert float(loss.detach()) == pytest.approx(math.log(4))
    loss.backward()
    assert (scores.grad[..., 0, 0] != 0).any()
    assert (scores.grad[..., 1:, :] == 0).all()
    assert float(matching_loss(scores, target, torch.zeros_like(target) > 0).detach()) == 0
