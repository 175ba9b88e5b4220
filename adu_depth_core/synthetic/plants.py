# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Trees, bushes and grassy mounds."""

from collections.abc import Iterator

import numpy as np

from adu_depth_core.synthetic.palette import green, vector
from adu_depth_core.synthetic.placing import beam
from adu_depth_core.synthetic.solids import Shape, Solid, Surface, Vector

BARK = (0.16, 0.11, 0.08)


def tree(rng: np.random.Generator, x: float, z: float) -> Iterator[Solid]:
    """Yield a trunk, branches that reach into the crown, and clusters of leaves around them."""
    height, radius = rng.uniform(3, 11), rng.uniform(0.08, 0.3)
    crown, colour = height * rng.uniform(0.22, 0.4), green(rng)
    trunk = height * rng.uniform(0.3, 0.6)
    fork = (x, -trunk, z)
    lean = rng.normal(0, 0.03 * trunk, 2)
    foot = (x + lean[0], 0.0, z + lean[1])
    yield beam(foot, fork, radius, Surface.FOLIAGE, BARK, rng.uniform(0, 200))
    for _ in range(int(rng.integers(3, 6))):
        out = rng.normal(0, crown * 0.45, 3)
        middle = (x + out[0], -(trunk + crown * 0.6) + 0.6 * out[1], z + out[2])
        yield beam(fork, middle, radius * 0.4, Surface.FOLIAGE, BARK, rng.uniform(0, 200))
        yield from _leaves(rng, middle, crown, colour)


def _leaves(
    rng: np.random.Generator, middle: Vector, crown: float, colour: Vector
) -> Iterator[Solid]:
    """Yield a large cluster, and smaller ones that break its outline."""
    yield _cluster(rng, middle, crown * rng.uniform(0.5, 0.8, 3), colour)
    for _ in range(3):
        out = rng.normal(0, 1, 3)
        place = vector(np.add(middle, 0.6 * crown * out / np.linalg.norm(out)))
        yield _cluster(rng, place, crown * rng.uniform(0.2, 0.4, 3), colour)


def _cluster(rng: np.random.Generator, middle: Vector, half: np.ndarray, colour: Vector) -> Solid:
    shade = vector(np.array(colour) * rng.uniform(0.75, 1.3))
    angle, texture = rng.uniform(0, 3), rng.uniform(0, 200)
    return Solid(Shape.LEAVES, Surface.FOLIAGE, middle, vector(half), shade, angle, texture)


def bush(rng: np.random.Generator, x: float, z: float) -> Iterator[Solid]:
    """Yield a round bush with gaps, and what is dense inside it."""
    size, colour = rng.uniform(0.4, 1.3, 3), green(rng)
    outer = _cluster(rng, (x, -size[1] * 0.6, z), size, colour)
    yield outer
    core, dark = vector(0.8 * size), vector(0.6 * np.array(colour))
    yield Solid(
        Shape.ELLIPSOID, Surface.FOLIAGE, outer.centre, core, dark, outer.yaw, outer.texture
    )


def mound(rng: np.random.Generator, x: float, z: float, colour: Vector) -> Solid:
    """Return a low grassy hill, of which the lower half is under the ground."""
    half = (rng.uniform(4, 12), rng.uniform(0.5, 2.2), rng.uniform(5, 14))
    return Solid(
        Shape.ELLIPSOID, Surface.FOLIAGE, (x, 0.0, z), half, colour, 0.0, rng.uniform(0, 200)
    )
