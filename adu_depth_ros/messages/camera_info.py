# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""CameraInfo messages: the camera they describe, and the ones that go with what we publish."""

from copy import deepcopy
from typing import NamedTuple

from sensor_msgs.msg import CameraInfo, RegionOfInterest

from adu_depth_core.camera import Camera
from adu_depth_core.errors import InputError


class Calibration(NamedTuple):
    """The camera of an image, and the message to publish with what is made from that image."""

    camera: Camera
    info: CameraInfo


class LatestCalibration:
    """
    The calibration of the images that come, worked out anew only when camera_info changes.

    Drivers send camera_info with every image, and it says the same for hours.
    """

    def __init__(self) -> None:
        self._key: tuple[object, ...] = ()
        self._found: Calibration | None = None

    def of_image(self, info: CameraInfo, width: int, height: int, topic: str) -> Calibration:
        """Return what follows from `info`: as `info_of_image` and `camera_of`."""
        key = (width, height, *content_of(info))
        if self._found is None or key != self._key:
            found = info_of_image(info, width, height, topic)
            self._key, self._found = key, Calibration(camera_of(found), found)
        return self._found


def content_of(info: CameraInfo) -> tuple[object, ...]:
    """Return what tells two calibrations apart, which the stamp does not."""
    roi = info.roi
    return (
        *(info.width, info.height, info.binning_x, info.binning_y),
        *(roi.x_offset, roi.y_offset, roi.width, roi.height),
        *(bytes(values) for values in (info.k, info.p, info.d)),
    )


def is_distorted(info: CameraInfo) -> bool:
    """Return whether the lens, as calibrated, bends straight lines."""
    return any(info.d)


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
    if info.k[0] == 0:
        raise InputError(f'{topic}: K[0] is 0, the camera is not calibrated; calibrate it')
    found = copy_of_rectified(info)
    if image_size(info) == (width, height):
        return found
    if (info.width, info.height) == (width, height):
        found.binning_x = found.binning_y = 0
        found.roi = RegionOfInterest()
        return found
    described = '{}x{}'.format(*image_size(info))
    raise InputError(
        f'{topic}: describes an image of {described} pixels, but the image has {width}x{height}; '
        'publish the calibration of this image, or resize both with image_proc'
    )


def image_size(info: CameraInfo) -> tuple[int, int]:
    """Return width and height in pixels of the image that `info` describes (REP 104)."""
    width, height = info.roi.width or info.width, info.roi.height or info.height
    return width // max(info.binning_x, 1), height // max(info.binning_y, 1)


def copy_of_rectified(info: CameraInfo) -> CameraInfo:
    """Return a copy that says what is true of a rectified image: D = 0, R = I, P is there."""
    found = deepcopy(info)
    found.distortion_model, found.d = 'plumb_bob', [0.0] * 5
    found.r = [1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0]
    if not found.p[0] > 0:
        k = found.k
        found.p = [k[0], k[1], k[2], 0.0, k[3], k[4], k[5], 0.0, k[6], k[7], k[8], 0.0]
    return found


def camera_of(info: CameraInfo) -> Camera:
    """Return the camera of a message from `info_of_image`; its P counts."""
    width, height = image_size(info)
    x_binning, y_binning = max(info.binning_x, 1), max(info.binning_y, 1)
    return Camera(
        width,
        height,
        fx=float(info.p[0]) / x_binning,
        fy=float(info.p[5]) / y_binning,
        cx=(float(info.p[2]) - info.roi.x_offset) / x_binning,
        cy=(float(info.p[6]) - info.roi.y_offset) / y_binning,
    )


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
    seen_width, seen_height = image_size(info)
    scales = (
        width / seen_width / max(info.binning_x, 1),
        height / seen_height / max(info.binning_y, 1),
    )
    offsets = info.roi.x_offset, info.roi.y_offset
    found = deepcopy(info)
    found.width, found.height, found.binning_x, found.binning_y = width, height, 0, 0
    found.roi = RegionOfInterest()
    for row, (scale, offset) in enumerate(zip(scales, offsets, strict=True)):
        for matrix, columns in ((found.k, 3), (found.p, 4)):
            entries = slice(row * columns, (row + 1) * columns)
            matrix[entries] *= scale
            matrix[row * columns + 2] -= offset * scale
    return found
