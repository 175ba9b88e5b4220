# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Which frames of a drive are worth keeping: an hour of the same wall teaches nothing."""

import cv2
import numpy as np

from adu_depth_core.samples.sample import Depth, Image

THUMBNAIL_SIZE = (64, 32)


def thumbnail(image: Image) -> Depth:
    """
    Return what two frames are compared by: coarse brightness about its mean.

    Averaging over cells leaves nothing of sensor noise, and a change of exposure moves the mean.

    Parameters
    ----------
    image : (H, W, 3) uint8

    Returns
    -------
    (32, 64) float32, grey levels.

    """
    small = cv2.resize(np.ascontiguousarray(image), THUMBNAIL_SIZE, interpolation=cv2.INTER_AREA)
    grey = small.astype(np.float32).mean(axis=-1)
    return np.asarray(grey - grey.mean(), np.float32)


def change(first: Depth, second: Depth) -> float:
    """Return the mean absolute difference of two thumbnails in grey levels, 0 to 255."""
    return float(np.abs(first - second).mean())


class FrameSelection:
    """
    Chooses frames far enough from the last one that was kept, in number and in looks.

    Parameters
    ----------
    every : int
        At least so many frames from one that is kept to the next; 1 for all.
    min_change : float
        Least `change` since the last one kept, in grey levels; 0 for any.

    """

    def __init__(self, every: int = 1, min_change: float = 0.0) -> None:
        self._every, self._min_change = every, min_change
        self._last_number: int | None = None
        self._last_thumbnail: Depth | None = None

    def is_due(self, number: int) -> bool:
        """Tell whether a frame of this number may be wanted, without a look at it."""
        return self._last_number is None or number - self._last_number >= self._every

    def wants(self, number: int, image: Image) -> bool:
        """Tell whether a frame is to be kept; changes nothing, for keeping may fail."""
        if not self.is_due(number):
            return False
        if self._last_thumbnail is None or self._min_change <= 0:
            return True
        return change(thumbnail(image), self._last_thumbnail) >= self._min_change

    def keep(self, number: int, image: Image) -> None:
        """Note that a frame was kept."""
        self._last_number, self._last_thumbnail = number, thumbnail(image)
