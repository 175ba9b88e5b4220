# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The student: one image in, log-depth and its uncertainty out."""

import torch
from torch import Tensor, nn

from adu_depth_core.models.decoder import Decoder
from adu_depth_core.models.encoder import Encoder, Normalisation
from adu_depth_core.models.head import DepthHead, LogDepth
from adu_depth_core.models.presets import Preset


class Student(nn.Module):
    """
    Monocular network: encoder, decoder, head.

    Example
    -------
    >>> from adu_depth_core.models.presets import PRESETS
    >>> student = Student(PRESETS['tiny']).eval()
    >>> image = torch.zeros(1, 192, 640, 3, dtype=torch.uint8)
    >>> student(normalised(image, student.normalisation)).m.shape
    torch.Size([1, 1, 192, 640])

    """

    def __init__(self, preset: Preset, *, pretrained: bool = False) -> None:
        super().__init__()
        self.preset = preset
        self.encoder = Encoder(preset.encoder, pretrained=pretrained)
        self.decoder = Decoder(self.encoder.channels, preset.decoder_width)
        self.head = DepthHead(preset.decoder_width)

    @property
    def normalisation(self) -> Normalisation:
        """What the encoder wants done to its images."""
        return self.encoder.normalisation

    def forward(self, image: Tensor) -> LogDepth:
        """Map (B, 3, H, W) normalised RGB to canonical log-depth and log-scale."""
        return self.with_features(image)[0]

    def with_features(self, image: Tensor) -> tuple[LogDepth, list[Tensor]]:
        """Return what `forward` does, and the decoder's features, coarsest first."""
        decoded = self.decoder(self.encoder(image))
        return self.head(decoded[-1], image.shape[-2:]), decoded


def normalised(image: Tensor, normalisation: Normalisation) -> Tensor:
    """Map (B, H, W, 3) uint8 RGB to (B, 3, H, W) float32, as an encoder wants it."""
    mean = torch.tensor(normalisation.mean, device=image.device) * 255
    std = torch.tensor(normalisation.std, device=image.device) * 255
    return ((image.float() - mean) / std).permute(0, 3, 1, 2)
