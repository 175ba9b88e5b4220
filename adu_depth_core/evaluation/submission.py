# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
What KITTI's depth prediction benchmark takes: a zip of 16-bit PNGs, metres times 256.

The archive has no folders; pictures are named `0000000000.png` and so on, as the images of
`test_depth_prediction_anonymous` are.
"""

import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from adu_depth_core.atomic_files import written_whole
from adu_depth_core.errors import InputError
from adu_depth_core.samples.image_files import DEPTH_SCALE
from adu_depth_core.samples.sample import Depth

IMAGES = 500
SIZE = 352, 1216  # height, width


class SubmissionImage(NamedTuple):
    """Name of an image without suffix, and its depth: (H, W) uint16, metres times 256."""

    name: str
    stored: NDArray[np.uint16]


def stored_depth(depth_m: Depth) -> NDArray[np.uint16]:
    """
    Return metres times 256, rounded, as (H, W) uint16.

    The benchmark fills up what is 0 by its own means, so that every pixel is at least 1; what is
    unknown is so, too.
    """
    scaled = np.round(depth_m * DEPTH_SCALE)
    # fmax passes over NaN.
    return np.fmin(np.fmax(scaled, 1), np.iinfo(np.uint16).max).astype(np.uint16)


def check_names(names: Sequence[str], *, allow_incomplete: bool = False) -> None:
    """
    Refuse anything but the images of the benchmark: 500, numbered from 0.

    Raises
    ------
    InputError
        When there are others, or, unless `allow_incomplete`, fewer.

    """
    wanted = _all_names()
    strange = sorted(set(names) - set(wanted))
    if strange:
        raise InputError(
            f'image {strange[0]} is none of the benchmark: they are {wanted[0]} to {wanted[-1]}'
        )
    if len(names) != IMAGES and not allow_incomplete:
        raise InputError(
            f'{len(names)} images, the benchmark takes {IMAGES}; complete the folder, or try the '
            'rest out with --allow-incomplete'
        )


def absent_images(names: Sequence[str]) -> list[str]:
    """Return those images of the benchmark that are not among `names`."""
    return [name for name in _all_names() if name not in set(names)]


def _all_names() -> list[str]:
    return [f'{number:010d}' for number in range(IMAGES)]


def write_submission(path: Path, pictures: Iterable[SubmissionImage]) -> list[str]:
    """
    Write a zip whole or not at all, and return the names of its files.

    What was written is read back before the zip takes its place.

    Raises
    ------
    InputError
        When it does not hold what it should.

    """
    names = []
    with written_whole(path) as part:
        with zipfile.ZipFile(part, 'w', zipfile.ZIP_STORED) as archive:
            for picture in pictures:
                names.append(f'{picture.name}.png')
                # Without a date of its own, the same depth makes the same file.
                archive.writestr(zipfile.ZipInfo(names[-1]), _png(picture))
        check_submission(part, names)
    return names


def check_submission(path: Path, names: Sequence[str]) -> None:
    """Read a zip; `InputError` unless it holds these files, each a PNG as the benchmark wants."""
    with zipfile.ZipFile(path) as archive:
        found = archive.namelist()
        if found != list(names):
            raise InputError(f'{path}: holds {len(found)} files, not the {len(names)} expected')
        for name in found:
            data = np.frombuffer(archive.read(name), np.uint8)
            _check_picture(f'{path}: {name}', cv2.imdecode(data, cv2.IMREAD_UNCHANGED))


def _check_picture(name: str, stored: NDArray | None) -> None:
    if stored is None or stored.dtype != np.uint16 or stored.ndim != 2:
        raise InputError(f'{name}: not a 16-bit single-channel PNG')
    if stored.shape != SIZE:
        raise InputError(
            f'{name}: size {stored.shape[1]}x{stored.shape[0]}, the benchmark has '
            f'{SIZE[1]}x{SIZE[0]}'
        )
    if not stored.all():
        raise InputError(f'{name}: holds pixels without depth')


def _png(picture: SubmissionImage) -> bytes:
    good, data = cv2.imencode('.png', picture.stored)
    if not good:
        raise InputError(f'{picture.name}: cannot be written as a PNG')
    return data.tobytes()
