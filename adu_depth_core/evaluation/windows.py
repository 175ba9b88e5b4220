# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Windows of images that protocols count: crops and shares of the field, as pixel indices."""

from typing import NamedTuple

from adu_depth_core.errors import InputError


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
