# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Where on which solid a ray ends: place, normal, texture coordinates."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import partial

import torch
from torch import Tensor
from torch.nn import functional as F

from adu_depth_core.synthetic.ray_caster import NO_SOLID, Rays
from adu_depth_core.synthetic.solids import TAPERED, Shape, SolidArrays
from adu_depth_core.synthetic.spans import take, turned, where_true
from adu_depth_core.synthetic.texture import fractal_noise

UP = (0.0, -1.0, 0.0)


@dataclass(frozen=True)
class Hits:
    """
    First hits of the P rays that do not end in the sky.

    Attributes
    ----------
    solid : (P,)
        Number of the solid, `NO_SOLID` for the ground.
    depth : (P,)
        Metres along the optical axis.
    point, normal : (P, 3)
        In the world frame; the normal looks at the camera.
    place : (P, 2)
        On the surface in metres, for textures.
    unit : (P, 3)
        In the frame in which the solid's box is [-1, 1].
    footprint : (P,)
        Metres of surface under one pixel.
    noise : (P,)
        Fractal noise of the surface there.

    """

    solid: Tensor
    depth: Tensor
    point: Tensor
    normal: Tensor
    place: Tensor
    unit: Tensor
    footprint: Tensor
    noise: Tensor

    def chosen(self, keep: Tensor) -> 'Hits':
        """Return the hits for which `keep` (P,) is true."""
        mine = where_true(keep)
        return Hits(*(getattr(self, field.name).index_select(0, mine) for field in fields(self)))


def find_hits(rays: Rays, depth: Tensor, index: Tensor, solids: SolidArrays) -> Hits:
    """Return the hits of the pixels whose `depth` (H, W) is finite, in their order."""
    seen = where_true(torch.isfinite(depth).flatten())
    solid, depth = take(index.flatten(), seen), take(depth.flatten(), seen)
    direction = rays.direction.reshape(-1, 3).index_select(0, seen)
    point = rays.origin + direction * depth[:, None]
    normal = torch.tensor(UP, device=depth.device).expand_as(point).clone()
    place, unit = point[:, (0, 2)].clone(), torch.zeros_like(point)
    on_solid = where_true(solid != NO_SOLID)
    chosen = take(solid, on_solid)
    half, centre = (v.index_select(0, chosen) for v in (solids.half_size, solids.centre))
    axes = solids.axes.permute(1, 2, 0).contiguous()
    from_centre = point.index_select(0, on_solid) - centre
    local = turned(axes, chosen, from_centre.T).T
    unit[on_solid] = local / half
    local_normal, on_surface = normal_and_place(local / half, half, take(solids.shape, chosen))
    normal[on_solid] = turned(axes.transpose(0, 1), chosen, local_normal.T).T
    place[on_solid] = on_surface + take(solids.texture, chosen)[:, None]
    slant = (direction * normal).sum(-1)
    normal = torch.where((slant > 0)[:, None], -normal, normal)  # the far side of leaves
    footprint = depth / rays.focal[0] / slant.abs().clamp(0.08, 1.0).sqrt()
    noise = fractal_noise(place, footprint)
    return Hits(solid, depth, point, normal, place, unit, footprint, noise)


def normal_and_place(unit: Tensor, half: Tensor, shape: Tensor) -> tuple[Tensor, Tensor]:
    """Return outward normal (P, 3) and texture coordinates (P, 2) in frames of the solids."""
    normal, place = _of_box(unit, half)
    lid = (shape == Shape.CYLINDER) & (unit[:, 1].abs() > 0.999)
    functions: list[tuple[Tensor, Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]]] = [
        ((shape == Shape.CYLINDER) & ~lid, _of_cylinder),
        ((shape == Shape.ELLIPSOID) | (shape == Shape.LEAVES), _of_ellipsoid),
        *((shape == tapered, partial(_of_tapered, shape=tapered)) for tapered in TAPERED),
    ]
    for chosen, function in functions:
        mine = where_true(chosen)
        normal[mine], place[mine] = function(
            unit.index_select(0, mine), half.index_select(0, mine)
        )
    return normal, place


def _of_box(unit: Tensor, half: Tensor) -> tuple[Tensor, Tensor]:
    # Which side: by comparison, since argmax over three takes ten times as long.
    a, b, c = unit.abs().T.contiguous()
    on_x, on_y = (a >= b) & (a >= c), (b > a) & (b >= c)
    x, y, z = (unit * half).T.contiguous()
    place = torch.stack([torch.where(on_x, z, x), torch.where(on_y, z, y)], -1)
    return torch.stack([on_x, on_y, ~(on_x | on_y)], -1) * unit.sign(), place


def _of_cylinder(unit: Tensor, half: Tensor) -> tuple[Tensor, Tensor]:
    angle = torch.atan2(unit[:, 0], unit[:, 2]) * half[:, (0, 2)].amax(-1)
    normal = F.normalize(unit * unit.new_tensor([1, 0, 1]) / half, dim=-1)
    return normal, torch.stack([angle, unit[:, 1] * half[:, 1]], -1)


def _of_ellipsoid(unit: Tensor, half: Tensor) -> tuple[Tensor, Tensor]:
    # Textured as a box is: longitude and latitude would pinch the texture at the poles.
    return F.normalize(unit / half, dim=-1), _of_box(unit, half)[1]


def _of_tapered(unit: Tensor, half: Tensor, shape: Shape) -> tuple[Tensor, Tensor]:
    """Pick the face that a place lies on: a slope, an end, top or bottom."""
    across, top = TAPERED[shape]
    aside, down, along = unit[:, across], unit[:, 1], unit[:, 2 - across]
    reach = (1 + top) / 2 + (1 - top) / 2 * down
    faces = torch.stack([aside.abs() - reach, along.abs() - 1, down.abs() - 1], -1)
    face = faces.abs().argmin(-1)
    normals = torch.zeros(len(unit), 3, 3, device=unit.device)
    normals[:, 0, across], normals[:, 0, 1] = aside.sign(), (top - 1) / 2
    normals[:, 1, 2 - across], normals[:, 2, 1] = along.sign(), down.sign()
    normal = normals[torch.arange(len(face), device=face.device), face]
    on_slope = face == 0
    length = ((1 - top) * half[:, across]).hypot(2 * half[:, 1])
    sideways = torch.where(face == 1, aside * half[:, across], along * half[:, 2 - across])
    upwards = torch.where(on_slope, (1 + down) / 2 * length, down * half[:, 1])
    upwards = torch.where(face == 2, aside * half[:, across], upwards)
    return F.normalize(normal / half, dim=-1), torch.stack([sideways, upwards], -1)
