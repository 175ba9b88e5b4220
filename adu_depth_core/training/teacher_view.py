# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What a teacher says of a batch, in the student's geometry, whoever that teacher is."""

import math
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor

from adu_depth_core.errors import InputError
from adu_depth_core.inference.model_file import load_teacher_file
from adu_depth_core.models.head import LogDepth
from adu_depth_core.models.student import normalised
from adu_depth_core.training.batch import Batch
from adu_depth_core.training.config import ModelConfig
from adu_depth_core.training.targets import log_target


class TeacherView(NamedTuple):
    """
    A teacher's answer.

    Attributes
    ----------
    depth : LogDepth
        Canonical, (B, 1, H, W); anything outside the mask.
    mask : (B, 1, H, W) bool
        Where it speaks.
    decoded : list of (B, C, H/s, W/s), optional
        Features, coarsest first, of the network that looked at the batch; None if none did.
    has_features : (B, 1, 1, 1) bool
        Images it looked at.

    """

    depth: LogDepth
    mask: Tensor
    decoded: list[Tensor] | None
    has_features: Tensor


class FrozenTeacher:
    """
    A trained teacher that looks at the pairs of a batch: always in evaluation mode, no gradient.

    Not a module, on purpose: its weights belong neither into the checkpoints of a student nor
    under the average of its weights.

    Parameters
    ----------
    path : Path
        Model file of a teacher.
    model : ModelConfig
        Of the student; `InputError` when the canonical cameras differ.

    """

    def __init__(self, path: Path, model: ModelConfig) -> None:
        self._network, info = load_teacher_file(path)
        self._network.requires_grad_(False)
        if info.canonical_focal != model.canonical_focal:
            raise InputError(
                f'{path}: canonical focal length {info.canonical_focal:g}, the student has '
                f'{model.canonical_focal:g}; train both with the same'
            )
        self.feature_channels = info.decoder_width
        self._log_temperature = math.log(info.temperature)

    @torch.no_grad()
    def __call__(self, batch: Batch) -> TeacherView:
        """Look at the pairs of a batch; images without a right one are outside the mask."""
        network = self._network.to(batch.left.device)
        paired = torch.isfinite(batch.baseline_m)
        output = network(
            normalised(batch.left, network.normalisation),
            normalised(batch.right, network.normalisation),
            torch.where(paired, batch.baseline_m, 1.0),
            torch.where(paired, batch.offset_px, 0.0),
        )
        has_features = paired.view(-1, 1, 1, 1)
        return TeacherView(
            LogDepth(
                followed(output.depth.m, batch),
                # The scale that the teacher would publish, as a recording holds it.
                followed(output.depth.s + self._log_temperature, batch),
            ),
            has_features.expand_as(output.depth.m),
            [followed(x, batch) for x in output.decoded],
            has_features,
        )


def recorded_view(batch: Batch, model: ModelConfig) -> TeacherView:
    """Return what the data set knows a teacher to have said."""
    m, mask = log_target(followed(batch.teacher_depth_m, batch), batch.fx, model)
    scale = followed(batch.teacher_scale, batch)
    mask = mask & (scale > 0)
    s = torch.log(torch.where(mask, scale, 1.0))
    nothing = torch.zeros(len(m), 1, 1, 1, dtype=torch.bool, device=m.device)
    return TeacherView(LogDepth(m, s), mask, None, nothing)


def combined(live: TeacherView, recorded: TeacherView) -> TeacherView:
    """
    Take the recorded word of an image, which block matching had a share in, or the live one.

    Features are those of the network that looks, in either case.
    """
    use = recorded.mask.flatten(1).any(1).view(-1, 1, 1, 1)
    depth = LogDepth(
        torch.where(use, recorded.depth.m, live.depth.m),
        torch.where(use, recorded.depth.s, live.depth.s),
    )
    mask = torch.where(use, recorded.mask, live.mask)
    return TeacherView(depth, mask, live.decoded, live.has_features)


def followed(x: Tensor, batch: Batch) -> Tensor:
    """Mirror and roll maps (B, C, H/s, W/s) of the teacher's geometry to the student's."""
    x = torch.where(batch.mirrored.view(-1, 1, 1, 1), x.flip(-1), x)
    cuts = batch.cut.tolist()
    if not any(cuts):
        return x
    stride = batch.image.shape[1] // x.shape[-2]
    moved = [part.roll(cut // stride, -2) for part, cut in zip(x, cuts, strict=True)]
    return torch.stack(moved)
