# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The part that is deployed: uint8 images and what is known of the cameras in, metres out."""

import math
from typing import TypeVar

import torch
from torch import Tensor, nn

from adu_depth_core.camera import canonical_factor
from adu_depth_core.models.encoder import IMAGENET, Normalisation
from adu_depth_core.models.head import LogDepth
from adu_depth_core.models.reparameterised import LaplaceDepth

Module = TypeVar('Module', bound='Metric')


class Metric(nn.Module):
    """
    A network with everything around it that is arithmetic: what is exported is such a module.

    Parameters
    ----------
    network : nn.Module
        Maps normalised RGB, (B, 3, H, W) float, to `LogDepth` or `LaplaceDepth`.
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

    def with_backbone_in(self: Module, kind: torch.dtype) -> Module:
        """
        Convert all parts of the network but its `head` to a type, channels last; returns self.

        The head takes its feature in any type and computes in float32.
        """
        for name, part in self.network.named_children():
            if name != 'head':
                part.to(dtype=kind).to(memory_format=torch.channels_last)
        self.backbone_type = kind
        return self

    def _normalised(self, image: Tensor) -> Tensor:
        # Channel by channel: with the channels last, onnxruntime takes three numbers at a time.
        channels = image.permute(0, 3, 1, 2).float()
        return ((channels - self.mean) / self.deviation).to(self.backbone_type)

    def _metric(self, prediction: LogDepth | LaplaceDepth, fx: Tensor) -> tuple[Tensor, Tensor]:
        return metric(prediction, fx, self.canonical_focal, self.temperature)


class MetricDepth(Metric):
    """Metric depth of single images."""

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
        return self._metric(self.network(self._normalised(image)), fx)


class MetricStereo(Metric):
    """Metric depth of the left image of rectified pairs."""

    def forward(
        self, left: Tensor, right: Tensor, fx: Tensor, baseline: Tensor, offset: Tensor
    ) -> tuple[Tensor, Tensor]:
        """
        Predict as `MetricDepth` does.

        Parameters
        ----------
        left, right : (B, H, W, 3) uint8
            RGB; H and W multiples of 32.
        fx : (B,) float32
            Focal length in pixels of these images.
        baseline, offset : (B,) float32
            Distance of the cameras in metres; right cx - left cx, in pixels of these images.

        """
        views = self._normalised(left), self._normalised(right)
        return self._metric(self.network(*views, baseline, offset), fx)


def metric(
    prediction: LogDepth | LaplaceDepth, fx: Tensor, canonical_focal: float, temperature: float
) -> tuple[Tensor, Tensor]:
    """Turn canonical log-depth into depth and standard deviation, both (B, H, W) in metres."""
    factor = canonical_factor(fx, canonical_focal).view(-1, 1, 1)
    depth = torch.exp(prediction.m[:, 0]) / factor
    return depth, math.sqrt(2) * temperature * prediction.b[:, 0] * depth
