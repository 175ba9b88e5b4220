# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Houses with pitched roofs, blocks with flat ones."""

from collections.abc import Iterator

import numpy as np

from adu_depth_core.synthetic.palette import grey, wall_colour
from adu_depth_core.synthetic.placing import raised, standing_box
from adu_depth_core.synthetic.solids import Shape, Solid, Surface

HIGHEST_HOUSE_M = 10.0
STOREY_M = 3.0
TILE_COLOURS = ((0.30, 0.14, 0.10), (0.22, 0.11, 0.08), (0.14, 0.14, 0.15), (0.24, 0.19, 0.15))


def building(rng: np.random.Generator, side: int, near_x: float, z: float) -> Iterator[Solid]:
    """Yield a building whose front stands `near_x` metres from the middle of the road."""
    width, length = rng.uniform(7, 14), rng.uniform(8, 19.5)
    height = rng.uniform(3.5, 8) if rng.random() < 0.7 else rng.uniform(8, 20)
    height = STOREY_M * max(1, round(height / STOREY_M)) + 0.5
    x = side * (near_x + width / 2)
    surface = Surface.WINDOWS if rng.random() < 0.75 else Surface.BRICKS
    yield standing_box(rng, x, z, width, height, length, surface, wall_colour(rng))
    yield from _door(rng, side * near_x, z + rng.uniform(-0.3, 0.3) * length)
    if height < HIGHEST_HOUSE_M:
        yield from _pitched_roof(rng, x, z, width, height, length)
    else:
        yield from _flat_roof(rng, x, z, width, height, length)


def _door(rng: np.random.Generator, x: float, z: float) -> Iterator[Solid]:
    brown = (0.12 * rng.uniform(0.5, 2), 0.07, 0.05)
    yield standing_box(rng, x, z, 0.12, 2.1, 1.1, Surface.PLAIN, brown)
    step = standing_box(rng, x, z, 1.2, 0.16, 1.6, Surface.PAVING, grey(rng, 0.3, 0.5))
    yield step


def _pitched_roof(
    rng: np.random.Generator, x: float, z: float, width: float, height: float, length: float
) -> Iterator[Solid]:
    colour = TILE_COLOURS[int(rng.integers(len(TILE_COLOURS)))]
    along = rng.random() < 0.6
    across, ridge = (width, length) if along else (length, width)
    rise = across * rng.uniform(0.2, 0.42)
    yield Solid(
        Shape.GABLE,
        Surface.TILES,
        (x, -height - rise / 2, z),
        (across / 2 + 0.5, rise / 2, ridge / 2 + 0.4),
        colour,
        0.0 if along else np.pi / 2,
        rng.uniform(0, 200),
    )
    chimney = standing_box(rng, x, z, 0.6, 1.6, 0.8, Surface.BRICKS, (0.3, 0.14, 0.1))
    yield raised(chimney, height + 0.7 * rise)


def _flat_roof(
    rng: np.random.Generator, x: float, z: float, width: float, height: float, length: float
) -> Iterator[Solid]:
    eaves = standing_box(
        rng, x, z, width + 0.6, 0.5, length + 0.6, Surface.PLAIN, grey(rng, 0.15, 0.4)
    )
    yield raised(eaves, height)
    top = standing_box(rng, x, z, width / 2, 2.2, length / 3, Surface.BRICKS, grey(rng, 0.2, 0.4))
    yield raised(top, height + 0.5)
