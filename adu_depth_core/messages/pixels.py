# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What the bytes of a sensor_msgs/Image mean: views of them as arrays, RGB, and metric depth."""

import numpy as np
from numpy.typing import NDArray

from adu_depth_core.errors import InputError
from adu_depth_core.samples.sample import Depth, Image

# encoding: (type of one channel, number of channels)
ENCODINGS: dict[str, tuple[str, int]] = {
    'mono8': ('u1', 1),
    '8UC1': ('u1', 1),
    'rgb8': ('u1', 3),
    'bgr8': ('u1', 3),
    '8UC3': ('u1', 3),
    'rgba8': ('u1', 4),
    'bgra8': ('u1', 4),
    '8UC4': ('u1', 4),
    'mono16': ('u2', 1),
    '16UC1': ('u2', 1),
    '32FC1': ('f4', 1),
}
DEPTH_ENCODINGS = ('32FC1', '16UC1')


def pixel_view(
    data: NDArray[np.uint8],
    height: int,
    width: int,
    encoding: str,
    step: int,
    is_bigendian: bool = False,
) -> NDArray[np.generic]:
    """
    View the bytes of an image as pixels, without a copy.

    Parameters
    ----------
    data : (at least height * step,) uint8
        What the message holds.
    height, width : int
        Size in pixels.
    encoding : str
        One of `ENCODINGS`.
    step : int
        Bytes from the start of one row to that of the next: rows may be padded.
    is_bigendian : bool
        Byte order of 16 and 32 bit channels.

    Returns
    -------
    (height, width) or (height, width, channels) of uint8, uint16 or float32.

    Raises
    ------
    InputError
        When the encoding is not known or the bytes do not suffice.

    """
    if encoding not in ENCODINGS:
        raise InputError(f'encoding "{encoding}" cannot be read; known are {", ".join(ENCODINGS)}')
    kind, channels = ENCODINGS[encoding]
    dtype = np.dtype(kind).newbyteorder('>' if is_bigendian else '<')
    row = width * channels * dtype.itemsize
    if height <= 0 or width <= 0:
        raise InputError(f'the size {width}x{height} is not positive')
    if step < row:
        raise InputError(f'step {step} is less than the {row} bytes of {width} {encoding} pixels')
    if data.size < height * step:
        raise InputError(f'{data.size} bytes of data are fewer than height * step {height * step}')
    rows = data[: height * step].reshape(height, step)[:, :row]
    pixels = rows.view(dtype)
    return pixels if channels == 1 else pixels.reshape(height, width, channels)


def to_rgb(pixels: NDArray[np.generic], encoding: str) -> Image:
    """
    Return (H, W, 3) uint8 RGB of pixels in any encoding but 32FC1.

    Of 16-bit images the high byte is kept; alpha is dropped.
    """
    if encoding == '32FC1':
        raise InputError('a 32FC1 image is depth, not colour; name a colour or mono topic')
    if pixels.dtype.itemsize == 2:
        pixels = (pixels >> 8).astype(np.uint8)  # type: ignore[operator]
    if pixels.ndim == 2:
        return np.repeat(pixels[..., None], 3, axis=2)  # type: ignore[return-value]
    is_bgr = encoding.startswith(('bgr', '8UC'))
    return pixels[..., 2::-1] if is_bgr else pixels[..., :3]  # type: ignore[return-value]


def to_depth_m(pixels: NDArray[np.generic], encoding: str) -> Depth:
    """
    Return (H, W) float32 depth in metres, NaN = unknown (REP 118).

    32FC1 holds metres; 16UC1 and mono16 hold millimetres in which 0 means unknown.
    """
    if encoding == '32FC1':
        return pixels.astype(np.float32)
    if encoding not in ('16UC1', 'mono16'):
        raise InputError(f'encoding "{encoding}" is no depth; 32FC1 (m) or 16UC1 (mm) is')
    millimetres = pixels.astype(np.float32)
    return np.where(millimetres > 0, millimetres / 1000, np.float32(np.nan)).astype(np.float32)


def to_millimetres(depth_m: Depth) -> NDArray[np.uint16]:
    """Return (H, W) uint16 of 16UC1, rounded: unknown, sky and beyond 65.535 m become 0."""
    scaled = np.round(depth_m * np.float32(1000))
    known = (scaled > 0) & (scaled <= np.iinfo(np.uint16).max)
    return np.where(known, scaled, 0).astype(np.uint16)


def is_of_depth(encoding: str) -> bool:
    """Tell whether images of an encoding are taken for depth where nobody says what they are."""
    return encoding in DEPTH_ENCODINGS
