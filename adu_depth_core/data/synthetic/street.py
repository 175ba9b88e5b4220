# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""An endless street, made chunk by chunk from a seed."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from adu_depth_core.data.synthetic.solids import Shape, Solid, Surface

CHUNK_M = 20.0
BEHIND_M, AHEAD_M = 20.0, 180.0

Vector = tuple[float, float, float]


@dataclass(frozen=True)
class Street:
    """
    What is the same all along a street: its layout, its colours, its weather.

    Lengths in metres, colours linear 0 to 1, `sun_direction` points to the sun, `fog` in 1/m.
    """

    seed: int
    half_width: float
    lanes: int
    has_lane_paint: float
    has_edge_paint: float
    pavement: float
    setback: float
    building_share: float
    tree_share: float
    parking_share: float
    traffic: float
    asphalt: Vector
    verge: Vector
    sun_direction: Vector
    sun_colour: Vector
    sky_light: Vector
    zenith_colour: Vector
    horizon_colour: Vector
    cloud_colour: Vector
    clear_sky: float
    clouds_at: float
    fog: float

    def solids(self, z: float) -> list[Solid]:
        """Return everything that stands from a little behind `z` to far ahead of it."""
        first = int((z - BEHIND_M) // CHUNK_M)
        last = int((z + AHEAD_M) // CHUNK_M)
        return [solid for chunk in range(first, last + 1) for solid in self._chunk(chunk)]

    def _chunk(self, number: int) -> Iterator[Solid]:
        rng = np.random.default_rng((self.seed, number + 10_000))
        z = number * CHUNK_M
        junction = rng.random() < 0.12
        for side in (-1, 1):
            if not junction:
                yield from self._roadside(rng, side, z)
            yield from self._parked(rng, side, z, junction)
            yield from self._people(rng, side, z)
        yield from self._traffic(rng, z)

    def _roadside(self, rng: np.random.Generator, side: int, z: float) -> Iterator[Solid]:
        edge = self.half_width
        if self.pavement > 0.5:
            yield _box(
                rng,
                side * (edge + self.pavement / 2),
                z + 10,
                self.pavement,
                0.14,
                20.0,
                Surface.PAVING,
                _grey(rng, 0.25, 0.5),
            )
        behind = edge + self.pavement + 0.3
        if rng.random() < 0.45:
            yield self._fence(rng, side, z, behind)
        if rng.random() < self.building_share:
            yield from self._building(rng, side, z, behind)
        for _ in range(rng.poisson(self.tree_share * 2.5)):
            x = side * (edge + self.pavement * rng.uniform(0.6, 1) + rng.exponential(2.5))
            yield from _tree(rng, x, z + rng.uniform(0, CHUNK_M))
        if rng.random() < 0.55:
            yield from _pole(rng, side * (edge + rng.uniform(0.3, 0.9)), z + rng.uniform(0, 20))
        if rng.random() < 0.35:
            yield _bush(rng, side * (behind + rng.uniform(0, 2)), z + rng.uniform(0, 20))

    def _fence(self, rng: np.random.Generator, side: int, z: float, behind: float) -> Solid:
        height = rng.uniform(0.7, 2.2)
        surface = rng.choice([Surface.BRICKS, Surface.PLAIN, Surface.FOLIAGE])
        colour = _green(rng) if surface == Surface.FOLIAGE else _wall_colour(rng)
        depth = 0.9 if surface == Surface.FOLIAGE else 0.2
        return _box(
            rng, side * behind, z + 10, depth, height, rng.uniform(10, 20), surface, colour
        )

    def _building(
        self, rng: np.random.Generator, side: int, z: float, behind: float
    ) -> Iterator[Solid]:
        width, length = rng.uniform(7, 14), rng.uniform(8, 19.5)
        height = rng.uniform(3.5, 8) if rng.random() < 0.7 else rng.uniform(8, 20)
        x = side * (behind + self.setback * rng.uniform(0.3, 1.6) + width / 2)
        surface = Surface.WINDOWS if rng.random() < 0.75 else Surface.BRICKS
        middle = z + rng.uniform(8, 12)
        yield _box(rng, x, middle, width, height, length, surface, _wall_colour(rng))
        if rng.random() < 0.6:  # an eave, or a ridge that stands for the roof
            roof = _box(
                rng, x, middle, width + 0.8, 0.5, length + 0.8, Surface.PLAIN, (0.25, 0.12, 0.08)
            )
            yield _raised(roof, height)
            yield _raised(
                _box(rng, x, middle, width * 0.5, 1.6, length, Surface.BRICKS, (0.3, 0.14, 0.1)),
                height + 0.5,
            )

    def _parked(
        self, rng: np.random.Generator, side: int, z: float, junction: bool
    ) -> Iterator[Solid]:
        for place in (0.0, 6.5, 13.0):
            if not junction and rng.random() < self.parking_share:
                x = side * (self.half_width - rng.uniform(0.75, 1.15))
                yield from _vehicle(rng, x, z + place + rng.uniform(1, 4), 0.0)

    def _people(self, rng: np.random.Generator, side: int, z: float) -> Iterator[Solid]:
        for _ in range(rng.poisson(0.25)):
            x = side * (self.half_width + rng.uniform(-0.3, 0.5 + self.pavement))
            yield from _person(rng, x, z + rng.uniform(0, CHUNK_M))

    def _traffic(self, rng: np.random.Generator, z: float) -> Iterator[Solid]:
        if rng.random() < self.traffic:
            lane = self.half_width / 2
            coming = rng.random() < 0.6
            speed = rng.uniform(4, 12) * (-1 if coming else 1)
            yield from _vehicle(rng, (-lane if coming else lane), z + 10, speed)


def random_street(seed: int) -> Street:
    """Draw a street and its weather."""
    rng = np.random.default_rng((seed, 77))
    residential = rng.random() < 0.7
    lanes = 2 if residential else int(rng.integers(2, 5))
    height, turn = np.radians(rng.uniform(18, 65)), rng.uniform(0, 2 * np.pi)
    overcast = rng.random() < 0.35
    strength = rng.uniform(0.05, 0.25) if overcast else rng.uniform(0.7, 1.2)
    light = rng.uniform(0.3, 0.45) if overcast else rng.uniform(0.14, 0.28)
    grey, blue = np.array([0.75, 0.78, 0.82]), np.array([0.25, 0.42, 0.75])
    zenith = (grey if overcast else blue) * rng.uniform(0.8, 1.2)
    horizon = np.array([0.8, 0.84, 0.88]) * rng.uniform(0.8, 1.2)
    return Street(
        seed=seed,
        half_width=rng.uniform(3.0, 4.6) if residential else 1.75 * lanes,
        lanes=lanes,
        has_lane_paint=float(rng.random() < (0.4 if residential else 0.9)),
        has_edge_paint=float(rng.random() < 0.4),
        pavement=rng.uniform(1.0, 3.0) if rng.random() < 0.8 else 0.0,
        setback=rng.uniform(0.5, 6.0) if residential else rng.uniform(2.0, 14.0),
        building_share=rng.uniform(0.3, 0.95),
        tree_share=rng.uniform(0.1, 1.0),
        parking_share=rng.uniform(0.0, 0.6) if residential else rng.uniform(0.0, 0.15),
        traffic=rng.uniform(0.0, 0.25),
        asphalt=_grey(rng, 0.12, 0.3),
        verge=_green(rng) if rng.random() < 0.7 else _grey(rng, 0.2, 0.45),
        sun_direction=(
            float(np.cos(height) * np.cos(turn)),
            float(-np.sin(height)),
            float(np.cos(height) * np.sin(turn)),
        ),
        sun_colour=_vector(strength * np.array([1.0, 0.95, 0.85])),
        sky_light=_vector(light * np.array([0.9, 1.0, 1.1])),
        zenith_colour=_vector(zenith),
        horizon_colour=_vector(horizon),
        cloud_colour=_vector(np.array([0.95, 0.95, 0.97]) * rng.uniform(0.7, 1.1)),
        clear_sky=float(rng.uniform(-0.3, 1.2)),
        clouds_at=float(rng.uniform(0, 200)),
        fog=float(rng.exponential(0.0015)),
    )


def _box(
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
    """Return a box that stands on the ground."""
    return Solid(
        Shape.BOX,
        surface,
        (x, -height / 2, z),
        (width / 2, height / 2, length / 2),
        colour,
        yaw,
        rng.uniform(0, 200),
    )


def _raised(solid: Solid, height: float) -> Solid:
    x, y, z = solid.centre
    return Solid(
        solid.shape,
        solid.surface,
        (x, y - height, z),
        solid.half_size,
        solid.colour,
        solid.yaw,
        solid.texture,
    )


def _vehicle(rng: np.random.Generator, x: float, z: float, speed: float) -> Iterator[Solid]:
    """Yield the solids of a car, van or truck; dark bands high on metal are its glass."""
    kind = rng.choice(['car', 'van', 'truck'], p=[0.82, 0.12, 0.06])
    length, width, height = {
        'car': (4.2, 1.75, 1.48),
        'van': (5.0, 1.95, 2.1),
        'truck': (8.5, 2.4, 3.2),
    }[kind]
    size = rng.uniform(0.92, 1.08)
    length, width, height = length * size, width * size, height * size
    colour = _car_colour(rng)
    yaw = rng.normal(0, 0.02)
    glazed, plain = -rng.uniform(1, 100), rng.uniform(0, 100)

    def part(
        y: float,
        dz: float,
        half: Vector,
        paint: Vector,
        texture: float,
        shape: Shape = Shape.BOX,
        dx: float = 0.0,
    ) -> Solid:
        place = (x + dx + np.sin(yaw) * dz, -y, z + np.cos(yaw) * dz)
        return Solid(shape, Surface.METAL, place, half, paint, yaw, texture, speed)

    if kind == 'car':
        yield part(0.58 * size, 0, (width / 2, 0.33 * size, length / 2), colour, plain)
        yield part(1.18 * size, -0.2, (width / 2 - 0.1, 0.3 * size, length / 4), colour, glazed)
    else:
        yield part(
            0.3 + (height - 0.3) / 2,
            0,
            (width / 2, (height - 0.3) / 2, length / 2),
            colour,
            plain if kind == 'truck' else glazed,
        )
    for dx in (-width / 2 + 0.1, width / 2 - 0.1):
        for dz in (-length * 0.3, length * 0.3):
            yield part(
                0.32, dz, (0.12, 0.32, 0.32), (0.03, 0.03, 0.03), plain, Shape.ELLIPSOID, dx
            )


def _tree(rng: np.random.Generator, x: float, z: float) -> Iterator[Solid]:
    height, radius = rng.uniform(3, 11), rng.uniform(0.08, 0.3)
    crown, green = height * rng.uniform(0.22, 0.4), _green(rng)
    trunk = height * rng.uniform(0.3, 0.6)
    yield Solid(
        Shape.CYLINDER,
        Surface.FOLIAGE,
        (x, -trunk / 2, z),
        (radius, trunk / 2, radius),
        (0.16, 0.11, 0.08),
        0.0,
        rng.uniform(0, 200),
    )
    for _ in range(int(rng.integers(2, 5))):
        offset = rng.normal(0, crown * 0.45, 3)
        size = crown * rng.uniform(0.6, 1.0, 3)
        y = -(trunk + crown * 0.6) + 0.6 * offset[1]
        yield Solid(
            Shape.ELLIPSOID,
            Surface.FOLIAGE,
            (x + offset[0], y, z + offset[2]),
            _vector(size),
            green,
            rng.uniform(0, 3),
            rng.uniform(0, 200),
        )


def _bush(rng: np.random.Generator, x: float, z: float) -> Solid:
    size = rng.uniform(0.4, 1.3, 3)
    return Solid(
        Shape.ELLIPSOID,
        Surface.FOLIAGE,
        (x, -size[1] * 0.6, z),
        _vector(size),
        _green(rng),
        rng.uniform(0, 3),
        rng.uniform(0, 200),
    )


def _pole(rng: np.random.Generator, x: float, z: float) -> Iterator[Solid]:
    height, radius = rng.uniform(2.2, 8), rng.uniform(0.03, 0.12)
    yield Solid(
        Shape.CYLINDER,
        Surface.PLAIN,
        (x, -height / 2, z),
        (radius, height / 2, radius),
        _grey(rng, 0.2, 0.6),
        0.0,
        rng.uniform(0, 200),
    )
    if height < 3.5:
        side = rng.uniform(0.25, 0.45)
        yield Solid(
            Shape.BOX,
            Surface.PLAIN,
            (x, -height + side, z),
            (side, side, 0.02),
            _vector(rng.uniform(0.1, 0.9, 3)),
            rng.normal(0, 0.2),
            rng.uniform(0, 200),
        )


def _person(rng: np.random.Generator, x: float, z: float) -> Iterator[Solid]:
    height, speed = rng.uniform(1.5, 1.9), rng.normal(0, 0.8)
    clothes = _vector(rng.uniform(0.05, 0.7, 3))
    yield Solid(
        Shape.CYLINDER,
        Surface.PLAIN,
        (x, -0.43 * height, z),
        (0.22, 0.43 * height, 0.16),
        clothes,
        0.0,
        rng.uniform(0, 200),
        speed,
    )
    yield Solid(
        Shape.ELLIPSOID,
        Surface.PLAIN,
        (x, -0.93 * height, z),
        (0.1, 0.13, 0.11),
        (0.55, 0.4, 0.32),
        0.0,
        rng.uniform(0, 200),
        speed,
    )


def _vector(values: np.ndarray) -> Vector:
    x, y, z = (float(value) for value in values)
    return x, y, z


def _grey(rng: np.random.Generator, low: float, high: float) -> Vector:
    return _vector(rng.uniform(low, high) * rng.uniform(0.93, 1.07, 3))


def _green(rng: np.random.Generator) -> Vector:
    return _vector(np.array([0.16, 0.22, 0.07]) * rng.uniform(0.6, 1.6) * rng.uniform(0.8, 1.2, 3))


def _wall_colour(rng: np.random.Generator) -> Vector:
    warm = np.array([0.7, 0.55, 0.42]) if rng.random() < 0.5 else np.array([0.7, 0.7, 0.68])
    return _vector(warm * rng.uniform(0.4, 1.15) * rng.uniform(0.85, 1.15, 3))


def _car_colour(rng: np.random.Generator) -> Vector:
    if rng.random() < 0.75:
        return _grey(rng, 0.03, 0.8)
    return _vector(rng.uniform(0.05, 0.6, 3))
