# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What networks are asked to predict: metric truth in the canonical camera, and disparity."""

import torch
from torch import Tensor

from adu_depth_core.camera import canonical_factor
from adu_depth_core.evaluation.metrics import MIN_DEPTH
from adu_depth_core.models.teacher import MATCHED_STRIDES
from adu_depth_core.training.batch import Batch
from adu_depth_core.training.config import ModelConfig

BEYOND = 1.25


def log_target(depth_m: Tensor, fx: Tensor, model: ModelConfig) -> tuple[Tensor, Tensor]:
    """
    Turn metric depth into canonical log-depth and the mask of where there is any.

    Sky and whatever lies beyond 1.25 max_depth are trained as 1.25 max_depth.

    Returns
    -------
    target : (B, 1, H, W) float32
    mask : (B, 1, H, W) bool

    """
    mask = depth_m > MIN_DEPTH
    depth = torch.where(mask, depth_m, 1.0).clamp(max=BEYOND * model.max_depth)
    factor = canonical_factor(fx, model.canonical_focal).view(-1, 1, 1, 1)
    return torch.log(depth * factor), mask


def disparity_target(
    batch: Batch, depth_m: Tensor, max_disparity_px: int
) -> tuple[Tensor, Tensor]:
    """
    Return the disparity of `depth_m` in px and the mask of where it can be matched: (B, 1, H, W).

    The last of the disparities that are matched lies one step of stride 4 below the largest.

    Sky has the disparity of a point at infinity. Where a batch was cut for the student, its truth
    is not in the teacher's geometry: a teacher is trained without cuts.
    """
    shape = (-1, 1, 1, 1)
    focal_baseline = (batch.fx * batch.baseline_m).view(shape)
    disparity = focal_baseline / depth_m - batch.offset_px.view(shape)
    # A comparison with NaN is false: no truth, no right image.
    return disparity, (disparity >= 0) & (disparity <= max_disparity_px - MATCHED_STRIDES[0])
