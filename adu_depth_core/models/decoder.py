# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The decoder: separable convolutions that add the encoder's features, from coarse to fine."""

from collections.abc import Sequence

from torch import Tensor, nn
from torch.nn import functional as F


class Decoder(nn.Module):
    """
    Fuse features of strides 4, 8, 16 and 32 into maps of one width, finest last.

    Each level projects its feature to `width` channels, adds the coarser result brought up to
    the same size, and mixes by a depthwise separable convolution: small enough for two CPU cores.
    """

    def __init__(self, channels: Sequence[int], width: int) -> None:
        super().__init__()
        self.lateral = nn.ModuleList(nn.Conv2d(c, width, 1) for c in channels)
        self.mix = nn.ModuleList(SeparableConv(width) for _ in channels)

    def forward(self, features: Sequence[Tensor]) -> list[Tensor]:
        """Map (B, C_s, H/s, W/s), finest first, to (B, width, H/s, W/s), coarsest first."""
        decoded: list[Tensor] = []
        for level in reversed(range(len(features))):
            x = self.lateral[level](features[level])
            if decoded:
                x = x + upsampled(decoded[-1], x)
            decoded.append(self.mix[level](x))
        return decoded


class SeparableConv(nn.Module):
    """A residual block of a 5x5 depthwise and a 1x1 convolution."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.depthwise = nn.Conv2d(width, width, 5, padding=2, groups=width, bias=False)
        self.depthwise_norm = nn.BatchNorm2d(width)
        self.pointwise = nn.Conv2d(width, width, 1, bias=False)
        self.pointwise_norm = nn.BatchNorm2d(width)

    def forward(self, x: Tensor) -> Tensor:
        """Map (B, width, H, W) to the same shape."""
        y = F.relu(self.depthwise_norm(self.depthwise(x)))
        return F.relu(x + self.pointwise_norm(self.pointwise(y)))


def upsampled(x: Tensor, like: Tensor) -> Tensor:
    """Bring `x` to the size of `like`: sizes that 32 does not divide do not simply double."""
    return F.interpolate(x, size=like.shape[-2:], mode='bilinear', align_corners=False)
