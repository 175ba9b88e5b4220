# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Stretches of road under a hill: walls, roof, lamps, and a portal at either end."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from adu_depth_core.synthetic.palette import green, grey
from adu_depth_core.synthetic.placing import raised, standing_box
from adu_depth_core.synthetic.solids import Shape, Solid, Surface

# There is at most one tunnel in each block of a street.
BLOCK_M, PIECE_M = 400.0, 20.0
LAMP_SPACING_M = 10.0
WALL_M, HILL_M, HEADWALL_M = 0.5, 12.0, 1.4


@dataclass(frozen=True)
class Tunnel:
    """Where a tunnel runs along z, its opening, and the kerbs in it: all in metres."""

    start: float
    end: float
    half_width: float
    height: float
    kerb: float


def tunnels_between(
    seed: int, share: float, road: float, first: float, last: float
) -> list[Tunnel]:
    """
    Return the tunnels of the blocks from z = `first` to `last`; `share` of blocks has one.

    `road` is half the width of the road in metres.
    """
    blocks = range(int(first // BLOCK_M), int(last // BLOCK_M) + 1)
    found = (_tunnel_of_block(seed, share, road, block) for block in blocks)
    return [tunnel for tunnel in found if tunnel]


def _tunnel_of_block(seed: int, share: float, road: float, block: int) -> Tunnel | None:
    rng = np.random.default_rng((seed, block + 10_000, 31))
    if rng.random() >= share:
        return None
    start = block * BLOCK_M + PIECE_M * int(rng.integers(1, 9))
    length = PIECE_M * int(rng.integers(2, 9))
    # A kerb leaves room wherever a camera may stand beside the road.
    kerb = 0.3 * road + 1.0
    return Tunnel(start, start + length, road + kerb, rng.uniform(4.8, 6.0), kerb)


def tunnel_piece(tunnel: Tunnel, z: float) -> Iterator[Solid]:
    """Yield the 20 metres of a tunnel from z on, with the portals that stand there."""
    rng = np.random.default_rng((int(tunnel.start) + 10_000_000, 32))
    middle, inner, height = z + PIECE_M / 2, tunnel.half_width, tunnel.height
    concrete, grass, side_height = grey(rng, 0.3, 0.5), green(rng), rng.uniform(3.0, 7.0)
    lining = Surface.BRICKS if rng.random() < 0.5 else Surface.PAVING
    outer = inner + WALL_M
    roof = standing_box(
        rng, 0.0, middle, 2 * outer, WALL_M, PIECE_M, Surface.PLAIN, grey(rng, 0.2, 0.4)
    )
    yield raised(roof, height)
    for side in (-1, 1):
        wall = side * (inner + WALL_M / 2)
        yield standing_box(rng, wall, middle, WALL_M, height, PIECE_M, lining, concrete)
        hill = side * (outer + HILL_M / 2)
        yield standing_box(
            rng, hill, middle, HILL_M, height + WALL_M, PIECE_M, Surface.FOLIAGE, grass
        )
        yield from _fittings(rng, side, tunnel, z)
    top = (outer + HILL_M, side_height / 2, PIECE_M / 2)
    above = (0.0, -height - WALL_M - side_height / 2, middle)
    yield Solid(Shape.GABLE, Surface.FOLIAGE, above, top, grass, 0.0, rng.uniform(0, 200))
    for portal in (tunnel.start, tunnel.end):
        if z <= portal <= z + PIECE_M:
            yield from _portal(rng, tunnel, portal)


def _fittings(rng: np.random.Generator, side: int, tunnel: Tunnel, z: float) -> Iterator[Solid]:
    """Yield lamps under the roof, a duct along the wall, and a sign on it."""
    lamp_colour = (0.9, 0.85, 0.7)
    for along in np.arange(LAMP_SPACING_M / 2, PIECE_M, LAMP_SPACING_M):
        lamp = standing_box(
            rng,
            side * 0.55 * tunnel.half_width,
            z - LAMP_SPACING_M / 2 + along,
            0.3,
            0.12,
            1.6,
            Surface.LAMP,
            lamp_colour,
        )
        yield raised(lamp, tunnel.height - 0.13)
    wall = side * tunnel.half_width
    middle = z + PIECE_M / 2
    duct = standing_box(rng, wall, middle, 0.3, 0.2, PIECE_M, Surface.METAL, (0.35, 0.36, 0.37))
    yield raised(duct, 0.62 * tunnel.height)
    kerb = standing_box(
        rng,
        wall - side * tunnel.kerb / 2,
        middle,
        tunnel.kerb,
        0.2,
        PIECE_M,
        Surface.PAVING,
        (0.4, 0.4, 0.38),
    )
    yield kerb
    sign = standing_box(
        rng, wall, z + rng.uniform(3, 17), 0.1, 0.5, 0.8, Surface.PLAIN, (0.02, 0.4, 0.12)
    )
    yield raised(sign, 1.9)


def _portal(rng: np.random.Generator, tunnel: Tunnel, z: float) -> Iterator[Solid]:
    """Yield the wall around the opening, a little thicker than the hill is long."""
    colour, inner, top = grey(rng, 0.35, 0.6), tunnel.half_width, tunnel.height + HEADWALL_M
    wing = HILL_M + WALL_M
    for side in (-1, 1):
        yield standing_box(
            rng, side * (inner + wing / 2 + 0.01), z, wing, top, 0.6, Surface.BRICKS, colour
        )
    lintel = standing_box(rng, 0.0, z, 2 * inner, HEADWALL_M, 0.6, Surface.BRICKS, colour)
    yield raised(lintel, tunnel.height - 0.01)
