# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What contradicts itself within one sample."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from adu_depth_core.camera import Camera
from adu_depth_core.samples.sample import StereoSample

# Horizontal fields of view in degrees that a pinhole camera has.
NARROWEST_DEG, WIDEST_DEG = 3.0, 150.0
# More than rounding to whole pixels does to a small image.
SQUARE_TOLERANCE = 0.015
# Depth times disparity may differ so much from f b before the calibration is held to be wrong.
CALIBRATION_TOLERANCE = 0.02


def contradictions(sample: StereoSample) -> list[str]:
    """Return a sentence for everything in a sample that cannot be true together."""
    return [*_sizes(sample), *_calibration(sample), *_depths(sample)]


def calibration_contradiction(ratio: float) -> list[str]:
    """Judge depth times disparity over f b, see `calibration_ratio`; NaN says nothing."""
    if np.isnan(ratio) or abs(ratio - 1) <= CALIBRATION_TOLERANCE:
        return []
    return [f'depth times disparity is {ratio:.3f} times f b of the calibration']


def _sizes(sample: StereoSample) -> Iterator[str]:
    camera, size = sample.camera, sample.left.shape[1::-1]
    if size != (camera.width, camera.height):
        yield f'left image is {_text(size)}, its camera {camera.width}x{camera.height}'
    others = {
        'right image': sample.right,
        'truth': sample.depth_m,
        'right truth': sample.right_depth_m,
        'teacher depth': sample.teacher_depth_m,
        'teacher scale': sample.teacher_scale,
    }
    for what, image in others.items():
        if image is not None and image.shape[1::-1] != size:
            yield f'{what} is {_text(image.shape[1::-1])}, the left image {_text(size)}'


def _calibration(sample: StereoSample) -> Iterator[str]:
    camera = sample.camera
    if not (0 <= camera.cx < camera.width and 0 <= camera.cy < camera.height):
        yield f'principal point ({camera.cx:.1f}, {camera.cy:.1f}) lies outside the image'
    if abs(camera.fx / camera.fy - 1) > SQUARE_TOLERANCE:
        yield (
            f'fx {camera.fx:.1f} and fy {camera.fy:.1f} differ, so pixels are not square: was the '
            'image cropped or stretched after its calibration?'
        )
    view = _field_of_view_deg(camera)
    if not NARROWEST_DEG <= view <= WIDEST_DEG:
        yield f'fx {camera.fx:.1f} px means a field of view of {view:.1f} degrees'
    if sample.right is not None and sample.rig is None:
        yield 'right image without a rig'
    if sample.rig is not None and sample.rig.left != camera:
        yield 'the camera is not the left one of the rig'


def _depths(sample: StereoSample) -> Iterator[str]:
    for what, depth_m in (('truth', sample.depth_m), ('right truth', sample.right_depth_m)):
        if depth_m is not None and (count := int((depth_m <= 0).sum())):
            yield f'{what} is not positive at {count} pixels'
    teacher, scale = sample.teacher_depth_m, sample.teacher_scale
    if (teacher is None) != (scale is None):
        yield 'teacher depth and teacher scale do not come together'
    elif teacher is not None and scale is not None and teacher.shape == scale.shape:
        yield from _teacher(teacher, scale)


def _teacher(depth_m: NDArray[np.float32], scale: NDArray[np.float32]) -> Iterator[str]:
    if (np.isnan(depth_m) != np.isnan(scale)).any():
        yield 'teacher depth and teacher scale are not unknown alike'
    if (depth_m <= 0).any() or (scale <= 0).any():
        yield 'teacher depth or teacher scale is not positive'


def _field_of_view_deg(camera: Camera) -> float:
    return float(np.degrees(2 * np.arctan(camera.width / 2 / camera.fx)))


def _text(size: tuple[int, ...]) -> str:
    return f'{size[0]}x{size[1]}'
