# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The camera of pictures that come without one: by a file of its calibration, or by fx."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from adu_depth_core.camera import Camera, focal_length_px
from adu_depth_core.commands.arguments import focal_length
from adu_depth_core.errors import InputError
from adu_depth_core.messages.camera_info_file import read_camera_info_file
from adu_depth_core.messages.rectifying import AS_SAID
from adu_depth_core.samples.raw_image import Picture, RawImage
from adu_depth_core.samples.sample import Image

Seeing = Callable[[Image], tuple[Picture, Camera]]
GUESSED_HFOV = 80.0  # degrees


def add_camera_arguments(parser: argparse._ActionsContainer) -> None:
    """Add --camera-info and --fx."""
    parser.add_argument(
        '--camera-info',
        type=Path,
        metavar='FILE.yaml',
        help='calibration as camera_calibration writes it; where its D is not 0, pictures are '
        'rectified by it',
    )
    parser.add_argument('--fx', type=focal_length, help='focal length in px of these pictures')


def seeing(path: Path | None, fx: float | None, hfov: float | None = None) -> Seeing:
    """
    Return what tells of a picture whether it is raw, and the camera of the rectified one.

    Parameters
    ----------
    path : Path, optional
        Of a file as camera_calibration writes it.
    fx : float, optional
        Without a file: focal length in px, of square pixels and a centred principal point.
    hfov : float, optional
        Without either: horizontal field of view in degrees. Without that too it is guessed, and
        said so.

    Raises
    ------
    InputError
        When more than one of them is given, or the file cannot be used.

    """
    given = {'--camera-info': path, '--fx': fx, '--hfov': hfov}
    named = [name for name, value in given.items() if value is not None]
    if len(named) > 1:
        raise InputError(f'{named[0]} has the focal length; leave out {", ".join(named[1:])}')
    if path is not None:
        return _calibrated(path)
    if fx is None and hfov is None:
        print(
            f'no --camera-info, --fx or --hfov: a lens of {GUESSED_HFOV:g} degrees is assumed, '
            'and depth is only as metric as that is right',
            file=sys.stderr,
        )

    def seen(image: Image) -> tuple[Picture, Camera]:
        height, width = image.shape[:2]
        focal_px = focal_length_px(hfov or GUESSED_HFOV, width) if fx is None else fx
        return image, Camera.centred(width, height, focal_px)

    return seen


def _calibrated(path: Path) -> Seeing:
    calibration = read_camera_info_file(path)

    def seen(image: Image) -> tuple[Picture, Camera]:
        height, width = image.shape[:2]
        try:
            rectification = AS_SAID.of_image(calibration, '', width, height)
            if rectification is None:
                return image, calibration.of_image(width, height)
        except InputError as error:
            raise InputError(f'{path}: {error}') from error
        return RawImage(image, rectification), rectification.camera

    return seen
