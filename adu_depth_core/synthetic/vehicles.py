# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Cars, vans, trucks and people."""

from collections.abc import Iterator

import numpy as np

from adu_depth_core.synthetic.palette import car_colour, vector
from adu_depth_core.synthetic.solids import Shape, Solid, Surface, Vector

SIZES_M = {'car': (4.2, 1.75, 1.48), 'van': (5.0, 1.95, 2.1), 'truck': (8.5, 2.4, 3.2)}
RUBBER, RED, WHITE = (0.03, 0.03, 0.03), (0.5, 0.03, 0.03), (0.8, 0.8, 0.75)
LOAD_AT_M = -1.1  # of a truck's box, behind its middle


def vehicle(rng: np.random.Generator, x: float, z: float, speed: float) -> Iterator[Solid]:
    """Yield the solids of a vehicle that drives along z; dark bands on metal are its glass."""
    kind = str(rng.choice(list(SIZES_M), p=[0.82, 0.12, 0.06]))
    size = rng.uniform(0.92, 1.08)
    length, width, height = (metres * size for metres in SIZES_M[kind])
    colour, yaw = car_colour(rng), rng.normal(0, 0.02)
    glazed, plain = -rng.uniform(1, 100), rng.uniform(0, 100)

    def part(
        shape: Shape,
        middle: Vector,
        half: Vector,
        paint: Vector,
        texture: float = plain,
        surface: Surface = Surface.METAL,
    ) -> Solid:
        """Place by its middle to the right, above the ground and ahead of the vehicle's own."""
        right, up, ahead = middle
        ground_x = x + np.cos(yaw) * right + np.sin(yaw) * ahead
        ground_z = z - np.sin(yaw) * right + np.cos(yaw) * ahead
        return Solid(shape, surface, (ground_x, -up, ground_z), half, paint, yaw, texture, speed)

    if kind == 'car':
        body = (width / 2, 0.33 * size, length / 2)
        cabin = (width / 2 - 0.09, 0.3 * size, length * 0.34)
        yield part(Shape.BOX, (0, 0.58 * size, 0), body, colour)
        yield part(Shape.CABIN, (0, 1.2 * size, -0.2), cabin, colour, glazed)
    elif kind == 'van':
        body = (width / 2, (height - 0.3) / 2, length / 2)
        yield part(Shape.BOX, (0, 0.3 + body[1], 0), body, colour, glazed)
    else:
        load = (width / 2, (height - 0.8) / 2, length / 2 + LOAD_AT_M)
        yield part(Shape.BOX, (0, 0.8 + load[1], LOAD_AT_M), load, colour, plain, Surface.PANELS)
        yield part(
            Shape.BOX, (0, 1.5, length / 2 - 0.9), (width / 2, 1.15, 0.9), car_colour(rng), glazed
        )
        yield part(Shape.BOX, (0, 0.62, 0), (width / 2 - 0.3, 0.17, length / 2), RUBBER)
    for side in (-1, 1):
        for ahead in (-length * 0.3, length * 0.3):
            wheel = (side * (width / 2 - 0.1), 0.32, ahead)
            yield part(Shape.ELLIPSOID, wheel, (0.12, 0.32, 0.32), RUBBER)
        for end, paint in ((-1, RED), (1, WHITE)):
            lamp = (side * (width / 2 - 0.2), 0.68 * size, end * length / 2)
            yield part(Shape.BOX, lamp, (0.14, 0.07, 0.02), paint, plain, Surface.PLAIN)


def person(rng: np.random.Generator, x: float, z: float) -> Iterator[Solid]:
    """Yield legs, a trunk and a head, walking along z."""
    height, speed = rng.uniform(1.5, 1.9), rng.normal(0, 0.8)
    clothes, trousers = vector(rng.uniform(0.05, 0.7, 3)), vector(rng.uniform(0.03, 0.3, 3))
    skin = (0.55, 0.4, 0.32)
    for shape, paint, up, half in (
        (Shape.CYLINDER, trousers, 0.24, (0.15, 0.24 * height, 0.12)),
        (Shape.CYLINDER, clothes, 0.66, (0.22, 0.18 * height, 0.15)),
        (Shape.ELLIPSOID, skin, 0.93, (0.1, 0.13, 0.11)),
    ):
        place, texture = (x, -up * height, z), rng.uniform(0, 200)
        yield Solid(shape, Surface.PLAIN, place, half, paint, 0.0, texture, speed)
