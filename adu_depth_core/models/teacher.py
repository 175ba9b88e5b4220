# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The teacher: a stereo pair in, log-depth, its uncertainty and its features out."""

import math
from dataclasses import dataclass
from typing import Literal, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from adu_depth_core.models.decoder import Decoder, upsampled
from adu_depth_core.models.disparity_refinement import STRIDE as REFINED_STRIDE
from adu_depth_core.models.disparity_refinement import DisparityRefinement, Refined
from adu_depth_core.models.encoder import Encoder, Normalisation
from adu_depth_core.models.head import INITIAL_DEPTH, DepthHead, LogDepth
from adu_depth_core.models.matching import (
    canonical_log_depth,
    groupwise_correlation,
    soft_argmin,
)
from adu_depth_core.models.presets import Preset

Fusion = Literal['correlation', 'concat']
DESCRIPTOR_CHANNELS = 64
VOLUME_CHANNELS = 64
INITIAL_SHARPNESS = 20.0
MATCHED_STRIDES = (4, 8, 16)


@dataclass(frozen=True)
class TeacherArchitecture:
    """
    What distinguishes one teacher from another.

    Parameters
    ----------
    preset : Preset
        Encoder and decoder width, those of the student it is to teach.
    canonical_focal : float
        In px, the student's.
    fusion : str
        `correlation`, or `concat` for comparison: six channels into the encoder.
    max_disparity_px : int
        In px of the network's input, a multiple of 16.
    groups : int
        See `groupwise_correlation`; divides 64.
    refined : bool
        Refine what is matched at stride 4, see `DisparityRefinement`, and let depth follow it
        where it is to be trusted; of `correlation`.

    """

    preset: Preset
    canonical_focal: float
    fusion: Fusion = 'correlation'
    max_disparity_px: int = 96
    groups: int = 8
    refined: bool = False

    @property
    def refines(self) -> bool:
        """Whether there is a match to be refined, and it is."""
        return self.refined and self.fusion == 'correlation'


class TeacherOutput(NamedTuple):
    """
    What a teacher says.

    Attributes
    ----------
    depth : LogDepth
        Canonical, (B, 1, H, W).
    decoded : list of (B, width, H/s, W/s)
        The decoder's features, coarsest first, as a student has them.
    disparity_px : (B, 1, h, w), optional
        Matched disparity in px of the input, of stride 4, or 2 where it was refined; a teacher by
        concatenation has none.
    scores : (B, D, H/4, W/4), optional
        How well each whole disparity of stride 4 matches, as logits.

    """

    depth: LogDepth
    decoded: list[Tensor]
    disparity_px: Tensor | None
    scores: Tensor | None


