# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
Geometry of training samples: windows, sizes and mirrors that keep pixels square and truth exact.

A stereo pair gets one window and one size for both images, and is mirrored by exchanging them:
mirrored each for itself, every disparity would be negative. Its depth and baseline stay, its
focal length follows the size. Rows are never mixed: no rotation, no shear.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import cv2
import numpy as np

from adu_depth_core.samples.projection import scatter_nearest
from adu_depth_core.samples.sample import Depth, Image, StereoDataset, StereoSample, ViewOfDataset

CUT_RANGE = 0.2, 0.8
CUT_MULTIPLE = 32


class WithinPixels(ViewOfDataset):
    """
    Another data set, whose larger images are shrunk to about `pixels` in all.

    Parameters
    ----------
    dataset : StereoDataset
        Gives the samples.
    pixels : int
        Area that no image is to exceed by more than a row or a column.

    """

    def __init__(self, dataset: StereoDataset, pixels: int) -> None:
        super().__init__(dataset)
        self._pixels = pixels

    def __getitem__(self, index: int) -> StereoSample:
        """Read one sample, and shrink it if need be."""
        sample = self._dataset[index]
        width, height = sample.camera.width, sample.camera.height
        scale = (self._pixels / (width * height)) ** 0.5
        if scale >= 1:
            return sample
        return resized(sample, round(width * scale), round(height * scale))


def random_window(
    sample: StereoSample, width: int, height: int, rng: np.random.Generator, *, max_zoom: float
) -> StereoSample:
    """
    Cut out a random window of the aspect `width`:`height` and resample it to that size.

    The window is the largest that fits, or down to 1 / `max_zoom` of it.
    """
    camera = sample.camera
    scale = min(camera.width / width, camera.height / height) / rng.uniform(1.0, max_zoom)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    left = int(rng.integers(camera.width - size[0] + 1))
    top = int(rng.integers(camera.height - size[1] + 1))
    return resized(cropped(sample, left, top, *size), width, height)


def cropped(sample: StereoSample, left: int, top: int, width: int, height: int) -> StereoSample:
    """Cut the window whose first pixel is (left, top) out of both images and all maps."""
    rows, columns = slice(top, top + height), slice(left, left + width)
    cut = _each_array(sample, lambda array: array[rows, columns])
    return replace(
        cut,
        camera=sample.camera.cropped(left, top, width, height),
        rig=sample.rig.cropped(left, top, width, height) if sample.rig else None,
    )


def resized(sample: StereoSample, width: int, height: int) -> StereoSample:
    """Resample both images and all maps to `width` x `height`."""

    def resample(array: np.ndarray) -> np.ndarray:
        resample_kind = resized_image if array.ndim == 3 else resized_depth
        return resample_kind(array, width, height)

    # Scattered by its own values, a teacher's scale would not stay with its depth.
    teacher = sample.teacher_depth_m, sample.teacher_scale
    depth_m, scale = (None if x is None else _nearest(x, width, height) for x in teacher)
    return replace(
        _each_array(replace(sample, teacher_depth_m=None, teacher_scale=None), resample),
        camera=sample.camera.resized(width, height),
        rig=sample.rig.resized(width, height) if sample.rig else None,
        teacher_depth_m=depth_m,
        teacher_scale=scale,
    )


def resized_image(image: Image, width: int, height: int) -> Image:
    """Resample an image: areas are averaged when it shrinks."""
    shrinking = width < image.shape[1]
    interpolation = cv2.INTER_AREA if shrinking else cv2.INTER_LINEAR
    contiguous = np.ascontiguousarray(image)  # OpenCV takes no mirrored views
    small = cv2.resize(contiguous, (width, height), interpolation=interpolation)
    return np.asarray(small, np.uint8)


def resized_depth(depth_m: Depth, width: int, height: int) -> Depth:
    """
    Resample truth without inventing any: no value is a mean of two.

    Shrinking moves each measurement to the pixel it falls into, where the nearest wins; growing
    repeats pixels.
    """
    rows, columns = depth_m.shape
    if width >= columns:
        return _nearest(depth_m, width, height)
    row, column = np.nonzero(~np.isnan(depth_m))
    return scatter_nearest(
        # A pixel is where its centre is, as in `Camera.resized`.
        (2 * row + 1) * height // (2 * rows),
        (2 * column + 1) * width // (2 * columns),
        depth_m[row, column],
        (height, width),
    )


def swap_flipped(sample: StereoSample) -> StereoSample:
    """
    Mirror a pair: the mirrored right image becomes the left one, with its own truth or none.

    What a teacher said of the left image is dropped, for it says nothing of the right one.
    """
    assert sample.right is not None
    assert sample.rig is not None
    rig = replace(sample.rig, left=sample.rig.right.flipped(), right=sample.rig.left.flipped())
    swapped = replace(
        sample,
        left=sample.right,
        right=sample.left,
        depth_m=sample.right_depth_m,
        right_depth_m=sample.depth_m,
        teacher_depth_m=None,
        teacher_scale=None,
    )
    mirrored = _each_array(swapped, lambda array: array[:, ::-1])
    return replace(mirrored, camera=rig.left, rig=rig)


def random_cut(height: int, rng: np.random.Generator) -> int:
    """
    Draw the row of a CutFlip between 20 and 80 % of the height; 0 where there is no such row.

    A multiple of 32, so that a teacher's features of any stride can be cut alike.
    """
    rows = np.arange(CUT_MULTIPLE, height, CUT_MULTIPLE)
    inside = rows[(rows >= CUT_RANGE[0] * height) & (rows <= CUT_RANGE[1] * height)]
    return int(rng.choice(inside)) if len(inside) else 0


def cut_flipped(array: np.ndarray, cut: int) -> np.ndarray:
    """
    Move the upper part of an image or map below its lower part: CutFlip of URCDC-Depth (2023).

    For one image only: matching needs the rows above and below. The first `cut` rows of the
    result are the last of `array`.
    """
    return np.roll(array, cut, axis=0) if cut else array


def _each_array(sample: StereoSample, change: Callable[[np.ndarray], np.ndarray]) -> StereoSample:
    """Apply `change` to images (H, W, 3) and maps (H, W) alike."""
    names = ('left', 'right', 'depth_m', 'right_depth_m', 'teacher_depth_m', 'teacher_scale')
    arrays = {name: getattr(sample, name) for name in names}
    changed: dict[str, Any] = {n: change(a) for n, a in arrays.items() if a is not None}
    return replace(sample, **changed)


def _nearest(values: Depth, width: int, height: int) -> Depth:
    contiguous = np.ascontiguousarray(values)
    sampled = cv2.resize(contiguous, (width, height), interpolation=cv2.INTER_NEAREST_EXACT)
    return np.asarray(sampled, np.float32)
