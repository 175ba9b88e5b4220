# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""From a camera's image to the network's input, and from its output back."""

import cv2
import numpy as np
from numpy.typing import NDArray

from adu_depth_core.camera import Camera
from adu_depth_core.inference.network_size import NetworkSize
from adu_depth_core.samples.raw_image import Picture, RawImage


def to_network(image: Picture, size: NetworkSize) -> NDArray[np.uint8]:
    """
    Resize (H, W, 3) isotropically and pad it at right and bottom by repeating its edge.

    A raw image is rectified on the way: by the same one look at its pixels.
    """
    pixels = image.pixels if isinstance(image, RawImage) else image
    if pixels.strides[2] < 0:
        # BGR seen as RGB: OpenCV would copy the large image first, so turn the small one round.
        turned: Picture = pixels[..., ::-1]
        if isinstance(image, RawImage):
            turned = image._replace(pixels=pixels[..., ::-1])
        return np.ascontiguousarray(to_network(turned, size)[..., ::-1])
    width, height, padded_width, padded_height = size
    padded = np.empty((padded_height, padded_width, 3), np.uint8)
    # OpenCV resizes right into the window of the padded image: no copy of its own.
    window = padded[:height, :width]
    if isinstance(image, RawImage):
        image.rectification.fill(image.pixels, window)
    else:
        _resize(image, window)
    padded[:height, width:] = padded[:height, width - 1 : width]
    padded[height:] = padded[height - 1 : height]
    return padded


def _resize(image: NDArray[np.uint8], out: NDArray[np.uint8]) -> None:
    height, width = out.shape[:2]
    # Down to half the size each pixel of the image is seen by both, and this is much faster.
    is_slight = 2 * width >= image.shape[1]
    kind = cv2.INTER_LINEAR if is_slight else cv2.INTER_AREA
    cv2.resize(image, (width, height), dst=out, interpolation=kind)


def from_network(
    values: NDArray[np.float32],
    size: NetworkSize,
    camera: Camera,
    out: NDArray[np.float32] | None = None,
) -> NDArray[np.float32]:
    """Drop the padding of (H, W) and go to the camera's size, into `out` where it is given."""
    inner = values[: size.height, : size.width]
    out = np.empty((camera.height, camera.width), np.float32) if out is None else out
    cv2.resize(inner, (camera.width, camera.height), dst=out, interpolation=cv2.INTER_LINEAR)
    return out
