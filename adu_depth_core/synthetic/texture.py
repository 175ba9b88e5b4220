# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Procedural textures anchored to surfaces, with detail at every scale that a pixel resolves."""

from functools import lru_cache

import torch
from torch import Tensor
from torch.nn import functional as F

TABLE = 256
OCTAVES = (0.17, 0.6, 2.1, 7.3, 26.0, 90.0)
SURFACE_SMOOTHNESS = 0.1


def fractal_noise(
    position: Tensor, footprint: Tensor, smoothness: float = SURFACE_SMOOTHNESS
) -> Tensor:
    """
    Sum value noise over `OCTAVES` (cycles a metre), weaker the finer.

    Octaves finer than a pixel fade out, so that distant texture does not flicker.

    Parameters
    ----------
    position : (P, 2)
        Place on the surface in metres.
    footprint : (P,)
        Metres of surface under one pixel.
    smoothness : float
        How fast octaves weaken with their frequency: frequency ** -smoothness.

    Returns
    -------
    (P,) float32, about zero, of deviation near 0.5.

    """
    total = torch.zeros_like(footprint)
    for number, frequency in enumerate(OCTAVES):
        visible = torch.exp(-2.0 * (frequency * footprint).square())
        noise = value_noise(position * frequency + 17.3 * number)
        total = total + (frequency**-smoothness) * visible * noise
    return total


def value_noise(position: Tensor) -> Tensor:
    """Interpolate random values on the whole-numbered lattice: (P, 2) to (P,) in [-1, 1]."""
    wrapped = torch.remainder(position, TABLE) * (2 / TABLE) - 1
    sampled = F.grid_sample(_table(str(position.device)), wrapped[None, None], align_corners=True)
    return sampled[0, 0, 0]


def stripes(coordinate: Tensor, period: float, width: float, footprint: Tensor) -> Tensor:
    """Return 1 on stripes of `width` every `period` metres, smoothed over a pixel: (P,)."""
    distance = (torch.remainder(coordinate + period / 2, period) - period / 2).abs()
    soft = footprint.clamp(min=1e-3)
    edge = ((width / 2 - distance) / soft + 0.5).clamp(0, 1)
    # Far away, where a pixel covers a whole period, only the mean is left.
    blurred = (footprint / period).clamp(0, 1)
    return edge * (1 - blurred) + width / period * blurred


@lru_cache(maxsize=4)
def _table(device: str) -> Tensor:
    generator = torch.Generator().manual_seed(20230914)
    table = torch.rand(TABLE, TABLE, generator=generator) * 2 - 1
    return F.pad(table[None, None], (0, 1, 0, 1), mode='circular').to(device)
