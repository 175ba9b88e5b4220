# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Which points the sun does not reach, found in bins across the direction of its light."""

import torch
from torch import Tensor

from adu_depth_core.synthetic.intersection import entry
from adu_depth_core.synthetic.solids import Shape, SolidArrays
from adu_depth_core.synthetic.spans import Spans, numbered, take, turned, where_true

BIN_M = 1.0
# Half the breadth of the thinnest thing that casts one: the sun is no point.
THINNEST_SHADOW_M = 0.022


def in_shadow(point: Tensor, sun: Tensor, solids: SolidArrays) -> Tensor:
    """
    Tell for every point whether a solid stands between it and the sun.

    Parameters
    ----------
    point : (P, 3)
        Metres, a little off the surface that it belongs to.
    sun : (3,)
        Unit vector towards the sun.

    Returns
    -------
    (P,) bool

    """
    if not len(point):
        return torch.zeros(0, dtype=torch.bool, device=point.device)
    order, spans = _sorted_into_bins(point, sun, solids)
    point = point.index_select(0, order).T.contiguous()
    blocked = torch.zeros(len(order), dtype=torch.bool, device=point.device)
    height, top = sun @ point, (solids.corners() @ sun).amax(1)
    into, half = solids.into_unit(), solids.half_size.T.contiguous()
    centre = solids.centre.T.contiguous()
    step = torch.einsum('ijn,j->in', into, sun)
    thick = solids.half_size.median(dim=-1).values > THINNEST_SHADOW_M
    for shape in Shape:
        for solid, ray in spans.chosen(thick & (solids.shape == shape)).pairs():
            below = take(height, ray) < take(top, solid)
            undecided = where_true(below & ~take(blocked, ray))
            solid, ray = take(solid, undecided), take(ray, undecided)
            start = turned(into, solid, take(point, ray) - take(centre, solid))
            hit = entry(
                shape, start, take(step, solid), take(half, solid), take(solids.texture, solid)
            )
            blocked[take(ray, where_true(torch.isfinite(hit)))] = True
    return torch.empty_like(blocked).scatter_(0, order, blocked)


def _sorted_into_bins(point: Tensor, sun: Tensor, solids: SolidArrays) -> tuple[Tensor, Spans]:
    """Order of points by bin, (P,), and for each solid the runs of points in its bins."""
    across = _across(sun)
    place = point @ across
    origin = place.amin(0)
    bins = ((place - origin) / BIN_M).floor().long()
    breadth = bins.amax(0) + 1
    key, order = (bins[:, 0] * breadth[1] + bins[:, 1]).sort(stable=True)
    outline = ((solids.corners() @ across - origin) / BIN_M).floor().long()
    low, high = outline.amin(1).clamp(min=0), torch.minimum(outline.amax(1), breadth - 1)
    solid, row = numbered(torch.where((high >= low).all(1), high[:, 0] - low[:, 0] + 1, 0))
    first = (low[solid, 0] + row) * breadth[1]
    start = torch.searchsorted(key, first + low[solid, 1])
    stop = torch.searchsorted(key, first + high[solid, 1], right=True)
    return order, Spans(solid, start, stop - start)


def _across(sun: Tensor) -> Tensor:
    """Two directions square to the light and to each other, (3, 2)."""
    first = torch.linalg.cross(sun, sun.new_tensor([0.0, 0.0, 1.0]))
    first = first / first.norm()
    return torch.stack([first, torch.linalg.cross(sun, first)], -1)
