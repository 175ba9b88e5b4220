# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What the networks in training see of one sample: one geometry, two sets of colours."""

from dataclasses import dataclass, replace

import numpy as np

from adu_depth_core.samples.sample import Depth, Image, StereoSample
from adu_depth_core.training.views.colour_jitter import (
    STRONG,
    random_colours,
    recoloured,
    recoloured_pair,
)
from adu_depth_core.training.views.geometry import (
    cut_flipped,
    flipped,
    random_cut,
    random_window,
    swap_flipped,
)


@dataclass(frozen=True)
class TrainingView:
    """
    One sample as student and teacher see it.

    Attributes
    ----------
    sample : StereoSample
        The teacher's view, colours changed a little.
    image : (H, W, 3) uint8
        The student's view of the left image: the same pixels in other colours, perhaps cut.
    depth_m : (H, W) float32
        Truth in the student's geometry, NaN unknown, +inf sky.
    cut : int
        Rows by which the student's view is rolled against the teacher's: `cut_flipped`.

    """

    sample: StereoSample
    image: Image
    depth_m: Depth
    cut: int = 0


def plain_view(sample: StereoSample) -> TrainingView:
    """Return a sample as it is, for validation."""
    return TrainingView(sample, sample.left, _truth(sample))


def augmented_view(
    sample: StereoSample,
    width: int,
    height: int,
    rng: np.random.Generator,
    *,
    stereo: bool,
    flip: float = 0.5,
    cut_flip: float = 0.0,
    max_zoom: float = 1.5,
    colours: bool = True,
) -> TrainingView:
    """
    Draw a window, perhaps mirror it, perhaps cut it, and change its colours.

    Parameters
    ----------
    stereo : bool
        A teacher looks at the pair: mirror it by exchanging its images.
    flip, cut_flip, max_zoom, colours
        As in `AugmentationConfig`.

    """
    if not stereo:
        sample = replace(sample, right=None, rig=None, right_depth_m=None)
    if rng.random() < flip:
        sample = _mirrored(sample)
    # Only a mirrored pair needs the truth of its right image; resampling it would cost time.
    sample = replace(sample, right_depth_m=None)
    sample = random_window(sample, width, height, rng, max_zoom=max_zoom)
    cut = random_cut(height, rng) if rng.random() < cut_flip else 0
    image = np.ascontiguousarray(sample.left)
    if colours:
        image = recoloured(image, random_colours(rng, STRONG), rng)
        sample = _with_weak_colours(sample, rng)
    return TrainingView(sample, cut_flipped(image, cut), cut_flipped(_truth(sample), cut), cut)


def _mirrored(sample: StereoSample) -> StereoSample:
    """Mirror a sample, unless it is a pair that would lose its truth by it."""
    if sample.right is None:
        return flipped(sample)
    loses_truth = sample.depth_m is not None and sample.right_depth_m is None
    return sample if loses_truth else swap_flipped(sample)


def _with_weak_colours(sample: StereoSample, rng: np.random.Generator) -> StereoSample:
    if sample.right is None:
        return sample  # no teacher looks at it
    left, right = recoloured_pair(sample.left, sample.right, rng)
    return replace(sample, left=left, right=right)


def _truth(sample: StereoSample) -> Depth:
    if sample.depth_m is None:
        return np.full(sample.left.shape[:2], np.nan, np.float32)
    return np.ascontiguousarray(sample.depth_m)
