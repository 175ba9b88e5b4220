# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The colours of things before any light falls on them: (P, 3), linear, 0 to 1."""

import torch
from torch import Tensor

from adu_depth_core.synthetic.ray_caster import NO_SOLID
from adu_depth_core.synthetic.solids import SolidArrays, Surface
from adu_depth_core.synthetic.spans import take
from adu_depth_core.synthetic.street import Street
from adu_depth_core.synthetic.surfaces import Hits
from adu_depth_core.synthetic.texture import stripes

ROAD_PAINT = (0.85, 0.85, 0.8)
# How strongly noise shows, in the order of Surface.
CONTRAST = (0.3, 0.35, 0.25, 1.1, 0.12, 0.35, 0.4, 0.0, 0.25)


def painted(hits: Hits, solids: SolidArrays, street: Street) -> Tensor:
    """Return the reflectance of every hit."""
    paint = torch.empty_like(hits.point)
    for chosen, colours in (
        (hits.solid == NO_SOLID, lambda part: _ground(part, street)),
        (hits.solid != NO_SOLID, lambda part: _solid(part, solids)),
    ):
        paint[chosen] = colours(hits.chosen(chosen))
    return paint


def _ground(hits: Hits, street: Street) -> Tensor:
    """Asphalt with lane paint, then grass or paving beside the road."""
    x, z = hits.point[:, 0], hits.point[:, 2]
    noise = hits.noise
    colours = torch.tensor([street.asphalt, street.verge, ROAD_PAINT], device=x.device)
    asphalt = colours[0] * (1 + 0.35 * noise[:, None])
    verge = colours[1] * (1 + 0.7 * noise[:, None])
    lane = 2 * street.half_width / street.lanes
    dashed = stripes(z, 9.0, 4.0, hits.footprint) * stripes(
        x - street.half_width, lane, 0.14, hits.footprint
    )
    edge = stripes(x.abs() - street.half_width + 0.3, 1e3, 0.12, hits.footprint)
    paint = (dashed * street.has_lane_paint + edge * street.has_edge_paint).clamp(max=1)
    worn = (paint * (0.8 + 0.25 * noise).clamp(0, 1))[:, None]
    road = asphalt * (1 - worn) + colours[2] * worn
    return torch.where((x.abs() < street.half_width)[:, None], road, verge).clamp(min=0.01)


def _solid(hits: Hits, solids: SolidArrays) -> Tensor:
    kind = take(solids.surface, hits.solid)
    contrast = take(torch.tensor(CONTRAST, device=kind.device), kind)
    paint = solids.colour.index_select(0, hits.solid) * (1 + contrast * hits.noise)[:, None]
    for surfaces, colours in (
        ((Surface.BRICKS, Surface.PAVING), _with_joints),
        ((Surface.TILES,), _with_courses),
        ((Surface.WINDOWS,), _with_panes),
        ((Surface.PANELS,), _with_ribs),
    ):
        chosen = torch.stack([kind == surface for surface in surfaces]).any(0)
        paint[chosen] = colours(paint[chosen], hits.chosen(chosen))
    chosen = (kind == Surface.METAL) & (take(solids.texture, hits.solid) < 0)
    paint[chosen] = _with_side_glass(paint[chosen], hits.chosen(chosen))
    return paint.clamp(0.01, 1)


def _with_joints(paint: Tensor, hits: Hits) -> Tensor:
    u, v = hits.place.unbind(-1)
    across = stripes(v, 0.25, 0.03, hits.footprint)
    along = stripes(u, 0.5, 0.03, hits.footprint)
    return paint * (1 - 0.35 * torch.maximum(across, along))[:, None]


def _with_courses(paint: Tensor, hits: Hits) -> Tensor:
    """Darken the lower edge of each row of roof tiles, and less the gaps between its tiles."""
    u, v = hits.place.unbind(-1)
    rows = stripes(v, 0.33, 0.06, hits.footprint)
    gaps = stripes(u, 0.25, 0.04, hits.footprint)
    return paint * (1 - torch.maximum(0.5 * rows, 0.3 * gaps))[:, None]


def _with_ribs(paint: Tensor, hits: Hits) -> Tensor:
    """Part sheet metal into panels, and draw a band around it."""
    u, v = hits.place.unbind(-1)
    ribs = stripes(u, 0.55, 0.04, hits.footprint)
    band = stripes(v, 1.9, 0.3, hits.footprint)
    return paint * (1 - torch.maximum(0.35 * ribs, 0.5 * band))[:, None]


def _with_panes(paint: Tensor, hits: Hits) -> Tensor:
    u = hits.place[:, 0]
    storey = -hits.point[:, 1] - 1.8  # of 3 metres, from the middle of the lowest window
    panes = stripes(u, 3.1, 1.3, hits.footprint) * stripes(storey, 3.0, 1.5, hits.footprint)
    panes = (panes * _is_upright(hits))[:, None]
    frames = stripes(u, 0.65, 0.08, hits.footprint)[:, None]
    glass = hits.point.new_tensor([0.10, 0.12, 0.15]) + 0.1 * hits.noise[:, None]
    return paint * (1 - panes) + (glass * (1 - frames) + 0.7 * frames) * panes


def _with_side_glass(paint: Tensor, hits: Hits) -> Tensor:
    """Darken a band high on the sides of a vehicle."""
    height = hits.unit[:, 1]
    band = (height < -0.25) & (height > -0.85)
    is_side = hits.normal[:, 1].abs() < 0.9  # a windscreen leans
    return paint * (1 - 0.85 * (band & is_side).float())[:, None]


def _is_upright(hits: Hits) -> Tensor:
    return (hits.normal[:, 1].abs() < 0.5).float()
