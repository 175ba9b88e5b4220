# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
The pictures of a sample as the bytes of its files, and back; 0 = unknown in depth and its scale.

Depth is metres times 256 as in KITTI, and 65535 is sky, or whatever else is 255.99 m away or
farther; it is read as infinite. The Laplace scale b of log-depth is times 65536, so that rounding
changes a b of 0.0025 by 0.3 %.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from adu_depth_core.camera import Camera
from adu_depth_core.errors import InputError
from adu_depth_core.recording.layout import FIELDS
from adu_depth_core.samples.image_files import DEPTH_SCALE, read_rgb, read_uint16
from adu_depth_core.samples.sample import Depth, StereoSample

READERS: dict[str, Callable[[Path], Any]] = {
    'left': read_rgb,
    'right': read_rgb,
    'depth': lambda path: decode_depth(read_uint16(path)),
    'right_depth': lambda path: decode_depth(read_uint16(path)),
    'teacher_depth': lambda path: decode_depth(read_uint16(path)),
    'teacher_scale': lambda path: decode_scale(read_uint16(path)),
}
SKY = np.iinfo(np.uint16).max
SCALE_FACTOR = 65536.0
Stored = NDArray[np.uint16]


class EncodedPicture(NamedTuple):
    """An encoded picture: suffix of its file's name and the file's bytes."""

    suffix: str
    data: bytes


def encode_pictures(sample: StereoSample, jpeg_quality: int | None) -> dict[str, EncodedPicture]:
    """
    Encode what a sample has, by kind of picture (see `FIELDS`).

    Parameters
    ----------
    sample : StereoSample
        Its parts must fit together.
    jpeg_quality : int, optional
        Of camera images; PNG without it. Depth is always PNG.

    Raises
    ------
    InputError
        When the parts of the sample do not fit together.

    """
    _check(sample)
    pictures = {'left': _encoded_rgb(sample.left, jpeg_quality)}
    if sample.right is not None:
        pictures['right'] = _encoded_rgb(sample.right, jpeg_quality)
    if sample.depth_m is not None:
        pictures['depth'] = _encoded(encode_depth(sample.depth_m))
    if sample.right_depth_m is not None:
        pictures['right_depth'] = _encoded(encode_depth(sample.right_depth_m))
    if sample.teacher_depth_m is not None and sample.teacher_scale is not None:
        depth, scale = encode_teacher(sample.teacher_depth_m, sample.teacher_scale)
        pictures['teacher_depth'], pictures['teacher_scale'] = _encoded(depth), _encoded(scale)
    return pictures


def read_picture(path: Path, kind: str, camera: Camera) -> Any:
    """Read a picture of some kind; `InputError` when it is spoilt or not of the camera's size."""
    image = READERS[kind](path)
    if image.shape[:2] != (camera.height, camera.width):
        raise InputError(
            f'{path}: size {image.shape[1]}x{image.shape[0]}, its camera has '
            f'{camera.width}x{camera.height}'
        )
    return image


def _encoded_rgb(image: np.ndarray, jpeg_quality: int | None) -> EncodedPicture:
    bgr = cv2.cvtColor(image, cv2.COLOR_RGB2BGR)
    if jpeg_quality is None:
        return _encoded(bgr)
    return _encoded(bgr, '.jpg', cv2.IMWRITE_JPEG_QUALITY, jpeg_quality)


def _encoded(stored: np.ndarray, suffix: str = '.png', *options: int) -> EncodedPicture:
    _, data = cv2.imencode(suffix, stored, options)
    return EncodedPicture(suffix, data.tobytes())


def _check(sample: StereoSample) -> None:
    """Refuse what could not be read back as it was."""
    name, size = sample.name, (sample.camera.height, sample.camera.width)
    for field in FIELDS.values():
        image = getattr(sample, field)
        if image is not None and image.shape[:2] != size:
            raise InputError(
                f'sample {name}: {field} is {image.shape[1]}x{image.shape[0]}, its camera '
                f'{size[1]}x{size[0]}'
            )
    if sample.rig is not None and sample.rig.left != sample.camera:
        raise InputError(f'sample {name}: its camera is not the left one of its rig')
    if sample.rig is None and sample.right is not None:
        raise InputError(f'sample {name}: a right image needs a calibrated rig')
    if (sample.teacher_depth_m is None) != (sample.teacher_scale is None):
        raise InputError(f'sample {name}: teacher depth and teacher scale come together')


def encode_depth(depth_m: Depth) -> Stored:
    """Round metres to 1/256; what is not positive is unknown, what is too far to write sky."""
    scaled = np.minimum(np.round(depth_m * np.float32(DEPTH_SCALE)), SKY)
    return np.where(scaled >= 1, scaled, 0).astype(np.uint16)


def decode_depth(stored: Stored) -> Depth:
    """Return metres as (H, W) float32: NaN unknown, +inf sky."""
    depth_m = stored.astype(np.float32) / np.float32(DEPTH_SCALE)
    depth_m[stored == 0], depth_m[stored == SKY] = np.nan, np.inf
    return depth_m


def encode_teacher(depth_m: Depth, scale: Depth) -> tuple[Stored, Stored]:
    """Round a teacher's depth and scale b; what either does not know is unknown in both."""
    depth = encode_depth(depth_m)
    known = (depth > 0) & (depth < SKY) & np.isfinite(scale) & (scale > 0)
    scaled = np.clip(np.round(scale * np.float32(SCALE_FACTOR)), 1, np.iinfo(np.uint16).max)
    return np.where(known, depth, 0), np.where(known, scaled, 0).astype(np.uint16)


def decode_scale(stored: Stored) -> Depth:
    """Return the Laplace scale b as (H, W) float32, NaN where unknown."""
    scale = stored.astype(np.float32) / np.float32(SCALE_FACTOR)
    scale[stored == 0] = np.nan
    return scale
