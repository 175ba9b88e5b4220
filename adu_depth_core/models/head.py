# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The output head: log-depth and Laplace log-scale, always in float32."""

import math
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

MAX_SCALE = 0.5
MIN_LOG_SCALE = -6.0
INITIAL_DEPTH = 12.0


class LogDepth(NamedTuple):
    """
    What a network says about depth, in the canonical camera.

    Attributes
    ----------
    m : (B, 1, H, W) float32
        Natural logarithm of canonical depth in metres.
    s : (B, 1, H, W) float32
        Natural logarithm of b, the Laplace scale of m; b <= `MAX_SCALE`.

    """

    m: Tensor
    s: Tensor

    @property
    def b(self) -> Tensor:
        """(B, 1, H, W) Laplace scale of m."""
        return torch.exp(self.s)


class DepthHead(nn.Module):
    """
    Predict `LogDepth` at a quarter of the size and bring it up to the full one.

    It leaves autocast: in bfloat16 a whole image would hold some 46 distinct depths.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(width, 2, 3, padding=1)
        nn.init.normal_(self.conv.weight, std=1e-3)
        self.conv.bias = nn.Parameter(torch.tensor([math.log(INITIAL_DEPTH), 0.0]))

    def forward(self, feature: Tensor, size: tuple[int, int]) -> LogDepth:
        """Map (B, width, H/4, W/4) to a `LogDepth` of `size` = (H, W)."""
        with torch.autocast(feature.device.type, enabled=False):
            raw = F.interpolate(
                self.conv(feature.float()), size=size, mode='bilinear', align_corners=False
            )
            m, t = raw.split(1, dim=1)
            return LogDepth(m, bounded_log_scale(t))


def bounded_log_scale(t: Tensor) -> Tensor:
    """Map any number to [MIN_LOG_SCALE, log MAX_SCALE], with a gradient up to the upper bound."""
    return (math.log(MAX_SCALE) + F.logsigmoid(t)).clamp(min=MIN_LOG_SCALE)


def bounded_scale(t: Tensor) -> Tensor:
    """Return the exponential of `bounded_log_scale`."""
    return (MAX_SCALE * torch.sigmoid(t)).clamp(min=math.exp(MIN_LOG_SCALE))
