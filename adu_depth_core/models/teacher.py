# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The teacher: a stereo pair in, log-depth, its uncertainty and its features out."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import torch
from torch import Tensor, nn

from adu_depth_core.models.decoder import Decoder
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

    """

    preset: Preset
    canonical_focal: float
    fusion: Fusion = 'correlation'
    max_disparity_px: int = 96
    groups: int = 8


class TeacherOutput(NamedTuple):
    """
    What a teacher says.

    Attributes
    ----------
    depth : LogDepth
        Canonical, (B, 1, H, W).
    decoded : list of (B, width, H/s, W/s)
        The decoder's features, coarsest first, as a student has them.
    disparity_px : (B, 1, H/4, W/4), optional
        Matched disparity in px of the input; a teacher by concatenation has none.

    """

    depth: LogDepth
    decoded: list[Tensor]
    disparity_px: Tensor | None


class Teacher(nn.Module):
    """
    Stereo network with the student's own encoder, decoder and head, and matching in between.

    One encoder sees both images; features of strides 4, 8 and 16 are correlated along the rows
    and fused into the left ones. The disparity matched at stride 4, as canonical log-depth, is
    one more input of the decoder: what the network says is metric because baseline and disparity
    enter, not because it remembers a rig.
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
            self.scores = nn.Conv2d(VOLUME_CHANNELS, steps, 3, padding=1)
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
        if self.architecture.fusion == 'concat':
            features, disparity = self.encoder(torch.cat([left, right], 1)), None
        else:
            features, disparity = self._matched(left, right)
        cue = self._cue(features[0], disparity, baseline_m, offset_px)
        decoded = self.decoder([torch.cat([features[0], cue], 1), *features[1:]])
        return TeacherOutput(self.head(decoded[-1], left.shape[-2:]), decoded, disparity)

    def _matched(self, left: Tensor, right: Tensor) -> tuple[list[Tensor], Tensor]:
        pairs = [f.chunk(2) for f in self.encoder(torch.cat([left, right]))]
        features, volumes = _fused(pairs, self.fusion)
        with torch.autocast(left.device.type, enabled=False):
            scores = self.scores(volumes[0].float())
            return features, MATCHED_STRIDES[0] * soft_argmin(scores)

    def _cue(
        self, like: Tensor, disparity: Tensor | None, baseline_m: Tensor, offset_px: Tensor
    ) -> Tensor:
        """Return canonical log-depth of the match about zero; with concat, of one pixel."""
        if disparity is None:
            disparity = like.new_ones(len(like), 1, *like.shape[-2:], dtype=torch.float32)
        log_depth = canonical_log_depth(
            disparity, baseline_m, offset_px, self.architecture.canonical_focal
        )
        return (log_depth - math.log(INITIAL_DEPTH)).to(like.dtype)


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

    def forward(self, left: Tensor, right: Tensor) -> tuple[Tensor, Tensor]:
        """Map two features (B, C, H, W) to the fused left one and the volume (B, 64, H, W)."""
        correlation = groupwise_correlation(
            self.descriptor(left),
            self.descriptor(right),
            disparities=self.disparities,
            groups=self.groups,
        )
        volume = self.volume(correlation.flatten(1, 2))
        return left + self.mix(torch.cat([left, volume], 1)), volume


def _fused(
    pairs: Sequence[tuple[Tensor, ...]], fusion: nn.ModuleList
) -> tuple[list[Tensor], list[Tensor]]:
    """Fuse the strides that are matched; of the coarsest the left features are enough."""
    results = [fuse(left, right) for fuse, (left, right) in zip(fusion, pairs, strict=False)]
    unmatched = [left for left, _ in pairs[len(results) :]]
    return [fused for fused, _ in results] + unmatched, [volume for _, volume in results]
