# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The stereo teacher as it is deployed: equal to the trained one, in an order that is fast."""

import copy
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from adu_depth_core.models.disparity_refinement import Refined
from adu_depth_core.models.matching import canonical_log_depth, soft_argmin
from adu_depth_core.models.reparameterised import LaplaceDepth, ReparameterisedHead
from adu_depth_core.models.teacher import (
    DESCRIPTOR_CHANNELS,
    MATCHED_STRIDES,
    CorrelationFusion,
    MatchingScores,
    Teacher,
    cue_of,
    towards,
    trusted,
)


class ReparameterisedTeacher(nn.Module):
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
        self.fusion = nn.ModuleList(ReparameterisedFusion(fusion) for fusion in fusions)
        self.scores = ReparameterisedScores(teacher.scores) if self.fusion else None
        self.refinement = teacher.refinement if teacher.architecture.refines else None
        self.trust = teacher.trust if teacher.architecture.refines else None
        self.head = ReparameterisedHead(teacher.head)

    def forward(
        self, left: Tensor, right: Tensor, baseline_m: Tensor, offset_px: Tensor
    ) -> LaplaceDepth:
        """Look at a pair, see `Teacher`."""
        refined: Refined | None = None
        if self.scores is None:
            features = self.encoder(torch.cat([left, right], 1))
            shape = len(left), 1, *features[0].shape[-2:]
            disparity = features[0].new_ones(shape, dtype=torch.float32)
        else:
            features, scores = self._matched(left, right, self.scores)
            disparity = MATCHED_STRIDES[0] * soft_argmin(scores.float())
            if self.refinement is not None:
                refined = self.refinement(left, right, disparity)
                disparity = refined.disparity_px
        matched = canonical_log_depth(disparity, baseline_m, offset_px, self.canonical_focal)
        cue = cue_of(matched, features[0])
        decoded = self.decoder([torch.cat([features[0], cue], 1), *features[1:]])
        depth: LaplaceDepth = self.head(decoded[-1])
        if refined is None or self.trust is None:
            return depth
        trust = trusted(self.trust(decoded[-1]), refined.trust)
        return depth._replace(m=towards(depth.m, matched, trust))

    def _matched(
        self, left: Tensor, right: Tensor, score: nn.Module
    ) -> tuple[list[Tensor], Tensor]:
        # One after the other: of the right image nobody asks for the coarsest feature, and a
        # graph leaves out what nobody asks for.
        features, others = self.encoder(left), self.encoder(right)
        finest: MatchedFeatures | None = None
        for level, fuse in enumerate(self.fusion):
            features[level], matched = fuse(features[level], others[level])
            finest = finest or matched
        assert finest is not None
        return features, score(*finest)


class MatchedFeatures(NamedTuple):
    """
    What was matched at one stride.

    Attributes
    ----------
    correlation : (B, D * groups, H, W)
        Cosines, all groups of the first disparity first.
    volume : (B, 64, H, W)
        What was made of them.

    """

    correlation: Tensor
    volume: Tensor


class ReparameterisedScores(nn.Module):
    """
    A trained `MatchingScores`, for a correlation in the order of `ReparameterisedFusion`.

    Parameters
    ----------
    scores : MatchingScores
        Its convolution is shared, the weights of the groups are copied.

    """

    def __init__(self, scores: MatchingScores) -> None:
        super().__init__()
        self.of_volume = scores.of_volume
        disparities, groups = scores.of_volume.out_channels, len(scores.of_groups)
        self.of_groups = nn.Conv2d(
            disparities * groups, disparities, 1, groups=disparities, bias=False
        )
        weights = scores.of_groups.detach().view(1, groups, 1, 1).repeat(disparities, 1, 1, 1)
        self.of_groups.weight = nn.Parameter(weights, requires_grad=False)

    def forward(self, correlation: Tensor, volume: Tensor) -> Tensor:
        """Map (B, D * groups, H, W) and (B, 64, H, W) to logits (B, D, H, W)."""
        return self.of_volume(volume) + self.of_groups(correlation)


class ReparameterisedFusion(nn.Module):
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

    def forward(self, left: Tensor, right: Tensor) -> tuple[Tensor, MatchedFeatures]:
        """Map two features (B, C, H, W) to the fused left one and what was matched."""
        correlation = self._correlation(left, right)
        volume = self.volume(correlation)
        fused = left + self.mix(torch.cat([left, volume], 1))
        return fused, MatchedFeatures(correlation, volume)

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
        described = self.descriptor(feature).reshape(shape)
        # As `normalize` does, but without spreading the lengths over all members first.
        return described / described.square().sum(1, keepdim=True).sqrt().clamp(min=1e-6)
