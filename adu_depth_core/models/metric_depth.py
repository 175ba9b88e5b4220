# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The part that is deployed: uint8 image and focal length in, metres out."""

import math

import torch
from torch import Tensor, nn

from adu_depth_core.camera import canonical_factor
from adu_depth_core.models.encoder import IMAGENET, Normalisation
from adu_depth_core.models.head import LogDepth
from adu_depth_core.models.reparameterised import LaplaceDepth


class MetricDepth(nn.Module):
    """
    A network with everything around it that is arithmetic: what is exported is this module.

    Parameters
    ----------
    network : nn.Module
        Maps (B, 3, H, W) normalised RGB to `LogDepth` or `LaplaceDepth`.
    canonical_focal : float
        Focal length in px of the camera in which the network predicts.
    temperature : float
        Factor on the Laplace scale, from `fit_temperature`.
    normalisation : Normalisation
        What the network wants done to its images.

    """

    mean: Tensor
    deviation: Tensor

    def __init__(
        self,
        network: nn.Module,
        canonical_focal: float,
        temperature: float,
        normalisation: Normalisation = IMAGENET,
    ) -> None:
        super().__init__()
        self.network = network
        self.canonical_focal = canonical_focal
        self.temperature = temperature
        self.backbone_type = torch.float32
        # Buffers, and not made anew from numbers each time: a CUDA graph cannot record that.
        for name, values in zip(('mean', 'deviation'), normalisation, strict=True):
            self.register_buffer(name, torch.tensor(values).view(3, 1, 1) * 255, persistent=False)

    def forward(self, image: Tensor, fx: Tensor) -> tuple[Tensor, Tensor]:
        """
        Predict depth and its standard deviation at the size of the image.

        Parameters
        ----------
        image : (B, H, W, 3) uint8
            RGB; H and W multiples of 32.
        fx : (B,) float32
            Focal length in pixels of this image.

        Returns
        -------
        depth, std : (B, H, W) float32
            Metres; std = sqrt(2) temperature b depth.

        """
        # Channel by channel: with the channels last, onnxruntime takes three numbers at a time.
        channels = image.permute(0, 3, 1, 2).float()
        seen = ((channels - self.mean) / self.deviation).to(self.backbone_type)
        return metric(self.network(seen), fx, self.canonical_focal, self.temperature)

    def with_backbone_in(self, kind: torch.dtype) -> 'MetricDepth':
        """
        Convert all parts of the network but its `head` to a type, channels last; returns self.

        The head takes its feature in any type and computes in float32.
        """
        for name, part in self.network.named_children():
            if name != 'head':
                part.to(dtype=kind).to(memory_format=torch.channels_last)
        self.backbone_type = kind
        return self


def metric(
    prediction: LogDepth | LaplaceDepth, fx: Tensor, canonical_focal: float, temperature: float
) -> tuple[Tensor, Tensor]:
    """Turn canonical log-depth into depth and standard deviation, both (B, H, W) in metres."""
    factor = canonical_factor(fx, canonical_focal).view(-1, 1, 1)
    depth = torch.exp(prediction.m[:, 0]) / factor
    return depth, math.sqrt(2) * temperature * prediction.b[:, 0] * depth
