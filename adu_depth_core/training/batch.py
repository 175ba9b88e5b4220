# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What one training step gets."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from adu_depth_core.samples.sample import Depth
from adu_depth_core.training.views.training_view import TrainingView

# Of an image: student's view, truth, the teacher's pair, and what a teacher said.
BYTES_PER_PIXEL = 3 + 4 + 3 + 3 + 4 + 4


class Batch(NamedTuple):
    """
    Views of one size.

    Attributes
    ----------
    names : tuple of str
        Of the samples.
    image : (B, H, W, 3) uint8
        The student's view, RGB.
    fx : (B,) float32
        Focal length in px.
    depth_m : (B, 1, H, W) float32
        Truth in the student's geometry, NaN unknown, +inf sky.
    left, right : (B, H, W, 3) uint8
        The teacher's view; where there is no right image, `right` repeats `left`.
    baseline_m, offset_px : (B,) float32
        Of the rig, the offset being right cx - left cx; NaN where there is no right image.
    teacher_depth_m, teacher_scale : (B, 1, H, W) float32
        What the data set knows a teacher to have said, in the teacher's geometry; NaN unknown.
    mirrored : (B,) bool
        The student's geometry is mirrored against the teacher's.
    cut : (B,) int64
        Rows by which it is then rolled.

    """

    names: tuple[str, ...]
    image: Tensor
    fx: Tensor
    depth_m: Tensor
    left: Tensor
    right: Tensor
    baseline_m: Tensor
    offset_px: Tensor
    teacher_depth_m: Tensor
    teacher_scale: Tensor
    mirrored: Tensor
    cut: Tensor


def collate(views: Sequence[TrainingView]) -> Batch:
    """Stack views of one size."""
    samples = [view.sample for view in views]
    rigs = [sample.rig for sample in samples]
    return Batch(
        names=tuple(sample.name for sample in samples),
        image=_stacked([view.image for view in views]),
        fx=_floats([sample.camera.fx for sample in samples]),
        depth_m=_stacked([view.depth_m for view in views])[:, None],
        left=_stacked([s.left for s in samples]),
        right=_stacked([s.left if s.right is None else s.right for s in samples]),
        baseline_m=_floats([r.baseline_m if r else math.nan for r in rigs]),
        offset_px=_floats([r.disparity_offset_px if r else math.nan for r in rigs]),
        teacher_depth_m=_stacked([_map(s.teacher_depth_m, s.left) for s in samples])[:, None],
        teacher_scale=_stacked([_map(s.teacher_scale, s.left) for s in samples])[:, None],
        mirrored=torch.tensor([view.mirrored for view in views]),
        cut=torch.tensor([view.cut for view in views]),
    )


def batch_bytes(pixels: int, images: int) -> int:
    """Return what so many images of so many pixels take in a batch, but for a few bytes each."""
    return BYTES_PER_PIXEL * pixels * images


def _map(values: Depth | None, image: np.ndarray) -> Depth:
    return np.full(image.shape[:2], np.nan, np.float32) if values is None else values


def _floats(values: Sequence[float]) -> Tensor:
    return torch.tensor(values, dtype=torch.float32)


def _stacked(arrays: Sequence[np.ndarray]) -> Tensor:
    return torch.from_numpy(np.stack(arrays))
