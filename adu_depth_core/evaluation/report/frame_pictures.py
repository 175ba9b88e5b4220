# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Pictures of a frame: image, depth, error and standard deviation, in the same colours always."""

import base64
import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from adu_depth_core.errors import InputError
from adu_depth_core.evaluation.colours import coloured, coloured_depth
from adu_depth_core.samples.sample import Depth, Image

NEAREST_M, FARTHEST_M = 2.0, 80.0
LARGEST_ERROR_M = 10.0
DEPTH_TICKS_M = (2, 5, 10, 20, 40, 80)
ERROR_TICKS_M = (0, 2.5, 5, 7.5, 10)
SPARSE_SHARE = 0.3
JPEG_QUALITY = 85
LARGEST_PX = 120_000  # 630 x 190: sharp enough for half a screen
ALL_FRAMES_PX = 400_000  # of one kind of picture together, so that the page stays small


@dataclass(frozen=True)
class ShownFrame:
    """
    A frame to look at.

    Attributes
    ----------
    caption : str
        Which one it is and why it is shown.
    image : (H, W, 3) uint8
        RGB.
    depth_m, std_m : (H, W) float32
        What was predicted, metres, NaN = unknown.
    truth_m : (H, W) float32, optional
        Metres; the error is shown where it is finite.

    """

    caption: str
    image: Image
    depth_m: Depth
    std_m: Depth
    truth_m: Depth | None = None


@dataclass(frozen=True)
class Scale:
    """A colour legend: a `data:` picture of the colours, and places in percent with metres."""

    title: str
    colours: str
    ticks: tuple[tuple[float, str], ...]


def pixels_per_picture(frames: int) -> int:
    """Return the largest area of a picture in px where so many frames are shown."""
    return min(LARGEST_PX, ALL_FRAMES_PX // max(frames, 1))


def pictures(frame: ShownFrame, area_px: int = LARGEST_PX) -> dict[str, str]:
    """Return {title: data URL} of a frame, no picture larger than `area_px`."""
    shown = {
        'image': _photo(frame.image, area_px),
        'depth': _chart(coloured_depth(shrunk(frame.depth_m, area_px))),
    }
    if frame.truth_m is not None:
        error_m = _error_m(frame.depth_m, frame.truth_m)
        if np.isfinite(frame.truth_m).mean() < SPARSE_SHARE:
            error_m = grown(error_m, area_px)
        shown['error'] = _chart(error_colours(shrunk(error_m, area_px)))
    shown['standard deviation'] = _chart(error_colours(shrunk(frame.std_m, area_px)))
    return shown


def scales() -> tuple[Scale, Scale]:
    """Return the legends of depth (logarithmic) and of error and std (linear)."""
    depth_m = np.geomspace(NEAREST_M, FARTHEST_M, 256)[None]
    error_m = np.linspace(0.0, LARGEST_ERROR_M, 256)[None]
    span = math.log(FARTHEST_M / NEAREST_M)
    depth_ticks = tuple(
        (100 * math.log(m / NEAREST_M) / span, f'{m:g}\N{NO-BREAK SPACE}m') for m in DEPTH_TICKS_M
    )
    error_ticks = tuple(
        (100 * m / LARGEST_ERROR_M, f'{m:g}\N{NO-BREAK SPACE}m') for m in ERROR_TICKS_M
    )
    return (
        Scale('depth', _chart(coloured_depth(depth_m)), depth_ticks),
        Scale('error and standard deviation', _chart(error_colours(error_m)), error_ticks),
    )


def error_colours(values_m: NDArray[np.floating]) -> Image:
    """Colour metres, (H, W) float: blue is none, red is `LARGEST_ERROR_M` or more."""
    return coloured(values_m, LARGEST_ERROR_M, 0.0)


def shrunk(values_m: Depth, area_px: int) -> Depth:
    """Shrink (H, W) to an area; pixels are picked, so that no value is made up."""
    size = _shrunk_size(values_m, area_px)
    return np.asarray(cv2.resize(values_m, size, interpolation=cv2.INTER_NEAREST), np.float32)


def grown(values_m: Depth, area_px: int) -> Depth:
    """Let the known pixels of (H, W) grow by as much as shrinking leaves out; the largest wins."""
    reach = math.ceil(values_m.shape[1] / _shrunk_size(values_m, area_px)[0])
    kernel = np.ones((2 * reach + 1, 2 * reach + 1), np.uint8)
    widened = cv2.dilate(np.where(np.isfinite(values_m), values_m, -1.0), kernel)
    return np.where(widened < 0, np.nan, widened).astype(np.float32)


def _error_m(depth_m: Depth, truth_m: Depth) -> Depth:
    """Return |depth - truth|; NaN where truth is sky or unknown, or depth is unknown."""
    known_m = np.where(np.isfinite(truth_m), truth_m, np.nan)
    return np.abs(depth_m - known_m).astype(np.float32)


def _shrunk_size(pixels: NDArray[np.generic], area_px: int) -> tuple[int, int]:
    """Return width and height of the same shape, of at most that area."""
    height, width = pixels.shape[:2]
    share = min(math.sqrt(area_px / (height * width)), 1.0)
    return max(int(width * share), 1), max(int(height * share), 1)


def _photo(image: Image, area_px: int) -> str:
    whole = np.ascontiguousarray(image)
    small = cv2.resize(whole, _shrunk_size(whole, area_px), interpolation=cv2.INTER_AREA)
    return _data_url(np.asarray(small, np.uint8), '.jpg', 'image/jpeg')


def _chart(image: Image) -> str:
    return _data_url(image, '.png', 'image/png')


def _data_url(image: Image, suffix: str, mime: str) -> str:
    bgr = cv2.cvtColor(image, cv2.COLOR_RGB2BGR)
    quality = [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY] if suffix == '.jpg' else []
    good, encoded = cv2.imencode(suffix, bgr, quality)
    if not good:
        raise InputError(f'a picture of shape {image.shape} cannot be written as {mime}')
    return f'data:{mime};base64,{base64.b64encode(encoded.tobytes()).decode()}'
