# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The size at which a network sees a camera's image."""

import math
from typing import NamedTuple

MULTIPLE = 32
DEFAULT_PIXELS = 640 * 192


class NetworkSize(NamedTuple):
    """Size in px after an isotropic resize, and with the padding at right and bottom."""

    width: int
    height: int
    padded_width: int
    padded_height: int


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


def _full_scales(side: int, pixels: int) -> list[float]:
    """Scales that need no padding along `side`."""
    return [n * MULTIPLE / side for n in range(1, pixels // MULTIPLE**2 + 1)]


def _padded_area(width: int, height: int, scale: float) -> int:
    return _padded(_scaled(width, scale)) * _padded(_scaled(height, scale))


def _scaled(side: int, scale: float) -> int:
    return max(1, round(side * scale))


def _padded(side: int) -> int:
    return math.ceil(side / MULTIPLE) * MULTIPLE
