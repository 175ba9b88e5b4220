# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
Points that somebody measured by tape: a text file with pictures, pixels and distances.

    # pixel from the left, pixel from the top, metres from the lens
    image hall.png
    640 360 2.41
    212 388 3.05
    image door.png
    700 300 1.87

Names of pictures are relative to the file. The distance is that from the lens to the point, as a
tape or a laser meter tells it, and no depth along the optical axis.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from adu_depth_core.camera import Camera
from adu_depth_core.errors import InputError
from adu_depth_core.evaluation.calibrating.truth_frames import TruthFrame
from adu_depth_core.regular_files import read_text
from adu_depth_core.samples.image_files import read_rgb
from adu_depth_core.samples.raw_image import Picture, RawImage
from adu_depth_core.samples.sample import Image

EXPECTED = 'expected "image NAME", and after it lines of "u v metres"'
FARTHEST_M = 1000.0
MOST_POINTS = 100_000


@dataclass(frozen=True)
class MeasuredPicture:
    """
    A picture and the points that were measured in it.

    Attributes
    ----------
    path : Path
    points : list of (float, float, float)
        u and v in pixels, and the distance from the lens in metres.

    """

    path: Path
    points: list[tuple[float, float, float]] = field(default_factory=list)


def read_points_file(path: Path) -> list[MeasuredPicture]:
    """
    Read a file of measured points.

    Raises
    ------
    InputError
        With the line that cannot be used.

    """
    pictures: list[MeasuredPicture] = []
    for number, line in enumerate(read_text(path).splitlines(), 1):
        words = line.partition('#')[0].split()
        where = f'{path}: line {number}'
        if not words:
            continue
        if words[0] == 'image' and len(words) > 1:
            name = line.partition('#')[0].split(None, 1)[1].strip()
            pictures.append(MeasuredPicture(path.parent / name))
        elif not pictures:
            raise InputError(f'{where}: points of no image; {EXPECTED}')
        else:
            pictures[-1].points.append(_point(where, words))
    if not any(picture.points for picture in pictures):
        raise InputError(f'{path}: holds no points; {EXPECTED}')
    if sum(len(picture.points) for picture in pictures) > MOST_POINTS:
        raise InputError(f'{path}: holds more than {MOST_POINTS} points, and no tape does')
    return [picture for picture in pictures if picture.points]


def frames_of_points(
    pictures: list[MeasuredPicture], see: Callable[[Image], tuple[Picture, Camera]]
) -> Iterator[TruthFrame]:
    """
    Read the pictures and lay the points into images of true depth.

    Parameters
    ----------
    pictures : list of MeasuredPicture
    see : callable
        Returns of a picture what a predictor is given, and the camera of the rectified one.

    Raises
    ------
    InputError
        When a picture cannot be read, a point is outside, or two are of one pixel of the
        rectified picture.

    """
    for number, picture in enumerate(pictures):
        given, camera = see(read_rgb(picture.path))
        truth_m = np.full((camera.height, camera.width), np.nan, np.float32)
        for u, v, metres in picture.points:
            try:
                column, row = _pixel(given, camera, u, v)
            except InputError as error:
                raise InputError(f'{picture.path}: the point {u:g} {v:g} {error}') from error
            if not np.isnan(truth_m[row, column]):
                raise InputError(f'{picture.path}: two points are of the pixel {column} {row}')
            ray = (column - camera.cx) / camera.fx, (row - camera.cy) / camera.fy, 1.0
            truth_m[row, column] = metres / math.hypot(*ray)
        yield TruthFrame(str(number), 0, given, camera, truth_m)


def _point(where: str, words: list[str]) -> tuple[float, float, float]:
    try:
        u, v, metres = map(float, words)
    except ValueError as error:
        raise InputError(f'{where}: "{" ".join(words):.80}"; {EXPECTED}') from error
    if not (math.isfinite(u) and math.isfinite(v)):
        raise InputError(f'{where}: pixel {u:g} {v:g} is not finite')
    if not 0 < metres <= FARTHEST_M:
        raise InputError(f'{where}: {metres:g} is no distance in metres up to {FARTHEST_M:g}')
    return u, v, metres


def _pixel(given: Picture, camera: Camera, u: float, v: float) -> tuple[int, int]:
    """Return column and row of the rectified picture for a place in the picture as it is."""
    if isinstance(given, RawImage):
        return given.rectification.pixel(u, v)
    column, row = round(u), round(v)
    if not (0 <= column < camera.width and 0 <= row < camera.height):
        raise InputError(f'is outside the image of {camera.width}x{camera.height}')
    return column, row
