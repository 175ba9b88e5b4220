# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Puts the parts of `adu_depth_core.distillation` together as the configuration asks."""

import math
from collections.abc import Sequence

from torch import Tensor

from adu_depth_core.distillation.feature import FeatureDistillation
from adu_depth_core.distillation.guidance import guidance_weights, uniform_weights
from adu_depth_core.distillation.likelihood import laplace_kl_loss, scale_likelihood_loss
from adu_depth_core.distillation.response import focal_response_loss, l1_response_loss
from adu_depth_core.models.head import LogDepth
from adu_depth_core.training.config import DistillationConfig
from adu_depth_core.training.teacher_view import TeacherView


def distillation_losses(
    student: LogDepth,
    features: Sequence[Tensor],
    teacher: TeacherView,
    truth: tuple[Tensor, Tensor],
    adapters: FeatureDistillation | None,
    config: DistillationConfig,
) -> dict[str, Tensor]:
    """
    Return the weighted losses by name; those of weight 0 are left out.

    Parameters
    ----------
    student : LogDepth
        The student's answer, (B, 1, H, W).
    features : sequence of (B, C, H/s, W/s)
        The student's features, coarsest first.
    teacher : TeacherView
        In the same geometry.
    truth : (target, mask)
        Canonical log-depth and where it is known, (B, 1, H, W).
    adapters : FeatureDistillation, optional
        Needed for the feature loss.
    config : DistillationConfig
        Weights and kinds.

    """
    weights = teacher_weights(student, teacher, truth, config)
    losses = {}
    if config.response_weight:
        response = response_loss(student, teacher.depth, weights, config)
        losses['response'] = config.response_weight * response
    if config.feature_weight and adapters is not None and teacher.decoded is not None:
        seen = weights * teacher.has_features
        losses['feature'] = config.feature_weight * adapters(features, teacher.decoded, seen)
    if config.likelihood_weight:
        without_truth = uniform_weights(teacher.mask & ~truth[1])
        likelihood = scale_likelihood_loss(teacher.depth, student, without_truth)
        losses['likelihood'] = config.likelihood_weight * likelihood
    return losses


def teacher_weights(
    student: LogDepth,
    teacher: TeacherView,
    truth: tuple[Tensor, Tensor],
    config: DistillationConfig,
) -> Tensor:
    """Weigh the teacher's pixels, (B, 1, H, W): 0 where it is silent or contradicts truth."""
    target, known = truth
    largest = math.log1p(config.disagreement)
    mask = teacher.mask & ~(known & ((teacher.depth.m - target).abs() > largest))
    if not config.guidance:
        return uniform_weights(mask)
    scales = teacher.depth.b, student.b
    return guidance_weights(*scales, mask, kappa=config.guidance_kappa)


def response_loss(
    student: LogDepth, teacher: LogDepth, weights: Tensor, config: DistillationConfig
) -> Tensor:
    """Compare depths by the kind that the configuration names."""
    if config.response == 'laplace_kl':
        return laplace_kl_loss(teacher, student, weights)
    if config.response == 'l1':
        return l1_response_loss(student.m, teacher.m, weights)
    return focal_response_loss(
        student.m,
        teacher.m,
        weights,
        tau=config.focal_tau,
        gamma=config.focal_gamma,
        depth_exponent=config.depth_exponent,
    )


def warm_up_factor(step: int, steps: int, config: DistillationConfig) -> float:
    """Grow to 1 over the first `warm_up` of the steps."""
    return min(1.0, (step + 1) / max(1.0, config.warm_up * steps))
