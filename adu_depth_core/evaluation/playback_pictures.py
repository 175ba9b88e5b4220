# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Pictures of a published frame for a report: image, depth, error and standard deviation."""

import base64
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from adu_depth_core.data.sample import Depth, Image
from adu_depth_core.errors import InputError
from adu_depth_core.evaluation.colours import coloured, coloured_depth

WIDTH_PX = 621
JPEG_QUALITY = 85
NEAREST_M, FARTHEST_M = 2.0, 80.0
LARGEST_ERROR_M = 10.0
SPARSE_SHARE = 0.3


@dataclass(frozen=True)
class Scale:
    """A colour legend: a `data:` picture of the colours and the metres along it, in percent."""

    title: str
    colours: str
    ticks: tuple[tuple[float, str], ...]


def pictures(image: Image, depth_m: Depth, std_m: Depth, truth_m: Depth | None) -> dict[str, str]:
    """
    Return {title: data URL} of one frame.

    Parameters
    ----------
    image : (H, W, 3) uint8
        RGB.
    depth_m, std_m : (H, W) float32
        Metres, NaN = unknown.
    truth_m : (H, W) float32, optional
        Metres; the error is shown where it is known.

    """
    shown = {'image': _photo(image), 'depth': _chart(coloured_depth(_fitted(depth_m)))}
    if truth_m is not None:
        error_m = np.where(np.isfinite(truth_m), np.abs(depth_m - truth_m), np.nan)
        shown['error'] = _chart(_error_colours(_fitted(error_m.astype(np.float32))))
    shown['std'] = _chart(_error_colours(_fitted(std_m)))
    return shown


def scales() -> tuple[Scale, Scale]:
    """Return the legends of depth (logarithmic) and of error and std (linear)."""
    depth_m = np.geomspace(NEAREST_M, FARTHEST_M, 256)[None]
    error_m = np.linspace(0.0, LARGEST_ERROR_M, 256)[None]
    depth_ticks = tuple(
        (100 * float(np.log(m / NEAREST_M) / np.log(FARTHEST_M / NEAREST_M)), f'{m:g}')
        for m in (2, 5, 10, 20, 40, 80)
    )
    error_ticks = tuple((100 * m / LARGEST_ERROR_M, f'{m:g}') for m in (0, 2.5, 5, 7.5, 10))
    return (
        Scale('depth in m', _chart(coloured_depth(depth_m)), depth_ticks),
        Scale(
            'error and one standard deviation in m',
            _chart(_error_colours(error_m)),
            error_ticks,
        ),
    )


def _error_colours(values_m: NDArray[np.floating]) -> Image:
    """Blue is no error, red is `LARGEST_ERROR_M` or more."""
    return coloured(values_m, LARGEST_ERROR_M, 0.0)


def _fitted(values_m: Depth) -> Depth:
    """Shrink to the width of the report; the pixels of sparse values grow, to stay visible."""
    known = np.isfinite(values_m)
    if known.mean() < SPARSE_SHARE:
        grown = cv2.dilate(np.where(known, values_m, -1.0), np.ones((5, 5), np.uint8))
        values_m = np.where(grown < 0, np.nan, grown).astype(np.float32)
    small = cv2.resize(values_m, _report_size(values_m), interpolation=cv2.INTER_NEAREST)
    return np.asarray(small, np.float32)


def _report_size(pixels: NDArray[np.generic]) -> tuple[int, int]:
    """Return width and height, no wider than the report."""
    height, width = pixels.shape[:2]
    share = min(WIDTH_PX / width, 1.0)
    return round(width * share), max(round(height * share), 1)


def _photo(image: Image) -> str:
    whole = np.ascontiguousarray(image)
    small = cv2.resize(whole, _report_size(whole), interpolation=cv2.INTER_AREA)
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
