# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The student as it is deployed: the function that was trained, in an order that is fast."""

from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from adu_depth_core.models.encoder import STRIDES
from adu_depth_core.models.head import DepthHead, bounded_scale
from adu_depth_core.models.student import Student

FACTOR = STRIDES[0]


class LaplaceDepth(NamedTuple):
    """
    What `LogDepth` says, with the scale itself: no runtime takes its logarithm and undoes it.

    Attributes
    ----------
    m : (B, 1, H, W) float32
        Natural logarithm of canonical depth in metres.
    b : (B, 1, H, W) float32
        Laplace scale of m.

    """

    m: Tensor
    b: Tensor


class ReparameterisedStudent(nn.Module):
    """
    A trained student for prediction only.

    Parameters
    ----------
    student : Student
        Its encoder and decoder are shared, the weights of its head are copied.

    """

    def __init__(self, student: Student) -> None:
        super().__init__()
        self.encoder, self.decoder = student.encoder, student.decoder
        self.head = ReparameterisedHead(student.head)

    def forward(self, image: Tensor) -> LaplaceDepth:
        """Map (B, 3, H, W) normalised RGB, H and W multiples of 32, to what the student says."""
        return self.head(self.decoder(self.encoder(image))[-1])


class ReparameterisedHead(nn.Module):
    """
    A trained `DepthHead`, reparameterised: equal to it but for the order of its sums.

    Libraries for CPUs compute a convolution to two channels as one to sixteen, and resize maps
    of few channels pixel by pixel. So the 3x3 convolution becomes a 1x1 one to a channel for each
    of its taps, which are then shifted and added, and the bilinear upsampling a convolution to
    all the new pixels of an old one and a pixel shuffle.

    Parameters
    ----------
    head : DepthHead
        Its weights are copied.

    """

    def __init__(self, head: DepthHead) -> None:
        super().__init__()
        outputs, width, rows, columns = head.conv.weight.shape
        count = rows * columns
        taps = head.conv.weight.permute(0, 2, 3, 1).reshape(-1, width, 1, 1)
        to_place = torch.eye(count).reshape(count, 1, rows, columns).repeat(outputs, 1, 1, 1)
        together = torch.eye(outputs).repeat_interleave(count, dim=1)[..., None, None]
        self.taps = _convolution(taps)
        self.shift = _convolution(to_place, groups=len(to_place), padding=head.conv.padding)
        self.add = _convolution(together, head.conv.bias)
        self.upsample = _convolution(bilinear_phases(FACTOR))

    def forward(self, feature: Tensor) -> LaplaceDepth:
        """Map (B, width, H/4, W/4) to the depth of (H, W)."""
        with torch.autocast(feature.device.type, enabled=False):
            raw = self.add(self.shift(self.taps(feature.float())))
            # As a batch of maps: pixels of two channels would lie interleaved, to be parted after.
            maps = F.pad(raw.flatten(0, 1)[:, None], (1, 1, 1, 1), mode='replicate')
            m, t = F.pixel_shuffle(self.upsample(maps), FACTOR).unflatten(0, (-1, 2)).unbind(1)
            return LaplaceDepth(m, bounded_scale(t))


def bilinear_phases(factor: int) -> Tensor:
    """
    Return the 3x3 kernels of bilinear upsampling, (factor**2, 1, 3, 3), without aligned corners.

    Each gives one of the new pixels that take the place of an old one, row by row.
    """
    new_centres = (torch.arange(factor) + 0.5) / factor - 0.5
    old_centres = torch.tensor([-1.0, 0.0, 1.0])
    weights = (1 - (new_centres[:, None] - old_centres).abs()).clamp(min=0)
    return torch.einsum('py,qx->pqyx', weights, weights).reshape(-1, 1, 3, 3)


def _convolution(weight: Tensor, bias: Tensor | None = None, **options: Any) -> nn.Conv2d:
    outputs, inputs, rows, columns = weight.shape
    inputs *= options.get('groups', 1)
    layer = nn.Conv2d(inputs, outputs, (rows, columns), bias=bias is not None, **options)
    layer.weight = nn.Parameter(weight.detach().clone(), requires_grad=False)
    if bias is not None:
        layer.bias = nn.Parameter(bias.detach().clone(), requires_grad=False)
    return layer
