# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
What most robots run today: a ResNet-18 encoder with a plain convolutional decoder to full size.

The shape is that of the depth network of Godard et al., "Digging into Self-Supervised Monocular
Depth Estimation" (ICCV 2019), written from its description: at each level of the decoder a 3x3
convolution, upsampling to the double size (nearest), the encoder's feature beside it, another
3x3 convolution; widths 256 128 64 32 16, ELU, a 3x3 convolution to a sigmoid disparity. Padding
is by zeros, not by reflection, and only the finest of its four scales is computed: both make it
faster than it was described.
"""

from pathlib import Path
from typing import cast

import timm
import torch
from timm.models import FeatureInfo
from torch import Tensor, nn
from torch.nn import functional as F

from adu_depth_core.benchmarks.networks import SEED, normalising
from adu_depth_core.inference.export import OPSET

WIDTHS = (256, 128, 64, 32, 16)
ENCODER = 'resnet18'


class ResNet18UNet(nn.Module):
    """
    One uint8 image in, sigmoid disparity of the same size out.

    Example
    -------
    >>> image = torch.zeros(1, 64, 96, 3, dtype=torch.uint8)
    >>> ResNet18UNet().eval()(image).shape
    torch.Size([1, 64, 96])

    """

    def __init__(self) -> None:
        super().__init__()
        self.encoder = timm.create_model(ENCODER, features_only=True, pretrained=False)
        assert isinstance(self.encoder.feature_info, FeatureInfo)
        channels: list[int] = self.encoder.feature_info.channels()  # strides 2 to 32
        skipped = [*reversed(channels[:-1]), 0]
        inputs = [channels[-1], *WIDTHS[:-1]]
        self.reduce = nn.ModuleList(
            nn.Conv2d(a, b, 3, padding=1) for a, b in zip(inputs, WIDTHS, strict=True)
        )
        self.mix = nn.ModuleList(
            nn.Conv2d(w + s, w, 3, padding=1) for w, s in zip(WIDTHS, skipped, strict=True)
        )
        self.disparity = nn.Conv2d(WIDTHS[-1], 1, 3, padding=1)
        self.computes_in = torch.float32

    def forward(self, image: Tensor) -> Tensor:
        """Map (B, H, W, 3) uint8 RGB, H and W multiples of 32, to (B, H, W) float32 in (0, 1)."""
        scaled = ((image.float() / 255 - 0.45) / 0.225).permute(0, 3, 1, 2)
        features = list(self.encoder(scaled.to(self.computes_in)))
        x = features.pop()
        for reduce, mix in zip(self.reduce, self.mix, strict=True):
            x = F.interpolate(F.elu(reduce(x)), scale_factor=2.0, mode='nearest')
            if features:
                x = torch.cat([x, features.pop()], dim=1)
            x = F.elu(mix(x))
        return torch.sigmoid(self.disparity(x).float())[:, 0]

    def computing_in(self, kind: torch.dtype) -> 'ResNet18UNet':
        """Convert it to a type, channels last; returns self."""
        self.computes_in = kind
        converted = self.to(dtype=kind).to(memory_format=torch.channels_last)
        return cast(ResNet18UNet, converted)


class WithoutFocalLength(nn.Module):
    """The network with the face of ours: image and focal length in, a tuple of maps out."""

    def __init__(self, network: ResNet18UNet) -> None:
        super().__init__()
        self.network = network

    def forward(self, image: Tensor, fx: Tensor) -> tuple[Tensor]:
        """Map (B, H, W, 3) uint8 RGB to (B, H, W) disparity, whatever the focal length is."""
        return (self.network(image),)


def baseline() -> ResNet18UNet:
    """Return the baseline in evaluation mode, the same each time."""
    torch.manual_seed(SEED)
    network = ResNet18UNet()
    return normalising(network, network)


def baseline_graph(folder: Path, size: tuple[int, int]) -> Path:
    """Write the ONNX graph of the baseline for images of one size, width and height."""
    width, height = size
    path = folder / f'unet_{width}x{height}.onnx'
    if not path.is_file():
        image = torch.zeros(1, height, width, 3, dtype=torch.uint8)
        torch.onnx.export(
            baseline(),
            (image,),
            path,
            input_names=['image'],
            output_names=['disparity'],
            opset_version=OPSET,
            dynamo=True,
            external_data=False,
            verbose=False,
        )
    return path
