# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
Named evaluation protocols: which pixels count, up to which depth, and what is said of them.

A protocol is data. Its name is printed with every number, since numbers of different protocols
cannot be compared: the two windows named after Garg differ by 13 rows, raw and accumulated truth
by a factor.
"""

import math
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from adu_depth_core.errors import InputError
from adu_depth_core.evaluation.metrics import KITTI_NAMES, MIN_DEPTH, NAMES, DistanceBins


class Window(NamedTuple):
    """Rows and columns of an image that count; ends excluded."""

    top: int
    bottom: int
    left: int
    right: int

    @property
    def slices(self) -> tuple[slice, slice]:
        """Index of this part of an image."""
        return slice(self.top, self.bottom), slice(self.left, self.right)

    def within(self, outer: 'Window') -> 'Window':
        """Return this window, given in coordinates of `outer`, in those of the whole image."""
        return Window(
            outer.top + self.top,
            outer.top + self.bottom,
            outer.left + self.left,
            outer.left + self.right,
        )


class Shares(NamedTuple):
    """A window in shares of height and width; products are cut off to whole pixels."""

    top: float
    bottom: float
    left: float
    right: float

    def window(self, height: int, width: int) -> Window:
        """Return the pixels of an image of this size."""
        return Window(
            int(self.top * height),
            int(self.bottom * height),
            int(self.left * width),
            int(self.right * width),
        )


class Crop(NamedTuple):
    """A crop of this size at the bottom, centred."""

    height: int
    width: int

    def window(self, height: int, width: int) -> Window:
        """Return the pixels of an image of this size; `InputError` when it is too small."""
        if height < self.height or width < self.width:
            raise InputError(
                f'needs images of at least {self.width}x{self.height}, found {width}x{height}'
            )
        top, left = height - self.height, (width - self.width) // 2
        return Window(top, height, left, left + self.width)


ALL = Shares(0.0, 1.0, 0.0, 1.0)
# Garg et al., ECCV 2016, and Eigen et al., NIPS 2014, as every public evaluation has them.
GARG = Shares(0.40810811, 0.99189189, 0.03594771, 0.96405229)
EIGEN = Shares(0.3324324, 0.91351351, 0.0359477, 0.96405229)
# The crop of KITTI's benchmark, known as KB crop.
KB = Crop(352, 1216)


@dataclass(frozen=True)
class Protocol:
    """
    What makes a number comparable with others of the same name.

    Parameters
    ----------
    name : str
        Printed with every number.
    crop : Crop, optional
        What is left of images before the window is taken.
    shares : Shares
        The window, of what the crop leaves.
    min_depth, max_depth : float
        Metres; truth outside does not count (both ends excluded), prediction is clamped.
        Infinite: no cap.
    figures : tuple of str
        Keys of `metrics.FORMULAS`.
    averaging : str
        `images`: figures of each image, then their mean. `pixels`: over all pixels at once.
    bins : DistanceBins, optional
        Distances at which the average relative difference is taken, over all pixels at once.
    clamps_unknown : bool
        A pixel without prediction counts as `min_depth`, as BTS has it. Otherwise it is left
        out, and the figure `density` tells the share of pixels that are left in.
    flip : bool
        Predictions are means over the image and its mirror image.

    """

    name: str
    crop: Crop | None = None
    shares: Shares = ALL
    min_depth: float = MIN_DEPTH
    max_depth: float = 80.0
    figures: tuple[str, ...] = NAMES
    averaging: Literal['images', 'pixels'] = 'images'
    bins: DistanceBins | None = None
    clamps_unknown: bool = True
    flip: bool = False

    @property
    def label(self) -> str:
        """The name, and whether predictions are averaged over flips."""
        return f'{self.name}+flip' if self.flip else self.name

    def window(self, height: int, width: int) -> Window:
        """Return the pixels of an image that count; `InputError` when it is too small."""
        if self.crop is None:
            return self.shares.window(height, width)
        try:
            crop = self.crop.window(height, width)
        except InputError as error:
            raise InputError(f'protocol {self.name} {error}') from error
        return self.shares.window(*self.crop).within(crop)

    def counts(self, truth_m: NDArray[np.floating]) -> NDArray[np.bool_]:
        """Return of any pixels inside the window those whose truth counts."""
        return (truth_m > self.min_depth) & (truth_m < self.max_depth)


_ALL = (
    Protocol('eigen_garg_kb', crop=KB, shares=GARG),
    Protocol('eigen_garg_full', shares=GARG),
    Protocol('eigen_crop_full', shares=EIGEN),
    Protocol('kitti_official', max_depth=math.inf, figures=KITTI_NAMES),
    Protocol(
        'driving_stereo',
        max_depth=math.inf,
        figures=('abs_rel',),
        averaging='pixels',
        bins=DistanceBins(radius_m=4, step_m=8, last_m=80),
    ),
    Protocol('dense', clamps_unknown=False),
)
PROTOCOLS = {protocol.name: protocol for protocol in _ALL}


def find_protocol(name: str) -> Protocol:
    """Return the protocol of that name; `InputError` names those there are."""
    if name not in PROTOCOLS:
        raise InputError(f'protocol "{name}" is unknown; there are {", ".join(PROTOCOLS)}')
    return PROTOCOLS[name]
