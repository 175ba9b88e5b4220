# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The stereo teacher as it is deployed: equal to the trained one, in an order that is fast."""

import copy
import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from adu_depth_core.models.head import INITIAL_DEPTH
from adu_depth_core.models.matching import canonical_log_depth, soft_argmin
from adu_depth_core.models.reparameterised import DeployedHead, LaplaceDepth
from adu_depth_core.models.teacher import (
    DESCRIPTOR_CHANNELS,
    MATCHED_STRIDES,
    CorrelationFusion,
    Teacher,
)


class DeployedTeacher(nn.Module):
    """
    A trained teacher for prediction only.

    Parameters
    ----------
    teacher : Teacher
        Encoder, decoder and what mixes are shared, the rest is copied.

    """

    def __init__(self, teacher: Teacher) -> None:
        super().__init__()
        self.canonical_focal = teacher.architecture.canonical_focal
        self.encoder, self.decoder = teacher.encoder, teacher.decoder
        fusions = (f for f in teacher.fusion if isinstance(f, CorrelationFusion))
        self.fusion = nn.ModuleList(DeployedFusion(fusion) for fusion in fusions)
        self.scores = teacher.scores if self.fusion else None
        self.head = DeployedHead(teacher.head)

    def forward(
        self, left: Tensor, right: Tensor, baseline_m: Tensor, offset_px: Tensor
    ) -> LaplaceDepth:
        """Look at a pair, see `Teacher`."""
        if self.scores is None:
            features = self.encoder(torch.cat([left, right], 1))
            disparity = features[0].new_ones(len(left), 1, *features[0].shape[-2:])
        else:
            # One after the other: of the right image nobody asks for the coarsest feature, and a
            # graph leaves out what nobody asks for.
            features, others = self.encoder(left), self.encoder(right)
            volume = None
            for level, fuse in enumerate(self.fusion):
                features[level], matched = fuse(features[level], others[level])
                volume = matched if volume is None else volume
            assert volume is not None
            disparity = MATCHED_STRIDES[0] * soft_argmin(self.scores(volume))
        log_depth = canonical_log_depth(disparity, baseline_m, offset_px, self.canonical_focal)
        cue = log_depth - math.log(INITIAL_DEPTH)
        decoded = self.decoder([torch.cat([features[0], cue], 1), *features[1:]])
        return self.head(decoded[-1])


class DeployedFusion(nn.Module):
    """
    A trained `CorrelationFusion`, with its channels in another order.

    The descriptors hold the first channels of all groups, then the second ones, and so on: the
    sum over a group is one over whole maps. The right image is shifted by looking at a window of
    it with zeros at its left, so that all slices have constant bounds whatever the size is.

    Parameters
    ----------
    fusion : CorrelationFusion
        Its `mix` is shared, the other weights are copied.

    """

    def __init__(self, fusion: CorrelationFusion) -> None:
        super().__init__()
        self.disparities, self.groups = fusion.disparities, fusion.groups
        self.members = DESCRIPTOR_CHANNELS // fusion.groups
        self.descriptor = copy.deepcopy(fusion.descriptor)
        self.volume = copy.deepcopy(fusion.volume)
        self.mix = fusion.mix
        by_group = torch.arange(DESCRIPTOR_CHANNELS).view(self.groups, self.members)
        by_disparity = torch.arange(self.groups * self.disparities).view(self.groups, -1)
        with torch.no_grad():
            for values in self.descriptor.parameters():
                values.copy_(values[by_group.T.flatten()])
            for values in self.volume[0].parameters():
                values.copy_(values[:, by_disparity.T.flatten()])

    def forward(self, left: Tensor, right: Tensor) -> tuple[Tensor, Tensor]:
        """Map two features (B, C, H, W) to the fused left one and the volume (B, 64, H, W)."""
        volume = self.volume(self._correlation(left, right))
        return left + self.mix(torch.cat([left, volume], 1)), volume

    def _correlation(self, left: Tensor, right: Tensor) -> Tensor:
        """Return cosines (B, disparities * groups, H, W), see `groupwise_correlation`."""
        ours, theirs = self._described(left), self._described(right)
        most = self.disparities - 1
        padded = F.pad(theirs, (most, 0))
        shifted = (padded[..., most - d : -d or None] for d in range(self.disparities))
        cosines = torch.cat([(ours * other).sum(1, keepdim=True) for other in shifted], 1)
        batch, _, height, width = left.shape
        return cosines.reshape(batch, self.disparities * self.groups, height, width)

    def _described(self, feature: Tensor) -> Tensor:
        """Return unit descriptors (B, members, groups * H, W)."""
        batch, _, height, width = feature.shape
        shape = batch, self.members, self.groups * height, width
        return F.normalize(self.descriptor(feature).reshape(shape), dim=1, eps=1e-6)
