# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What a ray's first hit looks like: paint, sun, shadow, fog, sky."""

from dataclasses import dataclass

import torch
from torch import Tensor

from adu_depth_core.data.synthetic.ray_caster import NO_SOLID, Rays, entry_depth, turned
from adu_depth_core.data.synthetic.solids import Shape, SolidArrays, Surface
from adu_depth_core.data.synthetic.street import Street
from adu_depth_core.data.synthetic.texture import fractal_noise, stripes

UP = (0.0, -1.0, 0.0)
SHADOWS_WITHIN_M = 70.0
SMALLEST_SHADOW_M = 0.4


@dataclass(frozen=True)
class Hits:
    """
    First hits of an image's rays.

    Attributes
    ----------
    point, normal : (H, W, 3)
        In the world frame.
    surface : (H, W, 2)
        Place on the surface in metres, for textures.
    local : (H, W, 3)
        Place relative to the solid, in its half sizes.
    footprint : (H, W)
        Metres of surface under one pixel.
    noise : (H, W)
        Fractal noise of the surface there.

    """

    point: Tensor
    normal: Tensor
    surface: Tensor
    local: Tensor
    footprint: Tensor
    noise: Tensor


def shaded(
    rays: Rays, depth: Tensor, index: Tensor, solids: SolidArrays, street: Street
) -> Tensor:
    """Return the linear radiance of every pixel, (H, W, 3), 1 = white paper in the sun."""
    hits = _hits(rays, depth, index, solids)
    paint = torch.where(
        (index == NO_SOLID)[..., None],
        _ground_paint(hits, street),
        _solid_paint(hits, index, solids),
    )
    sun = torch.tensor(street.sun_direction, device=depth.device)
    facing = (hits.normal @ sun).clamp(min=0)
    lit = facing * (1 - _in_shadow(hits, depth, sun, solids))
    sky_share = 0.55 - 0.45 * hits.normal[..., 1]
    radiance = paint * (
        lit[..., None] * torch.tensor(street.sun_colour, device=depth.device)
        + sky_share[..., None] * torch.tensor(street.sky_light, device=depth.device)
    )
    sky = _sky(rays, street)
    distance = depth.clamp(max=1e4) * rays.direction.norm(dim=-1)
    clear = torch.exp(-distance * street.fog)[..., None]
    haze = torch.tensor(street.horizon_colour, device=depth.device)
    return torch.where(
        torch.isfinite(depth)[..., None], radiance * clear + haze * (1 - clear), sky
    )


def _hits(rays: Rays, depth: Tensor, index: Tensor, solids: SolidArrays) -> Hits:
    near = torch.where(torch.isfinite(depth), depth, 1e3)
    point = rays.origin + rays.direction * near[..., None]
    chosen = index.clamp(min=0)
    half, yaw = solids.half_size[chosen], solids.yaw[chosen]
    local = turned(point - solids.centre[chosen], -yaw) / half
    normal_local, surface = _normal_and_surface(local, half, solids.shape[chosen])
    on_ground = (index == NO_SOLID)[..., None]
    up = torch.tensor(UP, device=depth.device)
    normal = torch.where(on_ground, up, turned(normal_local, yaw))
    surface = surface + solids.texture[chosen][..., None]
    surface = torch.where(on_ground, point[..., (0, 2)], surface)
    slant = (rays.direction * normal).sum(-1).abs().clamp(min=0.08)
    footprint = near / rays.focal[0] / slant.clamp(max=1.0).sqrt()
    noise = fractal_noise(surface, footprint)
    return Hits(point, normal, surface, local, footprint, noise)


def _normal_and_surface(local: Tensor, half: Tensor, shape: Tensor) -> tuple[Tensor, Tensor]:
    """Return normal and texture coordinates (metres) in the frame of each place's solid."""
    axis = local.abs().argmax(-1)
    box_normal = torch.nn.functional.one_hot(axis, 3) * local.sign()
    metres = local * half
    x, y, z = metres.unbind(-1)
    box_surface = torch.stack([torch.where(axis == 0, z, x), torch.where(axis == 1, z, y)], -1)
    upright = torch.where(
        (shape == Shape.CYLINDER)[..., None], local * local.new_tensor([1, 0, 1]), local
    )
    round_normal = torch.nn.functional.normalize(upright / half, dim=-1)
    angle = torch.atan2(x, z) * half[..., (0, 2)].amax(-1)
    round_surface = torch.stack([angle, y], -1)
    on_lid = (shape == Shape.CYLINDER) & (local[..., 1].abs() > 0.999)
    is_box = ((shape == Shape.BOX) | on_lid)[..., None]
    return torch.where(is_box, box_normal, round_normal), torch.where(
        is_box, box_surface, round_surface
    )


def _ground_paint(hits: Hits, street: Street) -> Tensor:
    """Asphalt with lane paint, then grass or paving beside the road."""
    x, z = hits.point[..., 0], hits.point[..., 2]
    noise = hits.noise
    colours = torch.tensor([street.asphalt, street.verge, (0.85, 0.85, 0.8)], device=x.device)
    asphalt = colours[0] * (1 + 0.35 * noise[..., None])
    verge = colours[1] * (1 + 0.7 * noise[..., None])
    lane = 2 * street.half_width / street.lanes
    dashed = stripes(z, 9.0, 4.0, hits.footprint) * stripes(
        x - street.half_width, lane, 0.14, hits.footprint
    )
    edge = stripes(x.abs() - street.half_width + 0.3, 1e3, 0.12, hits.footprint)
    paint = (dashed * street.has_lane_paint + edge * street.has_edge_paint).clamp(max=1)
    worn = (paint * (0.8 + 0.25 * noise).clamp(0, 1))[..., None]
    road = asphalt * (1 - worn) + colours[2] * worn
    return torch.where((x.abs() < street.half_width)[..., None], road, verge).clamp(min=0.01)


