# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""An endless street, made chunk by chunk from a seed."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from adu_depth_core.synthetic import roadside
from adu_depth_core.synthetic.buildings import building
from adu_depth_core.synthetic.palette import green, grey, vector
from adu_depth_core.synthetic.placing import standing_box
from adu_depth_core.synthetic.plants import bush, mound, tree
from adu_depth_core.synthetic.solids import Solid, Surface, Vector
from adu_depth_core.synthetic.tunnels import PIECE_M, Tunnel, tunnel_piece, tunnels_between
from adu_depth_core.synthetic.vehicles import person, vehicle

CHUNK_M = PIECE_M
BEHIND_M, AHEAD_M = 20.0, 180.0


@dataclass(frozen=True)
class Street:
    """
    What is the same all along a street: its layout, its colours, its weather.

    Lengths in metres, colours linear 0 to 1, `sun_direction` points to the sun, `fog` in 1/m.
    From x = `kept_clear[0]` to `kept_clear[1]` there is neither vehicle nor person.
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
    tunnel_share: float
    wires_side: int
    kept_clear: tuple[float, float] = (0.0, 0.0)

    def solids(self, z: float) -> list[Solid]:
        """Return everything that stands from a little behind `z` to far ahead of it."""
        first = int((z - BEHIND_M) // CHUNK_M)
        last = int((z + AHEAD_M) // CHUNK_M)
        tunnels = self.tunnels(z)
        return [solid for chunk in range(first, last + 1) for solid in self._chunk(chunk, tunnels)]

    def tunnels(self, z: float) -> list[Tunnel]:
        """Return the tunnels that may be seen from `z`."""
        first, last = z - 2 * BEHIND_M, z + AHEAD_M
        return tunnels_between(self.seed, self.tunnel_share, self.half_width, first, last)

    def _chunk(self, number: int, tunnels: list[Tunnel]) -> Iterator[Solid]:
        rng = np.random.default_rng((self.seed, number + 10_000))
        z = number * CHUNK_M
        for tunnel in tunnels:
            if tunnel.start <= z < tunnel.end:
                yield from tunnel_piece(tunnel, z)
                yield from self._traffic(rng, z)
                return
        junction = rng.random() < 0.12
        for side in (-1, 1):
            if not junction:
                yield from self._roadside(rng, side, z)
            yield from self._parked(rng, side, z, junction)
            yield from self._people(rng, side, z)
        yield from self._traffic(rng, z)
        yield from self._across(rng, z)

    def _roadside(self, rng: np.random.Generator, side: int, z: float) -> Iterator[Solid]:
        edge = self.half_width
        if self.pavement > 0.5:
            yield self._pavement(rng, side, z)
        behind = edge + self.pavement + 0.3
        if rng.random() < 0.45:
            yield from roadside.fence(rng, side * behind, z + 10)
        if rng.random() < self.building_share:
            near_x = behind + self.setback * rng.uniform(0.3, 1.6)
            yield from building(rng, side, near_x, z + rng.uniform(8, 12))
        for _ in range(rng.poisson(self.tree_share * 2.0)):
            x = side * (edge + self.pavement * rng.uniform(0.6, 1) + rng.exponential(2.5))
            yield from tree(rng, x, z + rng.uniform(0, CHUNK_M))
        if rng.random() < 0.55:
            x = side * (edge + rng.uniform(0.3, 0.9))
            yield from roadside.pole(rng, x, z + rng.uniform(0, 20))
        if rng.random() < 0.35:
            yield from bush(rng, side * (behind + rng.uniform(0, 2)), z + rng.uniform(0, 20))
        if rng.random() < 0.2:
            x = side * (behind + rng.uniform(14, 25))
            yield mound(rng, x, z + rng.uniform(0, 20), self.verge)
        if rng.random() < 0.12:
            yield from roadside.railing(rng, side * (edge + 0.2), z + 10)
        if rng.random() < 0.15:
            x = side * (edge + rng.uniform(0.6, 1.0 + self.pavement))
            yield from roadside.slanted(rng, x, z + rng.uniform(0, 20))
        if side == self.wires_side:
            yield from roadside.wires(rng, side * (behind - 0.1), z, CHUNK_M)

    def _pavement(self, rng: np.random.Generator, side: int, z: float) -> Solid:
        x = side * (self.half_width + self.pavement / 2)
        colour = grey(rng, 0.25, 0.5)
        return standing_box(rng, x, z + 10, self.pavement, 0.14, CHUNK_M, Surface.PAVING, colour)

    def _across(self, rng: np.random.Generator, z: float) -> Iterator[Solid]:
        kind = rng.random()
        if kind < 0.05:
            yield from roadside.gantry(rng, self.half_width, z + rng.uniform(0, CHUNK_M))
        elif kind < 0.08:
            yield from roadside.overpass(rng, self.half_width, z + CHUNK_M / 2)

    def _parked(
        self, rng: np.random.Generator, side: int, z: float, junction: bool
    ) -> Iterator[Solid]:
        for place in (0.0, 6.5, 13.0):
            if not junction and rng.random() < self.parking_share:
                x = side * (self.half_width - rng.uniform(0.75, 1.15))
                parked = vehicle(rng, x, z + place + rng.uniform(1, 4), 0.0)
                yield from self._unless_in_the_way(parked)

    def _people(self, rng: np.random.Generator, side: int, z: float) -> Iterator[Solid]:
        for _ in range(rng.poisson(0.25)):
            x = side * (self.half_width + rng.uniform(-0.3, 0.5 + self.pavement))
            walker = person(rng, x, z + rng.uniform(0, CHUNK_M))
            yield from self._unless_in_the_way(walker)

    def _traffic(self, rng: np.random.Generator, z: float) -> Iterator[Solid]:
        if rng.random() < self.traffic:
            lane = self.half_width / 2
            coming = rng.random() < 0.6
            speed = rng.uniform(4, 12) * (-1 if coming else 1)
            driver = vehicle(rng, (-lane if coming else lane), z + 10, speed)
            yield from self._unless_in_the_way(driver)

    def _unless_in_the_way(self, thing: Iterator[Solid]) -> list[Solid]:
        """Return all solids of a thing, or none where they do not fit."""
        low, high = self.kept_clear
        solids = list(thing)
        reaches = (
            solid.centre[0] - solid.half_size[0] < high
            and solid.centre[0] + solid.half_size[0] > low
            for solid in solids
        )
        return [] if low < high and any(reaches) else solids


def random_street(seed: int) -> Street:
    """Draw a street and its weather."""
    rng = np.random.default_rng((seed, 77))
    residential = rng.random() < 0.7
    lanes = 2 if residential else int(rng.integers(2, 5))
    height, turn = np.radians(rng.uniform(18, 65)), rng.uniform(0, 2 * np.pi)
    overcast = rng.random() < 0.35
    strength = rng.uniform(0.05, 0.25) if overcast else rng.uniform(0.7, 1.2)
    light = rng.uniform(0.3, 0.45) if overcast else rng.uniform(0.14, 0.28)
    dull, blue = np.array([0.75, 0.78, 0.82]), np.array([0.25, 0.42, 0.75])
    zenith = (dull if overcast else blue) * rng.uniform(0.8, 1.2)
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
        asphalt=grey(rng, 0.12, 0.3),
        verge=green(rng) if rng.random() < 0.7 else grey(rng, 0.2, 0.45),
        sun_direction=(
            float(np.cos(height) * np.cos(turn)),
            float(-np.sin(height)),
            float(np.cos(height) * np.sin(turn)),
        ),
        sun_colour=vector(strength * np.array([1.0, 0.95, 0.85])),
        sky_light=vector(light * np.array([0.9, 1.0, 1.1])),
        zenith_colour=vector(zenith),
        horizon_colour=vector(horizon),
        cloud_colour=vector(np.array([0.95, 0.95, 0.97]) * rng.uniform(0.7, 1.1)),
        clear_sky=float(rng.uniform(-0.3, 1.2)),
        clouds_at=float(rng.uniform(0, 200)),
        fog=float(rng.exponential(0.0015)),
        tunnel_share=0.8 if rng.random() < 0.25 else 0.0,
        wires_side=int(rng.choice([-1, 0, 0, 1])),
    )
