# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What the bytes of a sensor_msgs/Image mean: views of them as arrays, RGB, and metric depth."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from adu_depth_core.errors import InputError
from adu_depth_core.messages.encodings import ENCODINGS as ENCODINGS
from adu_depth_core.samples.sample import Depth, Image

DEPTH_ENCODINGS = ('32FC1', '16UC1')
LARGEST_MM = np.iinfo(np.uint16).max
# Of 16 bits the high byte is taken: what uses the lower ones alone is black.
DARK = 16
TOO_DARK = (
    'the images in {} are black, they use the lower 12 of 16 bits or fewer; shift their values to '
    'the upper bits, or publish 8 bits'
)


def decoded_pixels(
    data: NDArray[np.uint8],
    height: int,
    width: int,
    encoding: str,
    step: int,
    is_bigendian: bool = False,
) -> tuple[str, NDArray[np.generic]]:
    """
    Return the encoding and the pixels of an image, whoever received it.

    Parameters
    ----------
    data, height, width, encoding, step, is_bigendian
        As for `pixel_view`.

    Returns
    -------
    encoding : str
        As given; 'rgb8' where OpenCV had to convert, as Bayer patterns and YUV.
    pixels : (height, width) or (height, width, channels)
        A view of `data`, but for what was converted.

    Raises
    ------
    InputError
        As `pixel_view`, and when OpenCV refuses the size.

    """
    pixels = pixel_view(data, height, width, encoding, step, is_bigendian)
    conversion = ENCODINGS[encoding].conversion
    if conversion is None:
        return encoding, pixels
    if encoding == 'nv24':
        colours = data[height * step : 3 * height * step].reshape(height, 2 * step)
        doubled = _each_pixel_twice(pixels[:height], colours[:, : 2 * width])
        return 'rgb8', np.asarray(cv2.cvtColor(doubled, conversion))[:, ::2]
    try:
        # OpenCV knows the byte order of this machine alone.
        native: Any = np.ascontiguousarray(pixels, pixels.dtype.newbyteorder('='))
        return 'rgb8', _high_byte(np.asarray(cv2.cvtColor(native, conversion)))
    except cv2.error as error:
        raise InputError(
            f'OpenCV cannot convert {width}x{height} pixels of encoding "{encoding}" ({error.err})'
        ) from error


def _each_pixel_twice(luma: NDArray[Any], colours: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """
    Return (H, 2 W, 2) UYVY, in which two pixels share a colour, of (H, W) and (H, 2 W) of NV24.

    OpenCV converts no YUV of which each pixel has its own colour.
    """
    uyvy = np.empty((*colours.shape, 2), np.uint8)
    uyvy[..., 0] = colours
    uyvy[..., 1] = luma.repeat(2, axis=1)
    return uyvy


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
    (rows, width) or (rows, width, channels) of uint8, uint16 or float32; rows are `height`, and
    more where colours lie below the picture (NV12, NV21, NV24).

    Raises
    ------
    InputError
        When the encoding is not known or the bytes do not suffice.

    """
    if encoding not in ENCODINGS:
        raise InputError(f'encoding "{encoding}" cannot be read; known are {", ".join(ENCODINGS)}')
    kind, channels, _, _, planes = ENCODINGS[encoding]
    dtype = np.dtype(kind).newbyteorder('>' if is_bigendian else '<')
    row, rows = width * channels * dtype.itemsize, int(height * planes)
    if height <= 0 or width <= 0:
        raise InputError(f'the image is {width}x{height} pixels; check its publisher')
    if step < row:
        raise InputError(
            f'step is {step}, but a row of {width} pixels in {encoding} has {row} bytes; '
            'check its publisher'
        )
    if data.size < rows * step:
        raise InputError(
            f'data has {data.size} bytes, but {rows} rows of {step} bytes have {rows * step}; '
            'check its publisher'
        )
    shape, strides = (rows, width, channels), (step, channels * dtype.itemsize, dtype.itemsize)
    # Before NumPy 1.23 rows with a padding between them could not be viewed as another type.
    pixels = np.ndarray(shape, dtype, np.ascontiguousarray(data), strides=strides)
    return pixels[..., 0] if channels == 1 else pixels


def to_rgb(pixels: NDArray[np.generic], encoding: str) -> Image:
    """
    Return (H, W, 3) uint8 RGB of what `decoded_pixels` gave, a view of it; do not write there.

    Of 16-bit images the high byte is taken; alpha is dropped. Raises InputError for 32FC1.
    """
    if encoding == '32FC1':
        raise InputError('a 32FC1 image is depth, not colour; name a colour or mono topic')
    values = _high_byte(pixels)
    if values.ndim == 2:
        return np.broadcast_to(values[..., None], (*values.shape, 3))
    return values[..., ENCODINGS[encoding].colours]


def is_too_dark(rgb: Image, encoding: str) -> bool:
    """Tell whether an image of 16 bits uses its lower bits alone, so that it looks black."""
    stored = ENCODINGS.get(encoding)
    return stored is not None and stored.kind == 'u2' and bool(rgb.size and rgb.max() < DARK)


def _high_byte(values: NDArray[np.generic]) -> Image:
    """View the higher byte of each number of 16 bits; one of 8 bits as it is."""
    if values.dtype.itemsize == 1:
        return values  # type: ignore[return-value]
    at = 1 if values.dtype == values.dtype.newbyteorder('<') else 0
    return values.view(np.uint8)[..., at::2]


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


def to_millimetres(depth_m: Depth, out: NDArray[np.uint16] | None = None) -> NDArray[np.uint16]:
    """
    Return (H, W) uint16 of 16UC1, rounded: unknown, sky and beyond 65.535 m become 0 (REP 118).

    `out`, where it is given, is written into and returned.
    """
    scaled = np.rint(depth_m * np.float32(1000))
    scaled[~((scaled > 0) & (scaled <= LARGEST_MM))] = 0
    if out is None:
        return scaled.astype(np.uint16)
    np.copyto(out, scaled, casting='unsafe')
    return out


def is_of_depth(encoding: str) -> bool:
    """Tell whether images of an encoding are taken for depth where nobody says what they are."""
    return encoding in DEPTH_ENCODINGS
