# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""From a camera's image to the network's input, and from its output back."""

import cv2
import numpy as np
from numpy.typing import NDArray

from adu_depth_core.camera import Camera
from adu_depth_core.inference.network_size import NetworkSize


def to_network(image: NDArray[np.uint8], size: NetworkSize) -> NDArray[np.uint8]:
    """Resize (H, W, 3) isotropically and pad it at right and bottom by repeating its edge."""
    small = cv2.resize(image, (size.width, size.height), interpolation=cv2.INTER_AREA)
    right, bottom = size.padded_width - size.width, size.padded_height - size.height
    if right or bottom:
        small = cv2.copyMakeBorder(small, 0, bottom, 0, right, cv2.BORDER_REPLICATE)
    return small.astype(np.uint8, copy=False)


def from_network(
    values: NDArray[np.float32], size: NetworkSize, camera: Camera
) -> NDArray[np.float32]:
    """Drop the padding of (H, W) and go back to the camera's size."""
    inner = values[: size.height, : size.width]
    restored = cv2.resize(inner, (camera.width, camera.height), interpolation=cv2.INTER_LINEAR)
    return restored.astype(np.float32, copy=False)
