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
        The student's view of the left image: the same pixels in other colours, perhaps mirrored
        and cut.
    depth_m : (H, W) float32
        Truth in the student's geometry, NaN unknown, +inf sky.
    mirrored : bool
        The student's view is mirrored against the teacher's.
    cut : int
        Rows by which it is then rolled: `cut_flipped`.

    """

    sample: StereoSample
    image: Image
    depth_m: Depth
    mirrored: bool = False
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
    stereo: bool = False,
    trains_teacher: bool = False,
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
        A teacher looks at the pair; without it the right image is dropped.
    trains_teacher : bool
        The pair itself is mirrored, by exchanging its images. A student is mirrored alone: its
        teacher sees the pair as it is, and the answer is mirrored after it.
    flip, cut_flip, max_zoom, colours
        As in `AugmentationConfig`.

    """
    if not stereo:
        sample = replace(sample, right=None, rig=None, right_depth_m=None)
    mirrored = rng.random() < flip
    if mirrored and trains_teacher:
        sample = _exchanged(sample)
    # Only a mirrored pair needs the truth of its right image; resampling it would cost time.
    sample = replace(sample, right_depth_m=None)
    sample = random_window(sample, width, height, rng, max_zoom=max_zoom)
    image, depth_m = sample.left, _truth(sample)
    if mirrored and not trains_teacher:
        image, depth_m = image[:, ::-1], depth_m[:, ::-1]
    cut = random_cut(height, rng) if rng.random() < cut_flip else 0
    image = np.ascontiguousarray(image)
    if colours:
        image = recoloured(image, random_colours(rng, STRONG), rng)
        sample = _with_weak_colours(sample, rng)
    return TrainingView(
        sample,
        cut_flipped(image, cut),
        np.ascontiguousarray(cut_flipped(depth_m, cut)),
        mirrored and not trains_teacher,
        cut,
    )


def _exchanged(sample: StereoSample) -> StereoSample:
    """Mirror a pair, unless it would lose its truth by it."""
    loses_truth = sample.depth_m is not None and sample.right_depth_m is None
    return sample if sample.right is None or loses_truth else swap_flipped(sample)


def _with_weak_colours(sample: StereoSample, rng: np.random.Generator) -> StereoSample:
    if sample.right is None:
        return sample  # no teacher looks at it
    left, right = recoloured_pair(sample.left, sample.right, rng)
    return replace(sample, left=left, right=right)


def _truth(sample: StereoSample) -> Depth:
    if sample.depth_m is None:
        return np.full(sample.left.shape[:2], np.nan, np.float32)
    return sample.depth_m
