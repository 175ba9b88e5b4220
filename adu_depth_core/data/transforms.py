# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
What a network in training sees of a sample: a window, perhaps mirrored, in other colours.

Geometry keeps pixels square and truth exact; photometry touches the image alone.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from adu_depth_core.camera import Camera
from adu_depth_core.data.laser_projection import scatter_nearest
from adu_depth_core.data.sample import Depth, Image, StereoSample

MAX_ZOOM = 1.5


@dataclass(frozen=True)
class View:
    """One image with its camera and, where there is one, its truth (NaN unknown, +inf sky)."""

    image: Image
    camera: Camera
    depth_m: Depth


def left_view(sample: StereoSample) -> View:
    """Return the left image of a sample; without truth its depth is NaN everywhere."""
    depth_m = sample.depth_m
    if depth_m is None:
        depth_m = np.full(sample.left.shape[:2], np.nan, np.float32)
    return View(sample.left, sample.camera, depth_m)


def random_window(view: View, width: int, height: int, rng: np.random.Generator) -> View:
    """
    Cut out a random window of the aspect `width`:`height` and resample it to that size.

    The window is the largest that fits, or down to 1 / `MAX_ZOOM` of it.
    """
    camera = view.camera
    scale = min(camera.width / width, camera.height / height) / rng.uniform(1.0, MAX_ZOOM)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    left = int(rng.integers(camera.width - size[0] + 1))
    top = int(rng.integers(camera.height - size[1] + 1))
    return resized(cropped(view, left, top, *size), width, height)


def cropped(view: View, left: int, top: int, width: int, height: int) -> View:
    """Cut the window whose first pixel is (left, top) out of image and truth."""
    rows, columns = slice(top, top + height), slice(left, left + width)
    camera = view.camera.cropped(left, top, width, height)
    return View(view.image[rows, columns], camera, view.depth_m[rows, columns])


def resized(view: View, width: int, height: int) -> View:
    """Resample image and truth to `width` x `height`."""
    shrinking = width < view.camera.width
    image = cv2.resize(
        view.image,
        (width, height),
        interpolation=cv2.INTER_AREA if shrinking else cv2.INTER_LINEAR,
    )
    depth_m = resized_depth(view.depth_m, width, height)
    return View(image.astype(np.uint8), view.camera.resized(width, height), depth_m)


def resized_depth(depth_m: Depth, width: int, height: int) -> Depth:
    """
    Resample truth without inventing any: no value is a mean of two.

    Shrinking moves each measurement to the pixel it falls into, where the nearest wins; growing
    repeats pixels.
    """
    rows, columns = depth_m.shape
    if width >= columns:
        grown = cv2.resize(depth_m, (width, height), interpolation=cv2.INTER_NEAREST_EXACT)
        return np.asarray(grown, np.float32)
    row, column = np.nonzero(~np.isnan(depth_m))
    return scatter_nearest(
        row * height // rows, column * width // columns, depth_m[row, column], (height, width)
    )


def flipped(view: View) -> View:
    """Mirror left to right: sound for one image, never for a stereo pair."""
    return View(view.image[:, ::-1], view.camera.flipped(), view.depth_m[:, ::-1])


def random_colours(image: Image, rng: np.random.Generator) -> Image:
    """Change gamma, brightness, contrast, saturation and white balance, and add noise."""
    x = (image / np.float32(255)) ** np.float32(rng.uniform(0.8, 1.25))
    grey = x.mean(axis=2, keepdims=True)
    x = grey + (x - grey) * np.float32(rng.uniform(0.5, 1.4))
    x = x.mean() + (x - x.mean()) * np.float32(rng.uniform(0.7, 1.3))
    x = x * rng.uniform(0.9, 1.1, 3).astype(np.float32) * np.float32(rng.uniform(0.75, 1.25))
    x = x + rng.standard_normal(x.shape, np.float32) * np.float32(rng.uniform(0.0, 0.02))
    return (np.clip(x, 0, 1) * 255 + 0.5).astype(np.uint8)


def augmented(view: View, width: int, height: int, rng: np.random.Generator) -> View:
    """Return what the student trains on: a random window, mirrored half the time, recoloured."""
    view = random_window(view, width, height, rng)
    if rng.random() < 0.5:
        view = flipped(view)
    return View(random_colours(view.image, rng), view.camera, np.ascontiguousarray(view.depth_m))
