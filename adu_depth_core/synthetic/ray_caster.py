# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Which ray meets which solid first, and where: exact, vectorised over solids and rays."""

from dataclasses import dataclass

import torch
from torch import Tensor

from adu_depth_core.synthetic.intersection import NEAREST_M, entry
from adu_depth_core.synthetic.solids import Shape, SolidArrays
from adu_depth_core.synthetic.spans import Spans, row_spans, take, turned, where_true

NO_SOLID = -1
# Pairs of a box's corners that differ in one sign.
EDGES = [(a, a | bit) for bit in (1, 2, 4) for a in range(8) if not a & bit]


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
    is_pinhole : bool
        Whether these are all that there is to say of the directions. Where they are bent by a
        lens, every solid is tried with every ray, which takes longer.

    """

    origin: Tensor
    direction: Tensor
    to_camera: Tensor
    focal: Tensor
    centre: Tensor
    is_pinhole: bool = True


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
    direction = rays.direction.reshape(-1, 3).T.contiguous()
    down = direction[1]
    depth = torch.where(down > 1e-6, -rays.origin[1] / down, torch.inf)
    index = torch.full_like(depth, NO_SOLID, dtype=torch.long)
    nearest, spans = _windows(rays, solids)
    into, half = solids.into_unit(), solids.half_size.T.contiguous()
    start = torch.einsum('ijn,nj->in', into, rays.origin - solids.centre).contiguous()
    for shape in Shape:
        for solid, ray in spans.chosen(solids.shape == shape).pairs():
            # What begins behind the first thing found so far need not be looked at closely.
            hopeful = where_true(take(nearest, solid) < take(depth, ray))
            solid, ray = take(solid, hopeful), take(ray, hopeful)
            step = turned(into, solid, take(direction, ray))
            hit = entry(
                shape, take(start, solid), step, take(half, solid), take(solids.texture, solid)
            )
            _keep_nearest(depth, index, ray, hit, solid)
    size = rays.direction.shape[:2]
    return depth.reshape(size), index.reshape(size)


def _keep_nearest(depth: Tensor, index: Tensor, ray: Tensor, hit: Tensor, solid: Tensor) -> None:
    nearer = where_true(hit < take(depth, ray))
    ray, hit, solid = take(ray, nearer), take(hit, nearer), take(solid, nearer)
    depth.scatter_reduce_(0, ray, hit, 'amin')
    won = where_true(hit == take(depth, ray))
    # Of two at the same depth the later one, on every device.
    index.scatter_reduce_(0, take(ray, won), take(solid, won), 'amax', include_self=False)


def _windows(rays: Rays, solids: SolidArrays) -> tuple[Tensor, Spans]:
    """Nearest depth of each solid, (N,), and the pixels that it can cover, nearest solid first."""
    height, width = rays.direction.shape[:2]
    corners = (solids.corners() - rays.origin) @ rays.to_camera.T
    nearest, farthest = corners[..., 2].amin(1), corners[..., 2].amax(1)
    corners = torch.cat([corners, _cut_edges(corners)], 1)
    in_front = corners[..., 2:] >= NEAREST_M
    pixel = corners[..., :2] / corners[..., 2:].clamp(min=NEAREST_M) * rays.focal + rays.centre
    low = torch.where(in_front, pixel, 1e6).amin(1).clamp(-1e6, 1e6).floor().long()
    high = torch.where(in_front, pixel, -1e6).amax(1).clamp(-1e6, 1e6).ceil().long() + 1
    rows = torch.stack([low[:, 1].clamp(min=0), high[:, 1].clamp(max=height)], -1)
    columns = torch.stack([low[:, 0].clamp(min=0), high[:, 0].clamp(max=width)], -1)
    if not rays.is_pinhole:
        rows[:], columns[:] = torch.tensor([[0, height], [0, width]], device=rows.device)
    rows[farthest < NEAREST_M] = 0
    order = nearest.argsort(stable=True)
    spans = row_spans(rows[order], columns[order], width)
    return nearest, Spans(order[spans.solid], spans.start, spans.length)


def _cut_edges(corners: Tensor) -> Tensor:
    """Where the edges of boxes (N, 8, 3) cross the plane just before the camera: (N, 12, 3)."""
    first, second = (corners[:, list(ends)] for ends in zip(*EDGES, strict=True))
    fall = second[..., 2] - first[..., 2]
    share = (NEAREST_M - first[..., 2]) / torch.where(fall.abs() < 1e-9, 1e-9, fall)
    crosses = (share >= 0) & (share <= 1)
    cut = first + share.clamp(0, 1)[..., None] * (second - first)
    cut[..., 2] = torch.where(crosses, NEAREST_M, -1.0)
    return cut
