# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""CameraInfo messages: the camera they describe, and the ones that go with what we publish."""

from copy import deepcopy
from typing import NamedTuple

import numpy as np
from sensor_msgs.msg import CameraInfo, RegionOfInterest

from adu_depth_core.camera import Camera
from adu_depth_core.errors import InputError
from adu_depth_core.messages.camera_info import calibration_of
from adu_depth_core.messages.rectifying import AS_THEY_COME, Rectifying
from adu_depth_core.samples.raw_image import Rectification


class CameraWithInfo(NamedTuple):
    """
    The camera of an image, and the message to publish with what is made from that image.

    Of a raw image it is the rectified camera, and `rectification` leads there.
    """

    camera: Camera
    info: CameraInfo
    rectification: Rectification | None = None


class LatestCalibration:
    """
    The calibration of the images that come, worked out anew only when camera_info changes.

    Drivers send camera_info with every image, and it says the same for hours.
    """

    def __init__(self) -> None:
        self._key: tuple[object, ...] = ()
        self._found: CameraWithInfo | None = None

    def of_image(
        self,
        info: CameraInfo,
        width: int,
        height: int,
        topic: str,
        rectifying: Rectifying = AS_THEY_COME,
        image_topic: str = '',
    ) -> CameraWithInfo:
        """Return what follows from `info`: see `calibration_of_image`."""
        key = (width, height, rectifying, *content_of(info))
        if self._found is None or key != self._key:
            found = calibration_of_image(info, width, height, topic, rectifying, image_topic)
            self._key, self._found = key, found
        return self._found


def content_of(info: CameraInfo) -> tuple[object, ...]:
    """Return what tells two calibrations apart, which the stamp does not."""
    roi = info.roi
    return (
        *(info.width, info.height, info.binning_x, info.binning_y),
        *(roi.x_offset, roi.y_offset, roi.width, roi.height),
        info.distortion_model,
        *(bytes(values) for values in (info.k, info.p, info.d, info.r)),
    )


def calibration_of_image(
    info: CameraInfo,
    width: int,
    height: int,
    topic: str,
    rectifying: Rectifying,
    image_topic: str,
) -> CameraWithInfo:
    """
    Return what goes with an image of this size.

    That is `info_of_image` and `camera_of` where it is rectified, and of a raw image what holds
    once it is.

    Raises
    ------
    InputError
        As `info_of_image`, and where a raw image cannot be rectified.

    """
    try:
        calibration = calibration_of(info)
        rectification = rectifying.of_image(calibration, image_topic, width, height)
    except InputError as error:
        raise InputError(f'{topic}: {error}') from error
    if rectification is None:
        found = info_of_image(info, width, height, topic)
        return CameraWithInfo(camera_of(found), found)
    camera = rectification.camera
    shift = calibration.across_m, calibration.down_m
    return CameraWithInfo(camera, info_of_camera(info, camera, shift), rectification)


def info_of_camera(info: CameraInfo, camera: Camera, shift_m: tuple[float, float]) -> CameraInfo:
    """
    Return the calibration of a camera that was rectified from that of `info`, as a new message.

    K is that of the rectified image, as P is. Region of interest and binning are worked in.
    """
    found = CameraInfo(header=info.header, width=camera.width, height=camera.height)
    found.distortion_model, found.d = 'plumb_bob', [0.0] * 5
    found.k, found.r = camera.matrix.ravel(), np.eye(3).ravel()
    focals = camera.fx, camera.fy
    last = [[focal * metres] for focal, metres in zip(focals, shift_m, strict=True)]
    found.p = np.hstack([camera.matrix, [*last, [0.0]]]).ravel()
    return found


def info_of_image(info: CameraInfo, width: int, height: int, topic: str) -> CameraInfo:
    """
    Return the calibration of a rectified image of this size, as a new message.

    The region of interest and the binning of `info` are honoured where they lead to the size of
    the image (REP 104). Where the image has the size that the calibration was made at, there was
    no cut and no binning, whatever the driver left in those fields, and they are cleared.

    Parameters
    ----------
    info : sensor_msgs/CameraInfo
        As received; left as it is.
    width, height : int
        Size of the image in pixels.
    topic : str
        Where `info` came from, for the error text.

    Raises
    ------
    InputError
        When the camera is not calibrated, or calibrated for another size.

    """
    try:
        calibration = calibration_of(info)
        calibration.of_image(width, height)
    except InputError as error:
        raise InputError(f'{topic}: {error}') from error
    found = copy_of_rectified(info)
    if calibration.is_whole(width, height):
        found.binning_x = found.binning_y = 0
        found.roi = RegionOfInterest()
    else:
        found.roi.x_offset, found.roi.y_offset = calibration.window[:2]
    return found


def copy_of_rectified(info: CameraInfo) -> CameraInfo:
    """Return a copy that says what is true of a rectified image: D = 0, R = I, K and P there."""
    found = deepcopy(info)
    found.distortion_model, found.d = 'plumb_bob', [0.0] * 5
    found.r = [1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0]
    if not found.p[0] > 0:
        k = found.k
        found.p = [k[0], k[1], k[2], 0.0, k[3], k[4], k[5], 0.0, k[6], k[7], k[8], 0.0]
    if not found.k[0] > 0:
        found.k = np.reshape(found.p, (3, 4))[:, :3].ravel()
    return found


def camera_of(info: CameraInfo) -> Camera:
    """Return the camera of a message from `info_of_image`; its P counts."""
    return calibration_of(info).seen()


def resized_info(info: CameraInfo, width: int, height: int) -> CameraInfo:
    """
    Return the calibration of the image of `info` after a resize, as image_proc writes it.

    The principal point becomes cx s, and not (cx + 0.5) s - 0.5 as it is between pixel centres
    (`Camera.resized`): who pairs our messages with those of image_proc finds the same numbers.
    Region of interest and binning are worked in, and cleared.

    Parameters
    ----------
    info : sensor_msgs/CameraInfo
        From `info_of_image`; left as it is.
    width, height : int
        In pixels, after the resize.

    """
    calibration = calibration_of(info)
    (seen_width, seen_height), (x_binning, y_binning) = calibration.size, calibration.binning
    scales = width / seen_width / x_binning, height / seen_height / y_binning
    offsets = calibration.window[:2]
    found = deepcopy(info)
    found.width, found.height, found.binning_x, found.binning_y = width, height, 0, 0
    found.roi = RegionOfInterest()
    for row, (scale, offset) in enumerate(zip(scales, offsets, strict=True)):
        for matrix, columns in ((found.k, 3), (found.p, 4)):
            entries = slice(row * columns, (row + 1) * columns)
            matrix[entries] *= scale
            matrix[row * columns + 2] -= offset * scale
    return found