def _solid_paint(hits: Hits, index: Tensor, solids: SolidArrays) -> Tensor:
    chosen = index.clamp(min=0)
    colour, kind = solids.colour[chosen], solids.surface[chosen]
    u, v = hits.surface.unbind(-1)
    noise = hits.noise
    contrast = torch.tensor([0.3, 0.35, 0.25, 1.1, 0.12, 0.35], device=u.device)[kind]
    paint = colour * (1 + (contrast * noise)[..., None])
    joints = torch.maximum(
        stripes(v, 0.25, 0.03, hits.footprint), stripes(u, 0.5, 0.03, hits.footprint)
    )
    dark = 0.35 * joints * ((kind == Surface.BRICKS) | (kind == Surface.PAVING))
    upright = (hits.normal[..., 1].abs() < 0.5).float()
    panes = stripes(u, 3.1, 1.3, hits.footprint) * stripes(v, 3.0, 1.5, hits.footprint) * upright
    frames = stripes(u, 0.65, 0.08, hits.footprint)
    paint = paint * (1 - dark)[..., None]
    glass = torch.stack([0.10 + 0.1 * noise, 0.12 + 0.1 * noise, 0.15 + 0.1 * noise], -1)
    glass = glass * (1 - frames)[..., None] + 0.7 * frames[..., None]
    has_pane = (panes * (kind == Surface.WINDOWS))[..., None]
    paint = paint * (1 - has_pane) + glass * has_pane
    side_glass = (
        (
            (kind == Surface.METAL) & (hits.local[..., 1] < -0.25) & (hits.local[..., 1] > -0.85)
        ).float()
        * solids.texture[chosen].lt(0)
        * upright
    )
    paint = paint * (1 - 0.85 * side_glass[..., None])
    return paint.clamp(0.01, 1)


def _in_shadow(hits: Hits, depth: Tensor, sun: Tensor, solids: SolidArrays) -> Tensor:
    """Share of the sun that is blocked, (H, W) in {0, 1}."""
    shadow = torch.zeros_like(depth)
    lit = (depth < SHADOWS_WITHIN_M) & ((hits.normal @ sun) > 0)
    origin = (hits.point + 0.03 * hits.normal)[lit]
    order = origin[:, 2].argsort()
    origin = origin[order]
    blocked = torch.zeros(len(origin), dtype=torch.bool, device=depth.device)
    for number, (first, last) in _shadow_ranges(origin[:, 2].contiguous(), sun, solids):
        part = origin[first:last]
        towards = solids.centre[number] - part
        along = towards @ sun
        aside = (towards * towards).sum(-1) - along * along
        near = (aside < solids.half_size[number].square().sum()).nonzero()[:, 0]
        start = part[near]
        blocked[first + near] |= torch.isfinite(
            entry_depth(start, sun.expand_as(start), solids, number)
        )
    shaded_pixels = torch.zeros_like(blocked, dtype=shadow.dtype)
    shaded_pixels[order] = blocked.to(shadow.dtype)
    shadow[lit] = shaded_pixels
    return shadow


def _shadow_ranges(
    z: Tensor, sun: Tensor, solids: SolidArrays
) -> list[tuple[int, tuple[int, int]]]:
    """Which of the points, sorted by z, each solid that is not tiny may shade: from, to."""
    radius = solids.half_size.norm(dim=-1)
    # A point in the shadow lies at most as far along the light as it takes to reach the ground.
    reach = (radius - solids.centre[:, 1]).clamp(min=0) / -sun[1]
    end = solids.centre[:, 2] - sun[2] * reach
    low = torch.minimum(solids.centre[:, 2], end) - radius
    high = torch.maximum(solids.centre[:, 2], end) + radius
    first, last = torch.searchsorted(z, low).tolist(), torch.searchsorted(z, high).tolist()
    return [
        (number, (start, stop))
        for number, (start, stop, r) in enumerate(zip(first, last, radius.tolist(), strict=True))
        if stop > start and r > SMALLEST_SHADOW_M
    ]


def _sky(rays: Rays, street: Street) -> Tensor:
    """Horizon haze into zenith colour, with clouds."""
    direction = rays.direction / rays.direction.norm(dim=-1, keepdim=True)
    height = (-direction[..., 1]).clamp(min=0.02)
    zenith = torch.tensor(street.zenith_colour, device=height.device)
    horizon = torch.tensor(street.horizon_colour, device=height.device)
    colour = horizon + (zenith - horizon) * (1 - torch.exp(-3 * height))[..., None]
    place = direction[..., (0, 2)] / height[..., None] * 2.0 + street.clouds_at
    cover = fractal_noise(place, torch.full_like(height, 0.05) / height)
    cloud = ((cover - street.clear_sky) * 2).clamp(0, 0.9)[..., None]
    return colour * (1 - cloud) + torch.tensor(street.cloud_colour, device=height.device) * cloud
