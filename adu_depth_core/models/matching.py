# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
Matching along the rows of a rectified pair.

Convention: what stands at column x of the left image at disparity d >= 0 is at x - d in the right.
"""

import torch
from torch import Tensor
from torch.nn import functional as F

LEAST_DISPARITY_PX = 0.1


def groupwise_correlation(left: Tensor, right: Tensor, *, disparities: int, groups: int) -> Tensor:
    """
    Compare features of a pair at each disparity, group by group of channels.

    V[g, d, y, x] is the cosine between the channels of group g of left[y, x] and
    right[y, x - d]; 0 where x - d lies outside. Group-wise after GwcNet (Guo et al., CVPR 2019);
    the cosine makes 1 the value of a perfect match, which nothing exceeds.

    Parameters
    ----------
    left, right : (B, C, H, W) float
        Features of both images; `groups` divides C.
    disparities : int
        Number of whole disparities, 0 to `disparities` - 1, in pixels of the features.
    groups : int
        Number of groups.

    Returns
    -------
    (B, groups, disparities, H, W) float

    """
    batch, channels, height, width = left.shape
    shape = batch, groups, channels // groups, height, width
    left = F.normalize(left.reshape(shape), dim=2, eps=1e-6)
    right = F.normalize(right.reshape(shape), dim=2, eps=1e-6)
    slices = [
        F.pad((left[..., d:] * right[..., : max(width - d, 0)]).sum(2), (min(d, width), 0))
        for d in range(disparities)
    ]
    return torch.stack(slices, 2)


def soft_argmin(scores: Tensor) -> Tensor:
    """
    Return the mean disparity under softmax(scores): (B, D, H, W) to (B, 1, H, W), in steps.

    The differentiable argmin of GC-Net (Kendall et al., ICCV 2017), here over scores that are
    high where the match is good.
    """
    steps = torch.arange(scores.shape[1], dtype=scores.dtype, device=scores.device)
    return (scores.softmax(1) * steps[:, None, None]).sum(1, keepdim=True)


def canonical_log_depth(
    disparity_px: Tensor, baseline_m: Tensor, offset_px: Tensor, canonical_focal: float
) -> Tensor:
    """
    Turn disparity into log-depth in the canonical camera: ln(f_c b / d).

    Metric depth is f b / d, and the canonical camera takes it times f_c / f: the focal length
    cancels, so the same pictures give the same map, whatever lens they came through.

    Parameters
    ----------
    disparity_px : (B, 1, H, W) float
        In px of the image, at least `LEAST_DISPARITY_PX` after the offset is added.
    baseline_m, offset_px : (B,) float
        Of the rig; the offset is right cx - left cx.
    canonical_focal : float
        f_c in px.

    """
    shifted = (disparity_px + offset_px.view(-1, 1, 1, 1)).clamp(min=LEAST_DISPARITY_PX)
    return torch.log(canonical_focal * baseline_m.view(-1, 1, 1, 1) / shifted)
