# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
Supervised losses on log-depth, and on a teacher's disparity.

All of them compute in float32, per image, and average over the images that have any truth: one
with a laser's sparse truth counts as much as a rendered one with truth everywhere. Where the mask
is empty they give 0 with a gradient of 0: a batch without truth must not stop a training.
"""

import math

import torch
from torch import Tensor
from torch.nn import functional as F

SILOG_VARIANCE_FOCUS = 0.85
SILOG_EPSILON = 1e-6


def silog_loss(m: Tensor, target: Tensor, mask: Tensor) -> Tensor:
    """
    Scale-invariant logarithmic loss, 10 sqrt(mean d^2 - 0.85 (mean d)^2), d = m - target.

    Source: Eigen et al., NeurIPS 2014, with the weighting of Lee et al. (BTS, 2019).

    Parameters
    ----------
    m, target : (B, 1, H, W) float
        Log-depths; `target` may hold anything outside the mask.
    mask : (B, 1, H, W) bool
        Pixels that have a target.

    Returns
    -------
    Scalar tensor.

    """
    difference = _masked_difference(m, target, mask)
    square_mean = _image_means(difference, mask).square()
    inner = _image_means(difference.square(), mask) - SILOG_VARIANCE_FOCUS * square_mean
    # The gradient of a root is infinite at zero, which an empty mask and a perfect fit both reach.
    return _batch_mean(10 * ((inner + SILOG_EPSILON).sqrt() - math.sqrt(SILOG_EPSILON)), mask)


def log_l1_loss(m: Tensor, target: Tensor, mask: Tensor) -> Tensor:
    """
    Absolute error of log-depth, 10 mean |m - target|, of the size of `silog_loss`.

    Projected laser points see through the edges of things. A square looks most at these, and draws
    depth to what is behind; an absolute error does not.

    Parameters
    ----------
    m, target, mask
        As for `silog_loss`.

    Returns
    -------
    Scalar tensor.

    """
    difference = _masked_difference(m, target, mask)
    return _batch_mean(10 * _image_means(difference.abs(), mask), mask)


DEPTH_LOSSES = {'silog': silog_loss, 'l1': log_l1_loss}


def laplace_nll(
    m: Tensor, s: Tensor, target: Tensor, mask: Tensor, *, beta: float = 0.5
) -> Tensor:
    """
    Negative log-likelihood of log-depth under a Laplace distribution, beta-weighted.

    (|target - m| e^-s + s + ln 2) stopgrad(e^s)^beta, averaged over the mask: Seitzer et al.,
    ICLR 2022, transferred from the normal distribution. With beta = 0 it is the plain likelihood,
    whose gradient on m nearly ends where s has become large; with beta = 1 that on m is L1's.

    Parameters
    ----------
    m, s, target : (B, 1, H, W) float
        Log-depth, log-scale and true log-depth.
    mask : (B, 1, H, W) bool
        Pixels that have a target.
    beta : float
        Between 0 and 1.

    Returns
    -------
    Scalar tensor; it can be negative.

    """
    error = _masked_difference(m, target, mask).abs()
    s = s.float()
    nll = (error * torch.exp(-s) + s + math.log(2)) * torch.exp(beta * s.detach())
    return _batch_mean(_image_means(torch.where(mask, nll, 0.0), mask), mask)


def disparity_loss(disparity_px: Tensor, target_px: Tensor, mask: Tensor) -> Tensor:
    """
    Smooth L1 on matched disparity, quadratic below 1 px.

    Parameters
    ----------
    disparity_px : (B, 1, H', W') float
        In px of the network's input, at any size; brought up to that of the target.
    target_px : (B, 1, H, W) float
        May hold anything outside the mask.
    mask : (B, 1, H, W) bool
        Pixels whose true disparity the network can express.

    Returns
    -------
    Scalar tensor, px.

    """
    full = F.interpolate(disparity_px.float(), size=target_px.shape[-2:], mode='bilinear')
    difference = _masked_difference(full, target_px, mask)
    loss = F.smooth_l1_loss(difference, torch.zeros_like(difference), reduction='none')
    return _batch_mean(_image_means(loss, mask), mask)


def matching_loss(scores: Tensor, target_px: Tensor, mask: Tensor) -> Tensor:
    """
    Cross-entropy of what matches, against the two whole disparities beside the true one.

    Their shares are such that the mean of both is the true one: the scores that fit best are those
    whose `soft_argmin` is right. Of a cell with several true pixels the nearest counts.

    Parameters
    ----------
    scores : (B, D, h, w) float
        Logits of whole disparities, in px of the scores.
    target_px : (B, 1, H, W) float
        In px of the full size; may hold anything outside the mask.
    mask : (B, 1, H, W) bool
        Pixels whose true disparity the scores can express.

    Returns
    -------
    Scalar tensor, nats.

    """
    size = scores.shape[-2:]
    nearest = F.adaptive_max_pool2d(torch.where(mask, target_px.float(), -1.0), size)
    known = nearest >= 0
    wanted = nearest.clamp(min=0) * (size[1] / target_px.shape[-1])
    steps = torch.arange(scores.shape[1], dtype=torch.float32, device=scores.device)
    share = (1 - (steps[:, None, None] - wanted).abs()).clamp(min=0)
    loss = -(share * scores.float().log_softmax(1)).sum(1, keepdim=True)
    return _batch_mean(_image_means(torch.where(known, loss, 0.0), known), known)


def _masked_difference(m: Tensor, target: Tensor, mask: Tensor) -> Tensor:
    """Subtract, with 0 and no gradient outside the mask, whatever `target` holds there."""
    m = m.float()
    # The target is replaced before subtracting, for NaN times zero is NaN, also in the gradient.
    return torch.where(mask, m - torch.where(mask, target.float(), 0.0), 0.0)


def _image_means(values: Tensor, mask: Tensor) -> Tensor:
    """Average values that are 0 outside the mask over the masked pixels of each image: (B,)."""
    return values.sum((1, 2, 3)) / mask.sum((1, 2, 3)).clamp(min=1)


def _batch_mean(per_image: Tensor, mask: Tensor) -> Tensor:
    """Average over the images that have any masked pixel; the others are 0."""
    return per_image.sum() / mask.flatten(1).any(1).sum().clamp(min=1)
