# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Matched disparity at stride 2: the right image, shifted by what is known, compared once more."""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from adu_depth_core.models.matching import soft_argmin

STRIDE = 2
REACH = 3
DESCRIPTOR_CHANNELS = 16
WIDTH = 24
SHARPNESS = 10.0


class Refined(NamedTuple):
    """
    What refinement says.

    Attributes
    ----------
    disparity_px : (B, 1, H/2, W/2)
        In px of the input.
    trust : (B, 1, H/2, W/2)
        How well it fits, as a logit.

    """

    disparity_px: Tensor
    trust: Tensor


class DisparityRefinement(nn.Module):
    """
    Move a disparity by up to `REACH` px of stride 2.

    The right descriptors are taken where the disparity says, between the pixels too, and at
    whole steps to either side of it, as RAFT-Stereo looks its correlation up (Lipson et al.,
    3DV 2021), here once. The descriptors are its own: the encoder's finest are of stride 4.
    """

    def __init__(self) -> None:
        super().__init__()
        self.descriptor = nn.Sequential(
            *_block(3, DESCRIPTOR_CHANNELS, stride=STRIDE),
            nn.Conv2d(DESCRIPTOR_CHANNELS, DESCRIPTOR_CHANNELS, 3, padding=1),
        )
        places = 2 * REACH + 1
        self.compare = nn.Sequential(
            *_block(places + DESCRIPTOR_CHANNELS, WIDTH), *_block(WIDTH, WIDTH)
        )
        self.scores = nn.Conv2d(WIDTH, places, 3, padding=1)
        self.trust = nn.Conv2d(WIDTH, 1, 3, padding=1)

    def forward(self, left: Tensor, right: Tensor, disparity_px: Tensor) -> Refined:
        """
        Refine the disparity of a pair.

        Parameters
        ----------
        left, right : (B, 3, H, W) float
            Normalised RGB of the rectified images.
        disparity_px : (B, 1, h, w) float32
            In px of the input, at any size.

        """
        ours, theirs = self.descriptor(left), self.descriptor(right)
        coarse = F.interpolate(
            disparity_px, size=ours.shape[-2:], mode='bilinear', align_corners=False
        )
        cosines = cosines_around(ours.float(), theirs.float(), coarse / STRIDE)
        compared = self.compare(torch.cat([cosines.to(ours.dtype), ours], 1))
        with torch.autocast(left.device.type, enabled=False):
            compared = compared.to(self.trust.weight.dtype)
            # What matches best without further knowledge is where the search begins.
            scores = self.scores(compared).float() + SHARPNESS * cosines
            moved = soft_argmin(scores) - REACH
            return Refined(coarse + STRIDE * moved, self.trust(compared).float())


def cosines_around(left: Tensor, right: Tensor, disparity: Tensor) -> Tensor:
    """
    Compare descriptors at a disparity and `REACH` whole steps to either side of it.

    Parameters
    ----------
    left, right : (B, C, h, w) float32
        Descriptors of both images.
    disparity : (B, 1, h, w) float32
        In px of the descriptors.

    Returns
    -------
    (B, 2 REACH + 1, h, w) float32
        The smallest disparity first; columns outside the right image count 0.

    """
    batch, channels, height, width = left.shape
    # Descriptors with their channels last, one a row: looking one up copies a row.
    ours, theirs = (F.normalize(side, dim=1, eps=1e-6) for side in (left, right))
    ours, theirs = (side.permute(0, 2, 3, 1).reshape(-1, channels) for side in (ours, theirs))
    row = torch.arange(batch * height, device=left.device).view(batch, 1, height, 1) * width
    columns = torch.arange(width, dtype=left.dtype, device=left.device) - disparity
    below = columns.detach().floor()
    # Comparing is linear in the right descriptor: between two columns lies what lies between
    # their cosines.
    at_whole = []
    for step in range(-REACH, REACH + 2):
        column = below + step
        index = row + column.clamp(0, width - 1).long()
        cosine = (ours * F.embedding(index.flatten(), theirs)).sum(1).view(index.shape)
        at_whole.append(torch.where((column >= 0) & (column < width), cosine, 0.0))
    whole = torch.cat(at_whole, 1)
    between = whole[:, :-1] + (columns - below) * (whole[:, 1:] - whole[:, :-1])
    return between.flip(1)  # a larger column is a smaller disparity


def _block(inputs: int, outputs: int, stride: int = 1) -> Sequence[nn.Module]:
    conv = nn.Conv2d(inputs, outputs, 3, stride=stride, padding=1, bias=False)
    return conv, nn.BatchNorm2d(outputs), nn.ReLU()
