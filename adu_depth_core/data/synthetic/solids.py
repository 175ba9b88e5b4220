# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Solids of a scene as arrays, so that shading can look one up for every pixel."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import torch
from torch import Tensor


class Shape(IntEnum):
    """What a solid is, inscribed in its box."""

    BOX = 0
    CYLINDER = 1
    ELLIPSOID = 2


class Surface(IntEnum):
    """How a solid is painted."""

    PLAIN = 0
    BRICKS = 1
    WINDOWS = 2
    FOLIAGE = 3
    METAL = 4
    PAVING = 5


@dataclass(frozen=True)
class Solid:
    """
    One solid in the world frame: x right, y down, z along the road, ground at y = 0.

    Parameters
    ----------
    shape, surface
        See there.
    centre, half_size : (x, y, z)
        Metres; a cylinder stands upright.
    colour : (r, g, b)
        Reflectance, 0 to 1.
    yaw : float
        Radians about the vertical.
    texture : float
        Shifts the texture, so that no two solids look the same.
    speed : float
        Metres per second along z.

    """

    shape: Shape
    surface: Surface
    centre: tuple[float, float, float]
    half_size: tuple[float, float, float]
    colour: tuple[float, float, float]
    yaw: float = 0.0
    texture: float = 0.0
    speed: float = 0.0


@dataclass(frozen=True)
class SolidArrays:
    """The solids of one moment: shapes (N,), vectors (N, 3), all tensors of one device."""

    shape: Tensor
    surface: Tensor
    centre: Tensor
    half_size: Tensor
    colour: Tensor
    yaw: Tensor
    texture: Tensor

    @classmethod
    def stacked(cls, solids: Sequence[Solid], time_s: float, device: str) -> 'SolidArrays':
        """Stack solids where they are at `time_s`."""

        def tensor(values: object, dtype: torch.dtype = torch.float32) -> Tensor:
            return torch.as_tensor(np.array(values), dtype=dtype, device=device)

        moved = [(s.centre[0], s.centre[1], s.centre[2] + s.speed * time_s) for s in solids]
        return cls(
            tensor([s.shape for s in solids], torch.long),
            tensor([s.surface for s in solids], torch.long),
            tensor(moved),
            tensor([s.half_size for s in solids]),
            tensor([s.colour for s in solids]),
            tensor([s.yaw for s in solids]),
            tensor([s.texture for s in solids]),
        )

    def __len__(self) -> int:
        """Count the solids."""
        return len(self.shape)
