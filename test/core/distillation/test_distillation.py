# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Parts of the distillation on hand-computed pixels, their gradients and their masks."""

import math

import pytest
import torch
from torch.autograd import gradcheck

from adu_depth_core.distillation.feature import (
    FeatureAdapter,
    FeatureDistillation,
    attention_map,
    feature_loss,
    spatial_attention,
    standardised,
)
from adu_depth_core.distillation.guidance import guidance_weights, uniform_weights
from adu_depth_core.distillation.likelihood import (
    laplace_kl,
    laplace_kl_loss,
    scale_likelihood_loss,
)
from adu_depth_core.distillation.response import focal_response_loss, l1_response_loss
from adu_depth_core.models.head import LogDepth

ALL = torch.ones(1, 1, 2, 2, dtype=torch.bool)
COARSE = {'eps': 1e-3, 'atol': 1e-3, 'rtol': 1e-3}  # the losses compute in float32


def pixels(*values):
    return torch.tensor(values, dtype=torch.float64).view(1, 1, 2, 2)


def random(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


# guidance


def test_guidance_of_four_pixels_by_hand():
    teacher, student = pixels(0.1, 0.1, 0.1, 0.5), pixels(0.2, 0.2, 0.4, 0.4)
    mean_t, mean_s = 0.2, 0.3
    raw = [
        math.exp(-t / mean_t) * (1 + s / mean_s)
        for t, s in ((0.1, 0.2), (0.1, 0.2), (0.1, 0.4), (0.5, 0.4))
    ]
    expected = torch.tensor(raw).view(1, 1, 2, 2) / (sum(raw) / 4)
    torch.testing.assert_close(guidance_weights(teacher, student, ALL), expected)


def test_guidance_has_mean_one_and_no_gradient():
    teacher, student = random(3, 1, 8, 8).exp(), random(3, 1, 8, 8, seed=1).exp()
    mask = random(3, 1, 8, 8, seed=2) > 0
    weights = guidance_weights(teacher.requires_grad_(), student.requires_grad_(), mask)
    assert not weights.requires_grad
    for image, inside in zip(weights, mask, strict=True):
        assert float(image[inside].mean()) == pytest.approx(1, abs=1e-6)
        assert (image[~inside] == 0).all()


def test_guidance_believes_a_sure_teacher_and_looks_where_the_student_is_unsure():
    weights = guidance_weights(pixels(0.1, 0.4, 0.1, 0.1), pixels(0.2, 0.2, 0.2, 0.5), ALL)[0, 0]
    assert weights[0, 1] < weights[0, 0] == weights[1, 0] < weights[1, 1]


def test_guidance_is_bounded_before_it_is_scaled():
    teacher = torch.tensor([0.01] * 15 + [3.0], dtype=torch.float64).view(1, 1, 4, 4)
    student = torch.tensor([0.01] * 14 + [3.0, 0.01], dtype=torch.float64).view(1, 1, 4, 4)
    mask = torch.ones(1, 1, 4, 4, dtype=torch.bool)
    weights = guidance_weights(teacher, student, mask).flatten()
    # exp(-15.2) is raised to 0.1, and 1 + 15.2 lowered to 4 before the mean is made 1.
    assert float(weights[14] / weights[15]) == pytest.approx(4.0 / 0.1, rel=1e-3)


def test_guidance_of_an_empty_mask_is_zero():
    weights = guidance_weights(pixels(1, 1, 1, 1), pixels(1, 1, 1, 1), ~ALL)
    assert (weights == 0).all()


# response


def test_plain_response_is_the_mean_difference():
    loss = l1_response_loss(pixels(1, 2, 3, 4), pixels(1, 1, 1, 1), uniform_weights(ALL))
    assert float(loss) == pytest.approx(1.5)


def test_focal_response_of_four_pixels_by_hand():
    deltas = [0.0, 0.1, 0.2, 0.4]
    focal = [1 - math.exp(-d / 0.1) for d in deltas]
    expected = sum(f * d for f, d in zip(focal, deltas, strict=True)) / sum(focal)
    loss = focal_response_loss(pixels(*deltas), pixels(0, 0, 0, 0), uniform_weights(ALL))
    assert float(loss) == pytest.approx(expected, rel=1e-5)


def test_focal_response_looks_at_hard_pixels_more_than_the_plain_one():
    student, teacher = pixels(0.01, 0.01, 0.01, 0.5), pixels(0, 0, 0, 0)
    weights = uniform_weights(ALL)
    assert focal_response_loss(student, teacher, weights) > 2.5 * l1_response_loss(
        student, teacher, weights
    )


def test_factor_by_depth_prefers_what_is_far():
    teacher = pixels(math.log(3), math.log(3), math.log(48), math.log(48))
    far_wrong, near_wrong = teacher + pixels(0, 0, 0.2, 0.2), teacher + pixels(0.3, 0.3, 0, 0)
    weights = uniform_weights(ALL)

    def loss(student, exponent):
        return focal_response_loss(student, teacher + 1, weights, depth_exponent=exponent)

    assert loss(far_wrong, 1.0) < loss(far_wrong, 0.0)  # the nearer, better pixels count less
    assert loss(near_wrong, 1.0) > loss(near_wrong, 0.0)


@pytest.mark.parametrize('loss', [focal_response_loss, l1_response_loss])
def test_response_ignores_pixels_of_weight_zero_whatever_stands_there(loss):
    student = pixels(1, 2, 3, 4).requires_grad_()
    weights = pixels(1, 1, 0, 0)
    value = loss(student, pixels(1.5, 1, math.nan, math.inf), weights)
    assert torch.isfinite(value)
    value.backward()
    assert torch.isfinite(student.grad).all()
    assert (student.grad[0, 0, 1] == 0).all()


@pytest.mark.parametrize('loss', [focal_response_loss, l1_response_loss])
def test_response_without_any_teacher_or_of_a_perfect_student_is_zero(loss):
    student = pixels(1, 2, 3, 4).requires_grad_()
    silent = loss(student, pixels(9, 9, 9, 9), pixels(0, 0, 0, 0))
    perfect = loss(student, student.detach(), uniform_weights(ALL))
    assert float(silent) == float(perfect) == 0
    (silent + perfect).backward()
    assert torch.isfinite(student.grad).all()


def test_images_without_a_teacher_do_not_dilute_the_others():
    student, teacher = torch.ones(2, 1, 2, 2), torch.zeros(2, 1, 2, 2)
    weights = torch.ones(2, 1, 2, 2)
    weights[1] = 0
    assert float(l1_response_loss(student, teacher, weights)) == 1.0


def test_gradient_of_the_response_is_bounded_for_outliers():
    student = pixels(0, 0, 0, 50).requires_grad_()
    focal_response_loss(student, pixels(0, 0, 0, 0), uniform_weights(ALL)).backward()
    assert float(student.grad.abs().max()) <= 1.0


def test_plain_response_passes_gradcheck():
    student = (random(2, 1, 3, 3) + 3).requires_grad_()
    weights = random(2, 1, 3, 3, seed=1).abs()
    assert gradcheck(
        lambda x: l1_response_loss(x, torch.zeros_like(x), weights), student, **COARSE
    )


# likelihood


def test_divergence_of_one_pixel_equals_its_integral():
    m_t, s_t, m_s, s_s = 0.3, math.log(0.2), 0.5, math.log(0.35)
    x = torch.linspace(-15, 15, 600_001, dtype=torch.float64)

    def log_density(m, s):
        return -(x - m).abs() / math.exp(s) - s - math.log(2)

    p, q = log_density(m_t, s_t), log_density(m_s, s_s)
    integral = float(torch.trapezoid(p.exp() * (p - q), x))
    value = laplace_kl(
        LogDepth(torch.tensor(m_t), torch.tensor(s_t)),
        LogDepth(torch.tensor(m_s), torch.tensor(s_s)),
    )
    assert float(value) == pytest.approx(integral, abs=1e-5)


def test_divergence_is_never_negative_and_zero_only_for_equals():
    teacher = LogDepth(random(1, 1, 20, 20), random(1, 1, 20, 20, seed=1) - 2)
    student = LogDepth(random(1, 1, 20, 20, seed=2), random(1, 1, 20, 20, seed=3) - 2)
    assert (laplace_kl(teacher, student) > 0).all()
    same = laplace_kl(teacher, teacher)
    torch.testing.assert_close(same, torch.zeros_like(same), atol=1e-6, rtol=0)


def test_likelihood_against_the_teacher_moves_s_and_leaves_m():
    student = LogDepth(
        pixels(1, 1, 1, 1).requires_grad_(), pixels(-3, -3, -3, -3).requires_grad_()
    )
    teacher = LogDepth(pixels(1, 1, 1.5, math.nan), pixels(-2, -2, -2, math.nan))
    scale_likelihood_loss(teacher, student, pixels(1, 1, 1, 0)).backward()
    assert student.m.grad is None
    assert (student.s.grad[0, 0] < 0).tolist() == [[True, True], [True, False]]
    assert float(student.s.grad[0, 0, 1, 1]) == 0


def test_divergence_passes_gradcheck():
    inputs = [random(1, 1, 3, 3, seed=n) / 2 for n in range(4)]
    m_s, s_s = (x.clone().requires_grad_() for x in inputs[2:])
    weights = torch.ones(1, 1, 3, 3)

    def loss(m, s):
        return laplace_kl_loss(LogDepth(*inputs[:2]), LogDepth(m, s), weights)

    assert gradcheck(loss, (m_s, s_s), **COARSE)


# feature


def test_features_that_are_equal_cost_nothing_behind_the_identity():
    feature = random(2, 8, 6, 10).float()
    distillation = FeatureDistillation([(8, 8), (8, 8)])
    loss = distillation([feature, feature], [feature, feature], torch.ones(2, 1, 24, 40))
    assert float(loss) == pytest.approx(0, abs=1e-10)


def test_adapter_begins_as_the_identity_and_can_leave_it():
    adapter = FeatureAdapter(8, 8)
    feature = random(1, 8, 6, 10).float()
    torch.testing.assert_close(adapter(feature), feature)
    loss = feature_loss(
        adapter(feature), random(1, 8, 6, 10, seed=9).float(), torch.ones(1, 1, 6, 10)
    )
    loss.backward()
    assert float(adapter.output.weight.grad.abs().sum()) > 0


def test_adapter_sees_the_whole_image():
    torch.manual_seed(0)
    adapter = FeatureAdapter(4, 4)
    torch.nn.init.normal_(adapter.output.weight)
    feature = torch.randn(1, 4, 16, 48)
    changed = feature.clone()
    changed[..., -8:, -8:] += 5
    assert not torch.allclose(adapter(feature)[..., 0, 0], adapter(changed)[..., 0, 0])
    alone = FeatureAdapter(4, 4, attends=False)
    torch.testing.assert_close(alone(feature)[..., 0, 0], alone(changed)[..., 0, 0])


def test_standardisation_takes_scale_and_shift_of_channels_out():
    feature = random(2, 3, 5, 7).float()
    other = feature * torch.tensor([2.0, 0.5, 9.0]).view(1, 3, 1, 1) + 4
    torch.testing.assert_close(standardised(feature), standardised(other), atol=1e-3, rtol=1e-3)


def test_attention_has_mean_one_and_does_not_depend_on_the_scale():
    feature = random(2, 3, 5, 7).float()
    attention = spatial_attention(feature)
    torch.testing.assert_close(attention.mean((2, 3)), torch.ones(2, 1))
    torch.testing.assert_close(attention, spatial_attention(100 * feature))
    torch.testing.assert_close(attention_map(feature).flatten(1).norm(dim=1), torch.ones(2))


def test_teacher_gets_no_gradient_and_silent_images_none_at_all():
    student = random(2, 4, 4, 4).float().requires_grad_()
    teacher = random(2, 4, 4, 4, seed=1).float().requires_grad_()
    weights = torch.ones(2, 1, 8, 8)
    weights[1] = 0
    loss = feature_loss(student, teacher, weights)
    loss.backward()
    assert teacher.grad is None
    assert float(student.grad[0].abs().sum()) > 0
    assert float(student.grad[1].abs().sum()) == 0
    torch.testing.assert_close(loss, feature_loss(student[:1], teacher[:1], weights[:1]))


def test_feature_loss_of_no_teacher_is_zero():
    loss = feature_loss(torch.randn(1, 4, 4, 4), torch.randn(1, 4, 4, 4), torch.zeros(1, 1, 4, 4))
    assert float(loss) == 0


def test_feature_loss_passes_gradcheck():
    student = random(1, 2, 3, 4).requires_grad_()
    teacher, weights = random(1, 2, 3, 4, seed=1), torch.ones(1, 1, 3, 4)
    assert gradcheck(lambda x: feature_loss(x, teacher, weights), student, **COARSE)
