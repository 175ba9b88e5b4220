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

import numpy as np
import yaml

from adu_depth_core.bounded_yaml import read_yaml
from adu_depth_core.errors import InputError
from adu_depth_core.messages.camera_info import UNTURNED, Calibration, calibration_of


def read_camera_info_file(path: Path) -> Calibration:
    """
    Read the calibration of one camera, as if it had come as a camera_info.

    Raises
    ------
    InputError
        When the file cannot be read, or is no calibration.

    """
    try:
        info = _info(read_yaml(path))
    except (yaml.YAMLError, KeyError, TypeError, ValueError, OverflowError) as error:
        raise InputError(
            f'{path}: is no calibration as camera_calibration writes it '
            f'({" ".join(str(error).split())})'
        ) from error
    try:
        return calibration_of(info)
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
