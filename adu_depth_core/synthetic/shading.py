# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What a ray's first hit looks like: paint under sun, sky and lamps, seen through fog; the sky."""

import torch
from torch import Tensor

from adu_depth_core.synthetic.paint import painted
from adu_depth_core.synthetic.ray_caster import NO_SOLID, Rays
from adu_depth_core.synthetic.shadows import in_shadow
from adu_depth_core.synthetic.solids import SolidArrays, Surface
from adu_depth_core.synthetic.street import Street
from adu_depth_core.synthetic.surfaces import Hits, find_hits
from adu_depth_core.synthetic.texture import fractal_noise
from adu_depth_core.synthetic.tunnels import LAMP_SPACING_M, Tunnel

SHADOWS_WITHIN_M = 70.0
OFF_SURFACE_M = 0.03
# Daylight fades within so many metres of a tunnel's mouth.
DAYLIGHT_M = 9.0
LAMP_LIGHT = (0.10, 0.085, 0.06)
LAMP_GLOW = 1.2
CLOUD_SMOOTHNESS = 0.35


def shaded(
    rays: Rays,
    depth: Tensor,
    index: Tensor,
    solids: SolidArrays,
    street: Street,
    tunnels: list[Tunnel],
) -> Tensor:
    """Return the linear radiance of every pixel, (H, W, 3), 1 = white paper in the sun."""
    radiance = torch.empty_like(rays.direction)
    hits = find_hits(rays, depth, index, solids)
    seen = torch.isfinite(depth)
    lit = painted(hits, solids, street) * _light(hits, solids, street, tunnels)
    glows = (hits.solid != NO_SOLID) & (solids.surface[hits.solid] == Surface.LAMP)
    lit = lit + LAMP_GLOW * glows[:, None]
    distance = hits.depth.clamp(max=1e4) * rays.direction[seen].norm(dim=-1)
    clear = torch.exp(-distance * street.fog)[:, None]
    haze = torch.tensor(street.horizon_colour, device=depth.device)
    radiance[seen] = lit * clear + haze * (1 - clear)
    radiance[~seen] = _sky(rays.direction[~seen], street)
    return radiance


def _light(hits: Hits, solids: SolidArrays, street: Street, tunnels: list[Tunnel]) -> Tensor:
    """Return the light that falls on every hit, (P, 3)."""
    device = hits.depth.device
    sun = torch.tensor(street.sun_direction, device=device)
    daylight = _daylight(hits.point, tunnels)
    facing = (hits.normal @ sun).clamp(min=0)
    # Too far for shadows, a tunnel still lets no sun in.
    near = (hits.depth < SHADOWS_WITHIN_M) & (facing > 0)
    sunlit = torch.where(hits.depth < SHADOWS_WITHIN_M, 1.0, (daylight == 1).float())
    place = hits.point[near] + OFF_SURFACE_M * hits.normal[near]
    sunlit[near] = (~in_shadow(place, sun, solids)).float()
    sky_share = 0.55 - 0.45 * hits.normal[:, 1]
    lamps = (1 - daylight) * (
        1 + 0.5 * torch.cos(hits.point[:, 2] * 2 * torch.pi / LAMP_SPACING_M)
    )
    return (
        (facing * sunlit)[:, None] * torch.tensor(street.sun_colour, device=device)
        + (sky_share * daylight)[:, None] * torch.tensor(street.sky_light, device=device)
        + lamps[:, None] * torch.tensor(LAMP_LIGHT, device=device)
    )


def _daylight(point: Tensor, tunnels: list[Tunnel]) -> Tensor:
    """Share of the sky's light that reaches points (P, 3): 1 outside, less deep in a tunnel."""
    daylight = torch.ones_like(point[:, 0])
    for tunnel in tunnels:
        x, y, z = point.unbind(-1)
        deep = torch.minimum(z - tunnel.start, tunnel.end - z)
        inside = (deep > 0) & (x.abs() < tunnel.half_width + 0.05) & (-y < tunnel.height + 0.05)
        daylight = torch.where(inside, torch.exp(-deep / DAYLIGHT_M), daylight)
    return daylight


def _sky(direction: Tensor, street: Street) -> Tensor:
    """Horizon haze into zenith colour, with clouds, along directions (P, 3)."""
    direction = direction / direction.norm(dim=-1, keepdim=True)
    height = (-direction[:, 1]).clamp(min=0.02)
    zenith = torch.tensor(street.zenith_colour, device=height.device)
    horizon = torch.tensor(street.horizon_colour, device=height.device)
    colour = horizon + (zenith - horizon) * (1 - torch.exp(-3 * height))[:, None]
    place = direction[:, (0, 2)] / height[:, None] * 2.0 + street.clouds_at
    cover = fractal_noise(place, 0.05 / height, CLOUD_SMOOTHNESS)
    cloud = ((cover - street.clear_sky) * 2).clamp(0, 0.9)[:, None]
    return colour * (1 - cloud) + torch.tensor(street.cloud_colour, device=height.device) * cloud
