# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Random changes of colour and light: strong for a student, weak and mostly alike for a pair."""

from dataclasses import dataclass

import numpy as np

from adu_depth_core.samples.sample import Image

STRONG, WEAK = 1.0, 0.3
SAME_FOR_BOTH = 0.8


@dataclass(frozen=True)
class Colours:
    """
    One change of colours.

    Parameters
    ----------
    gamma, saturation, contrast, brightness : float
        1 = as it was.
    white_balance : (r, g, b)
        Gains.
    noise : float
        Standard deviation, 1 = white.

    """

    gamma: float
    saturation: float
    contrast: float
    brightness: float
    white_balance: tuple[float, float, float]
    noise: float


def random_colours(rng: np.random.Generator, strength: float) -> Colours:
    """Draw a change; `strength` 0 is none, 1 as far as photographs of one street differ."""
    red, green, blue = 1 + strength * rng.uniform(-0.1, 0.1, 3)
    return Colours(
        gamma=float(np.exp(strength * rng.uniform(-0.22, 0.22))),
        saturation=float(1 + strength * rng.uniform(-0.5, 0.4)),
        contrast=float(1 + strength * rng.uniform(-0.3, 0.3)),
        brightness=float(1 + strength * rng.uniform(-0.25, 0.25)),
        white_balance=(float(red), float(green), float(blue)),
        noise=float(strength * rng.uniform(0.0, 0.02)),
    )


def recoloured(image: Image, colours: Colours, rng: np.random.Generator) -> Image:
    """Apply a change to (H, W, 3) uint8 RGB; `rng` draws its noise."""
    levels = np.linspace(0, 1, 256) ** colours.gamma
    x = levels.astype(np.float32)[image]
    grey, mean = x @ np.full((3, 1), 1 / 3, np.float32), x.mean()
    x = grey + (x - grey) * np.float32(colours.saturation)
    x = mean + (x - mean) * np.float32(colours.contrast)
    x *= np.array(colours.white_balance, np.float32) * np.float32(colours.brightness)
    x += rng.standard_normal(x.shape, np.float32) * np.float32(colours.noise)
    return (np.clip(x, 0, 1) * 255 + 0.5).astype(np.uint8)


def recoloured_pair(left: Image, right: Image, rng: np.random.Generator) -> tuple[Image, Image]:
    """Change a pair a little: four times in five both alike, else each its own way."""
    colours = random_colours(rng, WEAK)
    other = colours if rng.random() < SAME_FOR_BOTH else random_colours(rng, WEAK)
    return recoloured(left, colours, rng), recoloured(right, other, rng)
