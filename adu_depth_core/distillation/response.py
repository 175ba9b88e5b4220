# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
Response distillation: the student's depth against the teacher's, densely over the image.

All take canonical log-depths m and weights (B, 1, H, W), which also mask, compute in float32 and
average per image, then over the images that have any weight.
"""

import torch
from torch import Tensor

REFERENCE_DEPTH = 12.0
DEPTH_FACTOR_RANGE = 0.5, 2.0


def focal_response_loss(
    student: Tensor,
    teacher: Tensor,
    weights: Tensor,
    *,
    tau: float = 0.1,
    gamma: float = 1.0,
    depth_exponent: float = 0.0,
) -> Tensor:
    """
    Focal-depth-adapted response distillation: an L1 in log-depth that looks at hard pixels.

    sum(w phi psi delta) / sum(w phi psi), with delta = |m_S - m_T|, the focal factor
    phi = (1 - exp(-delta / tau))^gamma and the factor by depth psi = (z_T / 12 m)^depth_exponent
    in [0.5, 2]; weight and factors have no gradient. Our reading of the name that ADU-Depth
    (2023) gives; the focal factor is that of Lin et al. (ICCV 2017) transferred to a residual.

    Parameters
    ----------
    student, teacher : (B, 1, H, W) float
        Canonical log-depths; `teacher` may hold anything where the weight is 0.
    weights : (B, 1, H, W) float
        Not negative.
    tau, gamma, depth_exponent : float
        Residual at which a pixel counts as hard; how sharply; 0 treats all depths alike.

    """
    delta = _residual(student, teacher, weights)
    with torch.no_grad():
        focal = (1 - torch.exp(-delta / tau)) ** gamma
        depth = torch.exp(torch.where(weights > 0, teacher.float(), 0.0)) / REFERENCE_DEPTH
        adapted = weights * focal * (depth**depth_exponent).clamp(*DEPTH_FACTOR_RANGE)
    return weighted_mean(delta, adapted)


def l1_response_loss(student: Tensor, teacher: Tensor, weights: Tensor) -> Tensor:
    """Plain response distillation, the baseline: the weighted mean of |m_S - m_T|."""
    return weighted_mean(_residual(student, teacher, weights), weights)


def weighted_mean(values: Tensor, weights: Tensor) -> Tensor:
    """Average (B, 1, H, W) per image by weight, then over the images that have any; 0 if none."""
    total = weights.sum((1, 2, 3))
    # The bound keeps the focal weights of a perfect fit, all zero, from dividing by nothing.
    means = (values * weights).sum((1, 2, 3)) / total.clamp(min=1e-6)
    return means.sum() / (total > 0).sum().clamp(min=1)


def _residual(student: Tensor, teacher: Tensor, weights: Tensor) -> Tensor:
    """Return |m_S - m_T|, 0 without gradient where the weight is 0, whatever stands there."""
    inside = weights > 0
    target = torch.where(inside, teacher.float(), 0.0)
    return torch.where(inside, (student.float() - target).abs(), 0.0)
