# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Thin and slanted things beside and above a road: poles, railings, wires, gantries, ramps."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

import numpy as np

from adu_depth_core.synthetic.palette import green, grey, vector, wall_colour
from adu_depth_core.synthetic.placing import beam, raised, standing_box
from adu_depth_core.synthetic.solids import Shape, Solid, Surface

SIGN_COLOURS = ((0.03, 0.1, 0.35), (0.02, 0.22, 0.08), (0.7, 0.7, 0.68))
STEEL = (0.32, 0.33, 0.34)
WIRE_HEIGHT_M, WIRE_SAG_M, WIRE_RADIUS_M = 7.0, 0.35, 0.018


def pole(rng: np.random.Generator, x: float, z: float) -> Iterator[Solid]:
    """Yield a lamp post with its arm over the road, or a short pole with a sign."""
    height, radius = rng.uniform(2.2, 8), rng.uniform(0.03, 0.12)
    colour, top = grey(rng, 0.2, 0.6), (x, -height, z)
    yield beam((x, 0.0, z), top, radius, Surface.PLAIN, colour, rng.uniform(0, 200))
    if height < 3.5:
        side = rng.uniform(0.25, 0.45)
        sign = standing_box(
            rng,
            x,
            z - radius,
            2 * side,
            2 * side,
            0.03,
            Surface.PLAIN,
            vector(rng.uniform(0.1, 0.9, 3)),
        )
        yield raised(replace(sign, yaw=rng.normal(0, 0.2)), height - 2 * side)
    elif height > 5:
        end = (x - np.sign(x) * rng.uniform(0.8, 2.0), -height - 0.4, z)
        yield beam(top, end, 0.6 * radius, Surface.PLAIN, colour, rng.uniform(0, 200))
        lamp = standing_box(rng, end[0], z, 0.7, 0.12, 0.25, Surface.METAL, colour)
        yield raised(lamp, height + 0.3)


def fence(rng: np.random.Generator, x: float, z: float) -> Iterator[Solid]:
    """Yield a wall, a boarded fence or a hedge along the road."""
    height, length = rng.uniform(0.7, 2.2), rng.uniform(10, 20)
    surface = Surface(int(rng.choice([Surface.BRICKS, Surface.PLAIN, Surface.FOLIAGE])))
    colour = green(rng) if surface == Surface.FOLIAGE else wall_colour(rng)
    depth = 0.9 if surface == Surface.FOLIAGE else 0.2
    yield standing_box(rng, x, z, depth, height, length, surface, colour)


def railing(rng: np.random.Generator, x: float, z: float, height: float = 1.05) -> Iterator[Solid]:
    """Yield 20 metres of posts and three rails around z."""
    colour = grey(rng, 0.1, 0.6)
    for up in (0.4, 0.7, 1.0):
        rail = standing_box(rng, x, z, 0.05, 0.05, 20.0, Surface.METAL, colour)
        yield raised(rail, up * height)
    for post in np.arange(-9.0, 10.0, 2.0):
        yield standing_box(rng, x, z + post, 0.06, height, 0.06, Surface.METAL, colour)


def wires(rng: np.random.Generator, x: float, z: float, length: float) -> Iterator[Solid]:
    """Yield a mast at z with its crossbar, and three sagging wires to the next one."""
    top = WIRE_HEIGHT_M + 0.3
    yield beam((x, 0.0, z), (x, -top, z), 0.13, Surface.FOLIAGE, (0.2, 0.16, 0.12), z % 200)
    bar = standing_box(rng, x, z, 1.9, 0.1, 0.1, Surface.PLAIN, (0.2, 0.16, 0.12))
    yield raised(bar, WIRE_HEIGHT_M - 0.1)
    for aside in (-0.8, 0.1, 0.8):
        ends = [
            (x + aside, -WIRE_HEIGHT_M + 4 * WIRE_SAG_M * t * (1 - t), z + t * length)
            for t in (0.0, 0.25, 0.5, 0.75, 1.0)
        ]
        for first, second in pairwise(ends):
            yield beam(first, second, WIRE_RADIUS_M, Surface.PLAIN, (0.04, 0.04, 0.04), 0.0)


def gantry(rng: np.random.Generator, half_width: float, z: float) -> Iterator[Solid]:
    """Yield a bridge of struts over the road that carries signs."""
    edge, low, high = half_width + 0.5, rng.uniform(5.2, 5.8), 0.9
    for x in (-edge, edge):
        yield standing_box(rng, x, z, 0.25, low + high, 0.25, Surface.METAL, STEEL)
    knots = np.linspace(-edge, edge, 2 * int(edge) + 1)
    for up in (low, low + high):
        yield beam((-edge, -up, z), (edge, -up, z), 0.06, Surface.METAL, STEEL, 0.0)
    for number, (x, after) in enumerate(pairwise(knots)):
        ups = (low, low + high) if number % 2 else (low + high, low)
        yield beam(
            (float(x), -ups[0], z), (float(after), -ups[1], z), 0.03, Surface.METAL, STEEL, 0.0
        )
    for _ in range(int(rng.integers(1, 4))):
        colour = SIGN_COLOURS[int(rng.integers(len(SIGN_COLOURS)))]
        x, width = rng.uniform(-0.6, 0.6) * half_width, rng.uniform(1.4, 3.2)
        sign = standing_box(
            rng, x, z - 0.2, width, rng.uniform(1.2, 2.2), 0.08, Surface.PLAIN, colour
        )
        yield raised(sign, low - 0.3)


def overpass(rng: np.random.Generator, half_width: float, z: float) -> Iterator[Solid]:
    """Yield a bridge across the road on pillars."""
    colour, height, length = grey(rng, 0.25, 0.5), rng.uniform(5.0, 6.5), rng.uniform(5, 10)
    deck = standing_box(rng, 0.0, z, 80.0, 0.9, length, Surface.PAVING, colour)
    yield raised(deck, height)
    for side in (-1, 1):
        parapet = standing_box(
            rng, 0.0, z + side * length / 2, 80.0, 1.0, 0.15, Surface.PLAIN, grey(rng, 0.2, 0.6)
        )
        yield raised(parapet, height + 0.9)
        yield standing_box(
            rng, side * (half_width + 0.9), z, 0.8, height, 0.7 * length, Surface.BRICKS, colour
        )


def slanted(rng: np.random.Generator, x: float, z: float) -> Iterator[Solid]:
    """Yield a ramp, or two boards that lean against each other."""
    if rng.random() < 0.5:
        half = (rng.uniform(0.6, 1.5), 0.06, rng.uniform(1.2, 2.5))
        pitch = float(rng.choice([-1, 1]) * rng.uniform(0.15, 0.4))
        middle = (x, -half[2] * np.sin(abs(pitch)), z)
        colour, texture = grey(rng, 0.2, 0.6), rng.uniform(0, 200)
        yield Solid(
            Shape.BOX,
            Surface.PAVING,
            middle,
            half,
            colour,
            rng.normal(0, 0.3),
            texture,
            pitch=pitch,
        )
        return
    colour, turn, lean = vector(rng.uniform(0.1, 0.8, 3)), rng.uniform(0, 3), 0.25
    for side in (-1, 1):
        aside = side * 0.55 * np.sin(lean)
        middle = (x + aside * np.sin(turn), -0.53, z + aside * np.cos(turn))
        yield Solid(
            Shape.BOX,
            Surface.PLAIN,
            middle,
            (0.4, 0.55, 0.015),
            colour,
            turn,
            rng.uniform(0, 200),
            pitch=side * lean,
        )
