# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The size at which a network sees a camera's image."""

import math
import re
from functools import lru_cache
from typing import NamedTuple

from adu_depth_core.errors import InputError

MULTIPLE = 32
DEFAULT_PIXELS = 640 * 192


class NetworkSize(NamedTuple):
    """Size in px after an isotropic resize, and with the padding at right and bottom."""

    width: int
    height: int
    padded_width: int
    padded_height: int


@lru_cache(maxsize=16)
def network_size(width: int, height: int, pixels: int = DEFAULT_PIXELS) -> NetworkSize:
    """
    Find the largest size whose padded area is at most `pixels`; never larger than the image.

    Parameters
    ----------
    width, height : int
        Size of the camera's image.
    pixels : int
        Area that the network is to see, padding included; at least 32 x 32.

    """
    scales = [1.0, *_full_scales(width, pixels), *_full_scales(height, pixels)]
    fitting = [s for s in scales if s <= 1 and _padded_area(width, height, s) <= pixels]
    scale = max(fitting, default=MULTIPLE / max(width, height))
    w, h = _scaled(width, scale), _scaled(height, scale)
    return NetworkSize(w, h, _padded(w), _padded(h))


def fitted_size(width: int, height: int, box: tuple[int, int]) -> NetworkSize:
    """
    Find the largest size within `box`, (width, height) in px; never larger than the image.

    Parameters
    ----------
    width, height : int
        Size of the camera's image.
    box : (int, int)
        Multiples of 32: the padding fits in as well.

    """
    scale = min(1.0, box[0] / width, box[1] / height)
    w, h = _scaled(width, scale), _scaled(height, scale)
    return NetworkSize(w, h, _padded(w), _padded(h))


def filled_size(width: int, height: int, box: tuple[int, int]) -> NetworkSize:
    """Return `fitted_size` padded to the whole of `box`: for a graph that knows one size only."""
    return NetworkSize(*fitted_size(width, height, box)[:2], *box)


def parsed_size(text: str, multiple: int = MULTIPLE) -> tuple[int, int]:
    """Read `640x192`, sides in px; `InputError` when `multiple` does not divide both."""
    match = re.fullmatch(r'(\d+)x(\d+)', text.strip())
    size = (int(match[1]), int(match[2])) if match else (0, 0)
    if 0 in size or size[0] % multiple or size[1] % multiple:
        unit = 'px' if multiple == 1 else f'multiples of {multiple}'
        raise InputError(f'size "{text}" is not WIDTHxHEIGHT in {unit}; try 640x192')
    return size


def _full_scales(side: int, pixels: int) -> list[float]:
    """Scales that need no padding along `side`."""
    return [n * MULTIPLE / side for n in range(1, pixels // MULTIPLE**2 + 1)]


def _padded_area(width: int, height: int, scale: float) -> int:
    return _padded(_scaled(width, scale)) * _padded(_scaled(height, scale))


def _scaled(side: int, scale: float) -> int:
    return max(1, round(side * scale))


def _padded(side: int) -> int:
    return math.ceil(side / MULTIPLE) * MULTIPLE
