# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Which ray meets which solid first, and where: exact, vectorised over the rays."""

from dataclasses import dataclass

import torch
from torch import Tensor

from adu_depth_core.data.synthetic.solids import Shape, SolidArrays

NEAREST_M = 0.05
NO_SOLID = -1


@dataclass(frozen=True)
class Rays:
    """
    The rays of one camera in the world frame.

    Attributes
    ----------
    origin : (3,)
        Metres.
    direction : (H, W, 3)
        Scaled to 1 along the optical axis: the ray parameter is depth.
    to_camera : (3, 3)
        World to camera rotation.
    focal, centre : (2,)
        fx, fy and cx, cy in px.

    """

    origin: Tensor
    direction: Tensor
    to_camera: Tensor
    focal: Tensor
    centre: Tensor


def cast(rays: Rays, solids: SolidArrays) -> tuple[Tensor, Tensor]:
    """
    Find the first thing along each ray.

    Returns
    -------
    depth : (H, W) float32
        Metres along the optical axis; inf where there is only sky.
    index : (H, W) long
        Which solid; `NO_SOLID` for ground and sky.

    """
    down = rays.direction[..., 1]
    ground = -rays.origin[1] / down
    depth = torch.where(down > 1e-6, ground, torch.inf)
    index = torch.full_like(depth, NO_SOLID, dtype=torch.long)
    for number, (rows, columns) in enumerate(_windows(rays, solids)):
        if rows.start >= rows.stop or columns.start >= columns.stop:
            continue
        directions = rays.direction[rows, columns]
        hit = entry_depth(rays.origin.expand_as(directions), directions, solids, number)
        nearer = hit < depth[rows, columns]
        depth[rows, columns] = torch.where(nearer, hit, depth[rows, columns])
        index[rows, columns] = torch.where(nearer, number, index[rows, columns])
    return depth, index


def entry_depth(origin: Tensor, direction: Tensor, solids: SolidArrays, number: int) -> Tensor:
    """Ray parameter at which rays (..., 3) enter a solid: (...), inf where they miss it."""
    half = solids.half_size[number]
    start = turned(origin - solids.centre[number], -solids.yaw[number]) / half
    step = turned(direction, -solids.yaw[number]) / half
    shape = int(solids.shape[number])
    if shape == Shape.BOX:
        near, far = _slab(start, step, (0, 1, 2))
    elif shape == Shape.ELLIPSOID:
        near, far = _round(start, step, (0, 1, 2))
    else:
        side, lid = _round(start, step, (0, 2)), _slab(start, step, (1,))
        near, far = torch.maximum(side[0], lid[0]), torch.minimum(side[1], lid[1])
    return torch.where((near <= far) & (near > NEAREST_M), near, torch.inf)


def turned(vector: Tensor, yaw: Tensor) -> Tensor:
    """Rotate (..., 3) about the vertical by `yaw` (radians, any broadcastable shape)."""
    c, s = torch.cos(yaw), torch.sin(yaw)
    x, y, z = vector.unbind(-1)
    return torch.stack([c * x + s * z, y, c * z - s * x], -1)


def _slab(start: Tensor, step: Tensor, axes: tuple[int, ...]) -> tuple[Tensor, Tensor]:
    """Enter and leave the unit cube along some axes."""
    start, step = start[..., axes], step[..., axes]
    step = torch.where(step.abs() < 1e-9, 1e-9, step)
    first, second = (-1 - start) / step, (1 - start) / step
    return torch.minimum(first, second).amax(-1), torch.maximum(first, second).amin(-1)


def _round(start: Tensor, step: Tensor, axes: tuple[int, ...]) -> tuple[Tensor, Tensor]:
    """Enter and leave the unit circle or sphere over some axes; (inf, -inf) on a miss."""
    start, step = start[..., axes], step[..., axes]
    a, b = (step * step).sum(-1).clamp(min=1e-12), (start * step).sum(-1)
    discriminant = b * b - a * ((start * start).sum(-1) - 1)
    root = discriminant.clamp(min=0).sqrt()
    missed = discriminant < 0
    near = torch.where(missed, torch.inf, (-b - root) / a)
    return near, torch.where(missed, -torch.inf, (-b + root) / a)


def _windows(rays: Rays, solids: SolidArrays) -> list[tuple[slice, slice]]:
    """Rows and columns that each solid can cover: only these rays are tested."""
    height, width = rays.direction.shape[:2]
    signs = torch.tensor(
        [[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)],
        dtype=torch.float32,
        device=solids.centre.device,
    )
    corners = turned(signs * solids.half_size[:, None], solids.yaw[:, None])
    in_camera = (corners + solids.centre[:, None] - rays.origin) @ rays.to_camera.T
    z = in_camera[..., 2]
    pixel = in_camera[..., :2] / z.clamp(min=NEAREST_M)[..., None] * rays.focal + rays.centre
    crosses = (z < NEAREST_M).any(-1)
    low = torch.where(crosses[:, None], -torch.inf, pixel.amin(1)).nan_to_num(neginf=-1e6)
    high = torch.where(crosses[:, None], torch.inf, pixel.amax(1)).nan_to_num(posinf=1e6)
    behind = (z < NEAREST_M).all(-1)
    bounds = torch.cat([low.floor(), high.ceil() + 1], -1).clamp(-1e6, 1e6).long().tolist()
    return [
        (slice(0, 0), slice(0, 0))
        if hidden
        else (
            slice(max(top, 0), min(bottom, height)),
            slice(max(left, 0), min(right, width)),
        )
        for (left, top, right, bottom), hidden in zip(bounds, behind.tolist(), strict=True)
    ]
