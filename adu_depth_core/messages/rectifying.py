# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Which images are raw, and how what camera_info says of them makes them rectified."""

import re
from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from adu_depth_core.camera import Camera, focal_length_px
from adu_depth_core.errors import InputError
from adu_depth_core.messages.camera_info import UNTURNED, Calibration, RegionOfInterest
from adu_depth_core.samples.lens import lens
from adu_depth_core.samples.raw_image import Rectification
from adu_depth_core.samples.sample import Image

AUTO, ALWAYS, NEVER = 'auto', 'always', 'never'
MODES = AUTO, ALWAYS, NEVER
MODES_IN_WORDS = (
    'auto for those with a D that is not 0, on a topic of which no word begins with rect or '
    'undist; always; or never'
)
# A pinhole shows less than a half space; beyond this its edges are all that it shows.
WIDEST_DEGREES = 160.0
# Files print R with few digits.
ROTATION_TOLERANCE = 1e-2


class Rectifying(NamedTuple):
    """
    What is to be rectified, and into what.

    Attributes
    ----------
    mode : str
        One of `MODES`.
    fov_degrees : float
        Horizontal field of view of the rectified camera, with square pixels and its principal
        point in the middle; 0 for the camera of P, or of K where P is empty.

    """

    mode: str = AUTO
    fov_degrees: float = 0.0

    def is_due(self, calibration: Calibration, image_topic: str) -> bool:
        """Tell whether images of a topic are raw and to be rectified."""
        if self.mode != AUTO:
            return self.mode == ALWAYS
        return calibration.is_distorted and not says_rectified(image_topic)

    def of_image(
        self, calibration: Calibration, image_topic: str, width: int, height: int
    ) -> Rectification | None:
        """
        Return how to rectify an image of this size; None where it is to stay as it is.

        Raises
        ------
        InputError
            When it is calibrated for another size, or its lens cannot be told from camera_info.

        """
        if not self.is_due(calibration, image_topic):
            return None
        k = calibration.raw.k
        whole = calibration.camera
        if not k[0] > 0:
            raise InputError(
                f'K[0] is {k[0]:g}, so the raw image cannot be rectified; calibrate the camera'
            )
        raw = replace(calibration, camera=Camera(*_size(whole), k[0], k[4], k[2], k[5]))
        raw_camera = raw.of_image(width, height)
        camera = calibration.of_image(width, height)
        if self.fov_degrees:
            focal = focal_length_px(self.fov_degrees, width)
            camera = Camera.centred(width, height, focal)
        model, d = calibration.raw.distortion_model, calibration.raw.d
        return _kept(Rectification(lens(raw_camera, model, d), _rotation(calibration), camera))

    def applied(
        self, image: Image, calibration: Calibration, image_topic: str
    ) -> tuple[Image, Calibration]:
        """Return an image as it is when rectified, and the calibration of that; see `of_image`."""
        height, width = image.shape[:2]
        rectification = self.of_image(calibration, image_topic, width, height)
        if rectification is None:
            return image, calibration
        camera = rectification.camera
        return rectification.image(image, camera), rectified(calibration, camera)


def says_rectified(image_topic: str) -> bool:
    """Tell whether the name of a topic says that its images are rectified."""
    return re.search('(^|[/_])(rect|undist)', image_topic) is not None


def rectified(calibration: Calibration, camera: Camera) -> Calibration:
    """Return the calibration after its images have been rectified for `camera`."""
    k = tuple(map(float, camera.matrix.ravel()))
    return replace(
        calibration,
        camera=camera,
        window=RegionOfInterest(0, 0, *_size(camera)),
        binning=(1, 1),
        raw=calibration.raw._replace(distortion_model='plumb_bob', d=5 * (0.0,), k=k, r=UNTURNED),
    )


def _rotation(calibration: Calibration) -> tuple[float, ...]:
    """Return R; where a driver has left it empty, nothing is turned."""
    r = calibration.raw.r
    if not any(r):
        return UNTURNED
    matrix = np.reshape(r, (3, 3))
    if not np.isfinite(matrix).all() or np.abs(matrix).max() > 2:
        raise InputError('R has a value that no rotation has; calibrate the camera')
    off = np.abs(matrix @ matrix.T - np.eye(3)).max()
    if off > ROTATION_TOLERANCE or np.linalg.det(matrix) < 0:
        raise InputError(
            f'R is no rotation (R times its transpose is off by {off:.2g}); calibrate the camera'
        )
    return r


def _size(camera: Camera) -> tuple[int, int]:
    return camera.width, camera.height


@lru_cache(maxsize=4)
def _kept(rectification: Rectification) -> Rectification:
    """Return the equal one that was here before, which has its maps already."""
    return rectification


AS_SAID, AS_THEY_COME = Rectifying(), Rectifying(NEVER)
