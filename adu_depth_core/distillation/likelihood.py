# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
The divergence of two Laplace distributions of log-depth.

As a response loss it distils depth and uncertainty together. Against the teacher alone, with the
student's m held fixed, it is the likelihood of pixels that have no truth: without it the student's
b would drift wherever nobody measured.
"""

import torch
from torch import Tensor

from adu_depth_core.distillation.response import weighted_mean
from adu_depth_core.models.head import LogDepth


def laplace_kl(teacher: LogDepth, student: LogDepth) -> Tensor:
    """
    Return KL(Laplace_T || Laplace_S) per pixel.

    s_S - s_T + (b_T exp(-delta / b_T) + delta) / b_S - 1 with delta = |m_S - m_T|, b = exp(s):
    never negative, 0 only where both are equal. Source: the integral in closed form, as in
    Meyer and Thakurdesai (2020).

    Parameters
    ----------
    teacher, student : LogDepth
        (B, 1, H, W) each.

    Returns
    -------
    (B, 1, H, W) float32, unitless.

    """
    delta = (student.m.float() - teacher.m.float()).abs()
    s_t, s_s = teacher.s.float(), student.s.float()
    b_t = torch.exp(s_t)
    return s_s - s_t + (b_t * torch.exp(-delta / b_t) + delta) * torch.exp(-s_s) - 1


def laplace_kl_loss(teacher: LogDepth, student: LogDepth, weights: Tensor) -> Tensor:
    """Average `laplace_kl` by weight (B, 1, H, W); where it is 0 the teacher may be NaN."""
    inside = weights > 0
    known = LogDepth(*(torch.where(inside, x.float(), 0.0) for x in teacher))
    return weighted_mean(torch.where(inside, laplace_kl(known, student), 0.0), weights)


def scale_likelihood_loss(teacher: LogDepth, student: LogDepth, weights: Tensor) -> Tensor:
    """`laplace_kl_loss` for s alone: the gradient does not reach the student's m."""
    return laplace_kl_loss(teacher, LogDepth(student.m.detach(), student.s), weights)
