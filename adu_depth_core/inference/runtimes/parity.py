# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""How far a lower precision of the backbone leads away from float32."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from adu_depth_core.inference.network_size import network_size
from adu_depth_core.inference.runtimes.runtime import Runtime

MAX_MEAN, MAX_LARGEST = 0.005, 0.02
MIN_DISTINCT = 10_000
USUAL_WIDTH, USUAL_HEIGHT, USUAL_FX = 1242, 375, 721.5


@dataclass(frozen=True)
class Parity:
    """
    Depth of one frame in a lower precision, compared with the same in float32.

    Attributes
    ----------
    mean, largest : float
        Of |depth - reference| / reference over the frame.
    distinct : int
        Different depths in the frame: few of them make a point cloud of steps.
    distinct_reference : int
        The same in float32.

    """

    mean: float
    largest: float
    distinct: int
    distinct_reference: int

    @property
    def good(self) -> bool:
        """Whether the lower precision may stand for float32."""
        # An image of few pixels, or a network that says one depth everywhere, has fewer.
        enough = min(MIN_DISTINCT, self.distinct_reference // 2)
        return self.mean <= MAX_MEAN and self.largest <= MAX_LARGEST and self.distinct >= enough

    def __str__(self) -> str:
        """Return it for a log."""
        return (
            f'mean {100 * self.mean:.2f} %, largest {100 * self.largest:.2f} %, '
            f'{self.distinct} distinct depths (float32: {self.distinct_reference})'
        )


def measured_parity(runtime: Runtime, reference: Runtime) -> Parity:
    """Run both on `parity_frame` at the size in which the model sees a usual camera."""
    size = network_size(USUAL_WIDTH, USUAL_HEIGHT, reference.info.pixels)
    width, height = reference.fixed_size or (size.padded_width, size.padded_height)
    frame, fx = parity_frame(width, height), USUAL_FX * width / USUAL_WIDTH
    return compared(runtime(frame, fx)[0], reference(frame, fx)[0])


def compared(depth_m: NDArray[np.float32], reference_m: NDArray[np.float32]) -> Parity:
    """Compare two depth maps of one shape, in metres; a value that is not finite is no match."""
    error = np.abs(depth_m - reference_m) / reference_m
    error = np.where(np.isfinite(error), error, np.inf)
    distinct, distinct_reference = (np.unique(x).size for x in (depth_m, reference_m))
    return Parity(float(error.mean()), float(error.max()), distinct, distinct_reference)


def parity_frame(width: int, height: int) -> NDArray[np.uint8]:
    """
    Make a picture (height, width, 3) with a sky, a road and texture of many sizes.

    The same for ever: a fixed seed, and no picture of a place that somebody would have to license.
    """
    rng = np.random.default_rng(0)
    rows = np.linspace(220, 60, height, dtype=np.float32)[:, None, None]
    picture = np.broadcast_to(rows, (height, width, 3)).copy()
    for cells in (4, 12, 36, 108):
        noise = rng.normal(0, 24, (max(1, cells * height // width), cells, 3))
        picture += cv2.resize(noise.astype(np.float32), (width, height))
    return np.clip(picture, 0, 255).astype(np.uint8)
