# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
Depth and its scale as 16-bit pictures; 0 = unknown in both.

Depth is metres times 256 as in KITTI, and 65535 is sky, or whatever else is 255.99 m away or
farther; it is read as infinite. The Laplace scale b of log-depth is times 65536, so that rounding
changes a b of 0.0025 by 0.3 %.
"""

import numpy as np
from numpy.typing import NDArray

from adu_depth_core.samples.image_files import DEPTH_SCALE
from adu_depth_core.samples.sample import Depth

SKY = np.iinfo(np.uint16).max
SCALE_FACTOR = 65536.0

Stored = NDArray[np.uint16]


def encode_depth(depth_m: Depth) -> Stored:
    """Round metres to 1/256; what is not positive is unknown, what is too far to write sky."""
    scaled = np.minimum(np.round(depth_m * np.float32(DEPTH_SCALE)), SKY)
    return np.where(scaled >= 1, scaled, 0).astype(np.uint16)


def decode_depth(stored: Stored) -> Depth:
    """Return metres as (H, W) float32: NaN unknown, +inf sky."""
    depth_m = stored.astype(np.float32) / np.float32(DEPTH_SCALE)
    depth_m[stored == 0], depth_m[stored == SKY] = np.nan, np.inf
    return depth_m


def encode_teacher(depth_m: Depth, scale: Depth) -> tuple[Stored, Stored]:
    """Round a teacher's depth and scale b; what either does not know is unknown in both."""
    depth = encode_depth(depth_m)
    known = (depth > 0) & (depth < SKY) & np.isfinite(scale) & (scale > 0)
    scaled = np.clip(np.round(scale * np.float32(SCALE_FACTOR)), 1, np.iinfo(np.uint16).max)
    return np.where(known, depth, 0), np.where(known, scaled, 0).astype(np.uint16)


def decode_scale(stored: Stored) -> Depth:
    """Return the Laplace scale b as (H, W) float32, NaN where unknown."""
    scale = stored.astype(np.float32) / np.float32(SCALE_FACTOR)
    scale[stored == 0] = np.nan
    return scale
