# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Places solids: on the ground, on top of each other, between two points."""

from dataclasses import replace

import numpy as np

from adu_depth_core.synthetic.solids import Shape, Solid, Surface, Vector


def standing_box(
    rng: np.random.Generator,
    x: float,
    z: float,
    width: float,
    height: float,
    length: float,
    surface: Surface,
    colour: Vector,
    yaw: float = 0.0,
) -> Solid:
    """Return a box of full sizes in metres that stands on the ground."""
    half = (width / 2, height / 2, length / 2)
    texture = rng.uniform(0, 200)
    return Solid(Shape.BOX, surface, (x, -height / 2, z), half, colour, yaw, texture)


def raised(solid: Solid, height: float) -> Solid:
    """Lift a solid by `height` metres."""
    x, y, z = solid.centre
    return replace(solid, centre=(x, y - height, z))


def beam(
    start: Vector, end: Vector, radius: float, surface: Surface, colour: Vector, texture: float
) -> Solid:
    """Return a cylinder from `start` to `end`."""
    along = np.subtract(end, start)
    length = float(np.linalg.norm(along))
    x, y, z = along / length
    return Solid(
        Shape.CYLINDER,
        surface,
        ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2, (start[2] + end[2]) / 2),
        (radius, length / 2, radius),
        colour,
        yaw=float(np.arctan2(x, z)),
        texture=texture,
        pitch=float(np.arccos(np.clip(y, -1, 1))),
    )
