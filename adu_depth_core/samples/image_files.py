# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Image files: RGB pictures and 16-bit depth PNGs (KITTI: metres times 256, 0 = unknown)."""

from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from adu_depth_core.atomic_files import written_whole
from adu_depth_core.errors import InputError
from adu_depth_core.regular_files import read_regular
from adu_depth_core.samples.picture_bytes import MAX_PIXELS
from adu_depth_core.samples.picture_decoder import decoded_bytes
from adu_depth_core.samples.sample import Depth, Image

DEPTH_SCALE = 256.0
MAX_BYTES = 2**30


def read_rgb(path: Path, max_pixels: int = MAX_PIXELS) -> Image:
    """Read a picture as (H, W, 3) uint8 RGB; `InputError` when it cannot be decoded whole."""
    picture = _decoded(path, cv2.IMREAD_COLOR, max_pixels)
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB), np.uint8)


def write_rgb(path: Path, image: Image) -> None:
    """Write (H, W, 3) uint8 RGB; the suffix of `path` chooses the format."""
    write_image(path, cv2.cvtColor(image, cv2.COLOR_RGB2BGR))


def read_depth_png(path: Path) -> Depth:
    """Read a 16-bit PNG as (H, W) float32 metres, NaN where it holds 0."""
    stored = read_uint16(path)
    return np.where(stored > 0, stored / np.float32(DEPTH_SCALE), np.float32(np.nan))


def read_matching_depth(path: Path, size: tuple[int, int]) -> Depth:
    """Read a depth PNG that must have the (width, height) of its image."""
    depth_m = read_depth_png(path)
    if depth_m.shape != size[::-1]:
        raise InputError(
            f'{path}: size {depth_m.shape[1]}x{depth_m.shape[0]}, its image has '
            f'{size[0]}x{size[1]}'
        )
    return depth_m


def read_uint16(path: Path, max_pixels: int = MAX_PIXELS) -> NDArray[np.uint16]:
    """Read a 16-bit PNG as (H, W) uint16; `InputError` when it is anything else."""
    stored = _decoded(path, cv2.IMREAD_UNCHANGED, max_pixels)
    if stored.dtype != np.uint16 or stored.ndim != 2:
        raise InputError(f'{path}: not a 16-bit single-channel PNG')
    return np.asarray(stored, np.uint16)


def _decoded(path: Path, flags: int, max_pixels: int) -> NDArray[Any]:
    try:
        data = read_regular(path, most=MAX_BYTES)
    except OSError as error:
        raise InputError(f'{path}: cannot be read ({error.strerror})') from error
    try:
        return decoded_bytes(data, flags, max_pixels)
    except InputError as error:
        raise InputError(f'{path}: {error}') from error


def write_depth_png(path: Path, depth_m: Depth) -> None:
    """Write metres as 16-bit PNG, rounded; what is unknown or beyond 255.99 m becomes 0."""
    scaled = np.round(depth_m * DEPTH_SCALE)
    known = (scaled >= 0.5) & (scaled <= np.iinfo(np.uint16).max)
    write_image(path, np.where(known, scaled, 0).astype(np.uint16))


def write_image(path: Path, stored: np.ndarray) -> None:
    """Write an array as OpenCV would, whole or not at all."""
    with written_whole(path) as temporary:
        # Not by OpenCV, which does not say when the end of the file finds no space.
        temporary.write_bytes(_encoded(path, stored))


def _encoded(path: Path, stored: np.ndarray) -> bytes:
    try:
        good, data = cv2.imencode(path.suffix, stored)
    except cv2.error:
        good = False
    if not good:
        raise InputError(f'{path}: OpenCV cannot write this kind of picture')
    return data.tobytes()
