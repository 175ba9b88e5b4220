# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
Where rays enter solids, in each solid's own frame, in which its box is [-1, 1] in x, y and z.

Rays are `start + t step`, both (3, P); a function returns t at entry and exit, (P,) each, with
entry > exit on a miss.
"""

import torch
from torch import Tensor

from adu_depth_core.synthetic.solids import TAPERED, Shape
from adu_depth_core.synthetic.spans import take, where_true
from adu_depth_core.synthetic.texture import value_noise

NEAREST_M = 0.05
LEAST_LEAF = -0.15  # of noise about zero: a little more than half of a shell is leaves

Interval = tuple[Tensor, Tensor]


def entry(shape: Shape, start: Tensor, step: Tensor, half: Tensor, texture: Tensor) -> Tensor:
    """
    Find where rays meet solids of one shape.

    Parameters
    ----------
    shape : Shape
        Of all of them.
    start, step : (3, P)
        Rays, each in the frame of its solid.
    half : (3, P)
        Half size of each solid in metres.
    texture : (P,)
        Shifts the gaps between leaves.

    Returns
    -------
    (P,) ray parameter, inf on a miss and for what begins nearer than `NEAREST_M`.

    """
    if shape == Shape.LEAVES:
        return _first_leaf(start, step, half, texture)
    if shape in TAPERED:
        near, far = _tapered(start, step, shape)
    else:
        near, far = {
            Shape.BOX: _box,
            Shape.CYLINDER: _cylinder,
            Shape.ELLIPSOID: _round,
        }[shape](start, step)
    return torch.where((near <= far) & (near > NEAREST_M), near, torch.inf)


def _first_leaf(start: Tensor, step: Tensor, half: Tensor, texture: Tensor) -> Tensor:
    """Intersect an ellipsoid's shell, from outside or through a gap from inside."""
    near, far = _round(start, step)
    best = torch.full_like(near, torch.inf)
    for t in (far, near):
        # Only where the shell is met at all: most of a window around a round thing is not.
        met = where_true((near <= far) & (t > NEAREST_M))
        at = take(t, met)
        place = (take(start, met) + at * take(step, met)) * take(half, met)
        leaf = where_true(_is_leaf(place, take(texture, met)))
        best.scatter_(0, take(met, leaf), take(at, leaf))
    return best


def _is_leaf(place: Tensor, texture: Tensor) -> Tensor:
    """Tell whether there is a leaf at places (3, P) in metres from the middle of a cluster."""
    x, y, z = place
    # Two projections: along the line that one of them does not see, the other one varies.
    coarse = value_noise(torch.stack([x + 0.6 * y, z - 0.5 * y], -1) * 3.1 + texture[:, None])
    fine = value_noise(torch.stack([y + 0.4 * z, z - 0.8 * x], -1) * 7.9 + texture[:, None])
    return coarse + fine > LEAST_LEAF


def _box(start: Tensor, step: Tensor) -> Interval:
    near, far = _slab(start[0], step[0])
    for axis in (1, 2):
        enter, leave = _slab(start[axis], step[axis])
        near, far = torch.maximum(near, enter), torch.minimum(far, leave)
    return near, far


def _cylinder(start: Tensor, step: Tensor) -> Interval:
    side = _round(start[::2], step[::2])
    lid = _slab(start[1], step[1])
    return torch.maximum(side[0], lid[0]), torch.minimum(side[1], lid[1])


def _tapered(start: Tensor, step: Tensor, shape: Shape) -> Interval:
    """Intersect a box of which two opposite sides lean towards each other."""
    across, top = TAPERED[shape]
    near, far = _slab(start[1], step[1])
    enter, leave = _slab(start[2 - across], step[2 - across])
    near, far = torch.maximum(near, enter), torch.minimum(far, leave)
    reach, growth = (1 + top) / 2 + (1 - top) / 2 * start[1], (1 - top) / 2 * step[1]
    for side in (-1, 1):
        climb = side * step[across] - growth
        crossing = (reach - side * start[across]) / _not_zero(climb)
        near = torch.maximum(near, torch.where(climb < 0, crossing, -torch.inf))
        far = torch.minimum(far, torch.where(climb < 0, torch.inf, crossing))
    return near, far


def _slab(start: Tensor, step: Tensor) -> Interval:
    """Intersect the slab from -1 to 1 along one axis."""
    inverse = 1 / _not_zero(step)
    first, second = (-1 - start) * inverse, (1 - start) * inverse
    return torch.minimum(first, second), torch.maximum(first, second)


def _round(start: Tensor, step: Tensor) -> Interval:
    """Intersect the unit circle or sphere over the axes given."""
    a, b = (step * step).sum(0).clamp(min=1e-12), (start * step).sum(0)
    # The distance of the line from the middle, and not b² - a c, which cancels far away.
    aside = start - (b / a) * step
    discriminant = a * (1 - (aside * aside).sum(0))
    root = discriminant.clamp(min=0).sqrt()
    missed = discriminant < 0
    near = torch.where(missed, torch.inf, (-b - root) / a)
    return near, torch.where(missed, -torch.inf, (-b + root) / a)


def _not_zero(values: Tensor) -> Tensor:
    return torch.where(values.abs() < 1e-9, 1e-9, values)
