# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
Calibrations as camera_calibration writes them: the YAML of camera_info_manager.

Its keys: image_width, image_height, camera_matrix, distortion_model, distortion_coefficients,
rectification_matrix, projection_matrix; each matrix has its numbers in `data`, row by row.
"""

from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import cv2
import numpy as np
import yaml
from numpy.typing import NDArray

from adu_depth_core.bounded_yaml import read_yaml
from adu_depth_core.camera import Camera
from adu_depth_core.errors import InputError
from adu_depth_core.messages.camera_info import Calibration, calibration_of

FISHEYE = 'equidistant'
COEFFICIENTS = {'plumb_bob': (4, 5), 'rational_polynomial': (8, 12), FISHEYE: (4,)}
UNTURNED = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0)
Maps = tuple[NDArray[Any], NDArray[Any]]


class CalibratedCamera:
    """
    Makes rectified pictures of those of a calibrated camera; made by `read_calibration`.

    Parameters
    ----------
    path : Path
        Of the calibration, for error messages.
    info : namespace
        With the fields of a sensor_msgs/CameraInfo.

    """

    def __init__(self, path: Path, info: SimpleNamespace) -> None:
        self._path, self._info = path, info
        self._calibration: Calibration = calibration_of(info)
        self._maps = _maps(info, self.camera) if _is_raw(info, self.camera) else None

    @property
    def camera(self) -> Camera:
        """Of rectified pictures: that of P, or of K where there is no P."""
        return self._calibration.camera

    def rectified(self, image: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """
        Return the (H, W, 3) uint8 picture as `camera` would see it.

        Raises InputError when it has another size than the calibrated one.
        """
        try:
            self._calibration.of_image(image.shape[1], image.shape[0])
        except InputError as error:
            raise InputError(f'{self._path}: {error}') from error
        if self._maps is None:
            return image
        return np.asarray(cv2.remap(image, *self._maps, cv2.INTER_LINEAR), np.uint8)


def read_calibration(path: Path) -> CalibratedCamera:
    """
    Read the calibration of one camera.

    Raises
    ------
    InputError
        When the file cannot be read, or is no calibration of a kind that is known.

    """
    try:
        content = read_yaml(path)
        info = _info(content)
    except (yaml.YAMLError, KeyError, TypeError, ValueError) as error:
        raise InputError(
            f'{path}: is no calibration as camera_calibration writes it '
            f'({" ".join(str(error).split())})'
        ) from error
    try:
        return CalibratedCamera(path, info)
    except InputError as error:
        raise InputError(f'{path}: {error}') from error


def _info(content: Any) -> SimpleNamespace:
    """Return what the file says with the names and the order of a CameraInfo."""
    width, height = int(content['image_width']), int(content['image_height'])
    nowhere = SimpleNamespace(x_offset=0, y_offset=0, width=0, height=0)
    return SimpleNamespace(
        width=width,
        height=height,
        distortion_model=str(content.get('distortion_model', 'plumb_bob')),
        d=_numbers(content, 'distortion_coefficients', ()),
        k=_numbers(content, 'camera_matrix', (), 9),
        r=_numbers(content, 'rectification_matrix', UNTURNED, 9),
        p=_numbers(content, 'projection_matrix', (0.0,) * 12, 12),
        binning_x=0,
        binning_y=0,
        roi=nowhere,
    )


def _numbers(
    content: Any, key: str, default: Sequence[float], count: int | None = None
) -> tuple[float, ...]:
    numbers = tuple(map(float, content[key]['data'] if key in content else default))
    if count is not None and len(numbers) != count:
        raise ValueError(f'{key} has {len(numbers)} numbers, not {count}')
    if not np.isfinite(numbers).all():
        raise ValueError(f'{key} has a number that is not finite')
    return numbers


def _is_raw(info: SimpleNamespace, camera: Camera) -> bool:
    """Tell whether a picture differs from what `camera` would see; without K nobody can."""
    is_moved = info.k[0] > 0 and not np.array_equal(np.reshape(info.k, (3, 3)), camera.matrix)
    return any(info.d) or info.r != UNTURNED or is_moved


def _maps(info: SimpleNamespace, camera: Camera) -> Maps:
    """Return where each rectified pixel is in the raw picture, as `cv2.remap` takes it."""
    lengths = COEFFICIENTS.get(info.distortion_model)
    if lengths is None or len(info.d) not in lengths:
        models = ', '.join(
            f'{name} of {in_words(counts)}' for name, counts in COEFFICIENTS.items()
        )
        raise InputError(
            f'distortion_model "{info.distortion_model}" with {len(info.d)} coefficients is not '
            f'known here, only {models}; calibrate with one of these'
        )
    k, d, r = np.reshape(info.k, (3, 3)), np.array(info.d), np.reshape(info.r, (3, 3))
    p, size, kind = camera.matrix, (camera.width, camera.height), cv2.CV_16SC2
    if info.distortion_model == FISHEYE:
        return cv2.fisheye.initUndistortRectifyMap(k, d, r, p, size, kind)
    return cv2.initUndistortRectifyMap(k, d, r, p, size, kind)


def in_words(counts: Sequence[int]) -> str:
    """Return `4 or 5` of (4, 5)."""
    return ' or '.join(map(str, counts))
