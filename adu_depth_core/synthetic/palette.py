# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Random colours of streets, linear reflectance 0 to 1."""

import numpy as np

from adu_depth_core.synthetic.solids import Vector


def vector(values: np.ndarray) -> Vector:
    """Return three numbers as a tuple."""
    x, y, z = (float(value) for value in values)
    return x, y, z


def grey(rng: np.random.Generator, low: float, high: float) -> Vector:
    """Draw concrete, asphalt, galvanised steel."""
    return vector(rng.uniform(low, high) * rng.uniform(0.93, 1.07, 3))


def green(rng: np.random.Generator) -> Vector:
    """Draw grass or leaves."""
    return vector(np.array([0.16, 0.22, 0.07]) * rng.uniform(0.6, 1.6) * rng.uniform(0.8, 1.2, 3))


def wall_colour(rng: np.random.Generator) -> Vector:
    """Draw the plaster or stone of a house."""
    warm = np.array([0.7, 0.55, 0.42]) if rng.random() < 0.5 else np.array([0.7, 0.7, 0.68])
    return vector(warm * rng.uniform(0.4, 1.15) * rng.uniform(0.85, 1.15, 3))


def car_colour(rng: np.random.Generator) -> Vector:
    """Draw the paint of a vehicle: mostly black, grey or white."""
    if rng.random() < 0.75:
        return grey(rng, 0.03, 0.8)
    return vector(rng.uniform(0.05, 0.6, 3))
