# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Named evaluation protocols: which pixels count, up to which depth."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from adu_depth_core.errors import InputError
from adu_depth_core.evaluation.metrics import MIN_DEPTH, eigen_errors

KB_CROP = 1216, 352


@dataclass(frozen=True)
class Window:
    """Rows and columns of an image that count; ends excluded."""

    top: int
    bottom: int
    left: int
    right: int

    def mask(self, height: int, width: int) -> NDArray[np.bool_]:
        """Return (height, width) bool, true inside."""
        mask = np.zeros((height, width), bool)
        mask[self.top : self.bottom, self.left : self.right] = True
        return mask


def garg(height: int, width: int) -> Window:
    """Return the window of Garg et al. (ECCV 2016) in an image of this size."""
    return Window(
        int(0.40810811 * height),
        int(0.99189189 * height),
        int(0.03594771 * width),
        int(0.96405229 * width),
    )


def garg_on_kb_crop(height: int, width: int) -> Window:
    """
    Return Garg's window in the 352 x 1216 KITTI benchmark crop, in coordinates of the full image.

    Most depth networks since BTS are compared this way: the truth is cropped first, at the bottom
    centre, and the window is taken of what is left.
    """
    crop_width, crop_height = KB_CROP
    if height < crop_height or width < crop_width:
        raise InputError(
            f'protocol eigen_garg_kb needs images of at least {crop_width}x{crop_height}, '
            f'found {width}x{height}'
        )
    top, left = height - crop_height, (width - crop_width) // 2
    inner = garg(crop_height, crop_width)
    return Window(top + inner.top, top + inner.bottom, left + inner.left, left + inner.right)


@dataclass(frozen=True)
class Protocol:
    """
    What makes a number comparable with others of the same name.

    Parameters
    ----------
    name : str
        Printed with every number.
    window : callable
        (height, width) to the pixels that count.
    min_depth, max_depth : float
        Metres; truth outside does not count (both ends excluded), prediction is clamped.

    Figures are computed per image, then averaged over images.
    """

    name: str
    window: Callable[[int, int], Window]
    min_depth: float = MIN_DEPTH
    max_depth: float = 80.0

    def mask(self, truth_m: NDArray[np.floating]) -> NDArray[np.bool_]:
        """Return (H, W) bool: the pixels of the truth that count."""
        inside = self.window(*truth_m.shape).mask(*truth_m.shape)
        return inside & (truth_m > self.min_depth) & (truth_m < self.max_depth)

    def errors(
        self, depth_m: NDArray[np.floating], truth_m: NDArray[np.floating]
    ) -> dict[str, float] | None:
        """
        Score one image; None where no pixel of the truth counts.

        Parameters
        ----------
        depth_m, truth_m : (H, W) float
            Metres. A predicted NaN counts as `min_depth`, as BTS has it.

        Raises
        ------
        InputError
            When the sizes differ or the image is too small for the protocol.

        """
        if depth_m.shape != truth_m.shape:
            raise InputError(
                f'prediction {depth_m.shape} and truth {truth_m.shape} differ in size'
            )
        mask = self.mask(truth_m)
        if not mask.any():
            return None
        predicted = np.nan_to_num(depth_m[mask], nan=self.min_depth, posinf=self.max_depth)
        return eigen_errors(np.clip(predicted, self.min_depth, self.max_depth), truth_m[mask])


PROTOCOLS = {protocol.name: protocol for protocol in (Protocol('eigen_garg_kb', garg_on_kb_crop),)}


def find_protocol(name: str) -> Protocol:
    """Return the protocol of that name; `InputError` names those there are."""
    if name not in PROTOCOLS:
        raise InputError(f'protocol "{name}" is unknown; there are {", ".join(PROTOCOLS)}')
    return PROTOCOLS[name]
