# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Depth images that are to fit a camera image pixel by pixel."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from adu_depth_core.errors import InputError
from adu_depth_core.messages.pixels import to_depth_m
from adu_depth_core.messages.stamped import StampedImage
from adu_depth_core.samples.sample import Depth

# Nothing in sight is nearer where metres are meant.
FARTHEST_M = 200.0


class ImagePlace(NamedTuple):
    """The frame of a camera image, and its width and height in pixels."""

    frame_id: str
    width: int
    height: int


def registered_depth(picture: StampedImage, topic: str, image: ImagePlace) -> Depth:
    """
    Return a depth image of a camera image, (H, W) float32 metres, see `to_depth_m`.

    Raises
    ------
    InputError
        When it is not depth, not in metres, or not registered to the image.

    """
    try:
        depth_m = to_depth_m(picture.pixels, picture.encoding)
    except InputError as error:
        raise InputError(f'{topic}: {error}') from error
    check_is_metres(topic, depth_m)
    check_is_registered(topic, picture.frame_id, depth_m, image)
    return depth_m


def check_is_metres(topic: str, depth_m: Depth) -> None:
    """Raise InputError where the nearest depth is farther than any camera measures."""
    known = depth_m[np.isfinite(depth_m) & (depth_m > 0)]
    if known.size and known.min() > FARTHEST_M:
        raise InputError(
            f'{topic}: its depth is from {known.min():.4g} to {known.max():.4g} m; if these are '
            'millimetres, publish them as 16UC1, or metres as 32FC1'
        )


def check_is_registered(
    topic: str, frame_id: str, pixels: NDArray[np.generic], image: ImagePlace
) -> None:
    """Raise InputError where (H, W) pixels in a frame are not those of a camera image."""
    frames = {frame.removeprefix('/') for frame in (frame_id, image.frame_id)} - {''}
    if len(frames) > 1:
        raise InputError(
            f'{topic}: is of the frame {frame_id}, its image of {image.frame_id}; '
            'true depth must be registered to the image'
        )
    height, width = pixels.shape[:2]
    if (width, height) != (image.width, image.height):
        raise InputError(
            f'{topic}: {width}x{height}, its image has {image.width}x{image.height}; '
            'true depth must be an image of the same camera'
        )
