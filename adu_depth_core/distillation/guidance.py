# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
Uncertainty guidance: where distillation should listen to the teacher, and where it matters.

    w = stopgrad[exp(-b_T / mean b_T) (1 + kappa b_S / mean b_S)], clamped to [0.1, 4], mean 1

Believe the teacher where it is sure, spend effort where the student is not. Our reading of the
"uncertainty that guides distillation in feature space and result space" of ADU-Depth (2023).
"""

import torch
from torch import Tensor

LEAST, MOST = 0.1, 4.0


def guidance_weights(
    teacher_scale: Tensor, student_scale: Tensor, mask: Tensor, *, kappa: float = 1.0
) -> Tensor:
    """
    Weigh pixels by the uncertainty of both networks.

    Parameters
    ----------
    teacher_scale, student_scale : (B, 1, H, W) float
        Laplace scales b of log-depth.
    mask : (B, 1, H, W) bool
        Pixels where the teacher speaks.
    kappa : float
        Share of the student's uncertainty.

    Returns
    -------
    (B, 1, H, W) float32
        Without gradient, 0 outside the mask, of mean 1 over the mask of each image.

    """
    with torch.no_grad():
        teacher = teacher_scale.float() / image_mean(teacher_scale.float(), mask)
        student = student_scale.float() / image_mean(student_scale.float(), mask)
        weights = torch.exp(-teacher) * (1 + kappa * student)
        weights = torch.where(mask, weights.clamp(LEAST, MOST), 0.0)
        return weights / image_mean(weights, mask)


def uniform_weights(mask: Tensor) -> Tensor:
    """Weigh all pixels of the mask (B, 1, H, W) alike: 1 inside, 0 outside."""
    return mask.float()


def image_mean(values: Tensor, mask: Tensor) -> Tensor:
    """Average each image of (B, 1, H, W) over its mask: (B, 1, 1, 1), 1 where it is empty."""
    count = mask.sum((1, 2, 3), keepdim=True)
    total = torch.where(mask, values, 0.0).sum((1, 2, 3), keepdim=True)
    return torch.where(count > 0, total / count.clamp(min=1), 1.0)
