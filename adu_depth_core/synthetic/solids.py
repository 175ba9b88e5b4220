# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Solids of a scene, and the same as arrays, so that shading can look one up for every pixel."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import torch
from torch import Tensor

# What moves comes back to where it began after so many metres: farther than anyone sees.
ROUND_TRIP_M = 400.0

Vector = tuple[float, float, float]


class Shape(IntEnum):
    """What a solid is, inscribed in its box."""

    BOX = 0
    CYLINDER = 1
    """Along y."""
    ELLIPSOID = 2
    LEAVES = 3
    """An ellipsoid's shell with gaps, through which one sees its far side or what is behind."""
    GABLE = 4
    """A roof: triangular across x, the ridge along z."""
    CABIN = 5
    """Of a car: slants at both ends of z to a top that is shorter than the bottom."""


# Shapes with two slopes: across which axis, and how much of the bottom's breadth the top has.
TAPERED = {Shape.GABLE: (0, 0.0), Shape.CABIN: (2, 0.55)}


class Surface(IntEnum):
    """How a solid is painted."""

    PLAIN = 0
    BRICKS = 1
    WINDOWS = 2
    FOLIAGE = 3
    METAL = 4
    PAVING = 5
    TILES = 6
    LAMP = 7
    PANELS = 8


@dataclass(frozen=True)
class Solid:
    """
    One solid in the world frame: x right, y down, z along the road, ground at y = 0.

    Parameters
    ----------
    shape, surface
        See there.
    centre, half_size : (x, y, z)
        Metres.
    colour : (r, g, b)
        Reflectance, 0 to 1.
    yaw : float
        Radians about the vertical, after the other two.
    texture : float
        Shifts the texture, so that no two solids look the same.
    speed : float
        Metres per second along z.
    pitch, roll : float
        Radians about the solid's own x axis, then z axis.

    """

    shape: Shape
    surface: Surface
    centre: Vector
    half_size: Vector
    colour: Vector
    yaw: float = 0.0
    texture: float = 0.0
    speed: float = 0.0
    pitch: float = 0.0
    roll: float = 0.0


@dataclass(frozen=True)
class SolidArrays:
    """
    The solids of one moment, all tensors of one device.

    Attributes
    ----------
    shape, surface, texture : (N,)
        See `Solid`.
    centre, half_size, colour : (N, 3)
        See `Solid`.
    axes : (N, 3, 3)
        Rotation from the world into the solid's own frame.

    """

    shape: Tensor
    surface: Tensor
    centre: Tensor
    half_size: Tensor
    colour: Tensor
    axes: Tensor
    texture: Tensor

    @classmethod
    def stacked(cls, solids: Sequence[Solid], time_s: float, device: str) -> 'SolidArrays':
        """Stack solids where they are at `time_s`."""

        def tensor(values: object, dtype: torch.dtype = torch.float32) -> Tensor:
            return torch.as_tensor(np.array(values), dtype=dtype, device=device)

        centres = [(*s.centre[:2], s.centre[2] + way(s.speed, time_s)) for s in solids]
        return cls(
            tensor([s.shape for s in solids], torch.long),
            tensor([s.surface for s in solids], torch.long),
            tensor(centres),
            tensor([s.half_size for s in solids]),
            tensor([s.colour for s in solids]),
            tensor(rotations(np.array([(s.yaw, s.pitch, s.roll) for s in solids]))),
            tensor([s.texture for s in solids]),
        )

    def __len__(self) -> int:
        """Count the solids."""
        return len(self.shape)

    def into_unit(self) -> Tensor:
        """Return matrices into the frames in which boxes are [-1, 1] wide: (3, 3, N)."""
        return (self.axes / self.half_size[:, :, None]).permute(1, 2, 0).contiguous()

    def corners(self) -> Tensor:
        """Return the corners of each solid's box in the world frame, (N, 8, 3)."""
        signs = torch.tensor(
            [[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)],
            dtype=torch.float32,
            device=self.centre.device,
        )
        return (signs * self.half_size[:, None]) @ self.axes + self.centre[:, None]

    def around(self, point: Tensor, margin_m: float) -> Tensor:
        """Tell which solids' boxes a point (3,) is in or less than `margin_m` from, (N,)."""
        local = (self.axes @ (point - self.centre)[:, :, None])[..., 0]
        return (local.abs() < self.half_size + margin_m).all(-1)


def way(speed: float, time_s: float) -> float:
    """Metres along z from where a thing began, within half of `ROUND_TRIP_M` either way."""
    return (speed * time_s + ROUND_TRIP_M / 2) % ROUND_TRIP_M - ROUND_TRIP_M / 2


def rotations(angles: np.ndarray) -> np.ndarray:
    """Return world-to-solid rotations, (N, 3, 3), of yaw, pitch and roll, (N, 3) radians."""
    (cy, cp, cr), (sy, sp, sr) = np.cos(angles).T, np.sin(angles).T
    zero, one = np.zeros_like(cy), np.ones_like(cy)
    yaw = np.array([[cy, zero, sy], [zero, one, zero], [-sy, zero, cy]])
    pitch = np.array([[one, zero, zero], [zero, cp, -sp], [zero, sp, cp]])
    roll = np.array([[cr, -sr, zero], [sr, cr, zero], [zero, zero, one]])
    return np.einsum('abn,bcn,cdn->nda', yaw, pitch, roll)