class Teacher(nn.Module):
    """
    Stereo network with the student's own encoder, decoder and head, and matching in between.

    One encoder sees both images; features of strides 4, 8 and 16 are correlated along the rows
    and fused into the left ones. The disparity matched at stride 4, as canonical log-depth, is
    one more input of the decoder: what the network says is metric because baseline and disparity
    enter, not because it remembers a rig.

    Where the match is refined, log-depth is a mean of the head's and of the match's own, weighted
    by how far the match is to be trusted: a sure match goes through as it is.
    """

    def __init__(self, architecture: TeacherArchitecture, *, pretrained: bool = False) -> None:
        super().__init__()
        self.architecture = architecture
        preset = architecture.preset
        matches = architecture.fusion == 'correlation'
        self.encoder = Encoder(
            preset.encoder, pretrained=pretrained, in_channels=3 if matches else 6
        )
        channels = self.encoder.channels
        self.fusion = nn.ModuleList(
            CorrelationFusion(c, architecture.max_disparity_px // stride, architecture.groups)
            for c, stride in zip(channels, MATCHED_STRIDES, strict=False)
            if matches
        )
        if matches:
            steps = architecture.max_disparity_px // MATCHED_STRIDES[0]
            self.scores = MatchingScores(steps, architecture.groups)
        if architecture.refines:
            self.refinement = DisparityRefinement()
            self.trust = nn.Conv2d(preset.decoder_width, 1, 3, padding=1)
        self.decoder = Decoder([channels[0] + 1, *channels[1:]], preset.decoder_width)
        self.head = DepthHead(preset.decoder_width)

    @property
    def normalisation(self) -> Normalisation:
        """What the encoder wants done to its images."""
        return self.encoder.normalisation

    def forward(
        self, left: Tensor, right: Tensor, baseline_m: Tensor, offset_px: Tensor
    ) -> TeacherOutput:
        """
        Look at a pair.

        Parameters
        ----------
        left, right : (B, 3, H, W) float
            Normalised RGB of the rectified images.
        baseline_m, offset_px : (B,) float
            Distance of the cameras; right cx - left cx, in px of the input.

        """
        refined: Refined | None = None
        if self.architecture.fusion == 'concat':
            features, scores = self.encoder(torch.cat([left, right], 1)), None
            shape = len(left), 1, *features[0].shape[-2:]
            disparity = features[0].new_ones(shape, dtype=torch.float32)
        else:
            features, scores = self._matched(left, right)
            disparity = MATCHED_STRIDES[0] * soft_argmin(scores)
            if self.architecture.refines:
                refined = self.refinement(left, right, disparity)
                disparity = refined.disparity_px
        matched = canonical_log_depth(
            disparity, baseline_m, offset_px, self.architecture.canonical_focal
        )
        cue = cue_of(matched, features[0])
        decoded = self.decoder([torch.cat([features[0], cue], 1), *features[1:]])
        depth = self.head(decoded[-1], left.shape[-2:])
        if refined is not None:
            trust = trusted(self.trust(decoded[-1]), refined.trust)
            depth = depth._replace(m=towards(depth.m, matched, trust))
        return TeacherOutput(depth, decoded, None if scores is None else disparity, scores)

    def _matched(self, left: Tensor, right: Tensor) -> tuple[list[Tensor], Tensor]:
        pairs = [f.chunk(2) for f in self.encoder(torch.cat([left, right]))]
        results = [fuse(*pair) for fuse, pair in zip(self.fusion, pairs, strict=False)]
        # Of the coarsest the left features are enough.
        unmatched = [left for left, _ in pairs[len(results) :]]
        return [r.fused for r in results] + unmatched, self.scores(*results[0][1:])


def cue_of(matched: Tensor, feature: Tensor) -> Tensor:
    """Bring log-depth of a match, about zero, to the size and type of the finest feature."""
    if matched.shape[-2:] != feature.shape[-2:]:
        matched = F.avg_pool2d(matched, MATCHED_STRIDES[0] // REFINED_STRIDE)
    return (matched - math.log(INITIAL_DEPTH)).to(feature.dtype)


def trusted(of_decoder: Tensor, of_match: Tensor) -> Tensor:
    """Return the weight of a match, (B, 1, H/2, W/2), from two logits of strides 4 and 2."""
    return torch.sigmoid(of_match + upsampled(of_decoder.float(), of_match))


def towards(m: Tensor, matched: Tensor, trust: Tensor) -> Tensor:
    """Draw log-depth (B, 1, H, W) towards a match of stride 2 as far as that is trusted."""
    matched, trust = upsampled(matched, m), upsampled(trust, m)
    return m + trust * (matched - m)


class Fused(NamedTuple):
    """
    What comes of the features of one stride.

    Attributes
    ----------
    fused : (B, C, H, W)
        Left feature with what was matched mixed in.
    correlation : (B, groups, D, H, W)
        See `groupwise_correlation`.
    volume : (B, 64, H, W)
        What was made of it.

    """

    fused: Tensor
    correlation: Tensor
    volume: Tensor


class CorrelationFusion(nn.Module):
    """Correlate the features of one stride and mix the result into the left ones."""

    def __init__(self, channels: int, disparities: int, groups: int) -> None:
        super().__init__()
        self.disparities, self.groups = disparities, groups
        self.descriptor = nn.Conv2d(channels, DESCRIPTOR_CHANNELS, 1)
        self.volume = nn.Sequential(
            nn.Conv2d(groups * disparities, VOLUME_CHANNELS, 1, bias=False),
            nn.BatchNorm2d(VOLUME_CHANNELS),
            nn.ReLU(),
            nn.Conv2d(VOLUME_CHANNELS, VOLUME_CHANNELS, 3, padding=1, bias=False),
            nn.BatchNorm2d(VOLUME_CHANNELS),
            nn.ReLU(),
        )
        self.mix = nn.Conv2d(channels + VOLUME_CHANNELS, channels, 1)

    def forward(self, left: Tensor, right: Tensor) -> Fused:
        """Match two features (B, C, H, W)."""
        correlation = groupwise_correlation(
            self.descriptor(left),
            self.descriptor(right),
            disparities=self.disparities,
            groups=self.groups,
        )
        volume = self.volume(correlation.flatten(1, 2))
        fused = left + self.mix(torch.cat([left, volume], 1))
        return Fused(fused, correlation, volume)


class MatchingScores(nn.Module):
    """
    Say how well each disparity matches: what its own correlations say, and what the volume adds.

    The first has the same few weights for every disparity, and so knows of those that no training
    image had.
    """

    def __init__(self, disparities: int, groups: int) -> None:
        super().__init__()
        self.of_volume = nn.Conv2d(VOLUME_CHANNELS, disparities, 3, padding=1)
        self.of_groups = nn.Parameter(torch.full((groups,), INITIAL_SHARPNESS / groups))

    def forward(self, correlation: Tensor, volume: Tensor) -> Tensor:
        """Map a correlation (B, groups, D, H, W) and its volume to logits (B, D, H, W)."""
        with torch.autocast(volume.device.type, enabled=False):
            direct = torch.einsum('bgdyx,g->bdyx', correlation.float(), self.of_groups)
            return self.of_volume(volume.float()) + direct
