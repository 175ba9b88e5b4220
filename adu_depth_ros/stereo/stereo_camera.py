# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The stereo rig that two camera_infos describe."""

from typing import NamedTuple

from sensor_msgs.msg import CameraInfo

from adu_depth_core.camera import StereoRig
from adu_depth_core.errors import InputError
from adu_depth_core.messages.camera_info import ImageCalibration, calibration_of, stereo_rig
from adu_depth_core.messages.rectifying import rectified
from adu_depth_core.samples.raw_image import Rectification
from adu_depth_ros.messages.camera_info import info_of_camera, info_of_image


class ReceivedCameraInfo(NamedTuple):
    """
    A camera_info as received, where it came from, and the size of the image it is to fit.

    `way` is how that image was rectified, where it came raw.
    """

    info: CameraInfo
    topic: str
    width: int
    height: int
    way: Rectification | None = None


class StereoCalibration(NamedTuple):
    """The rig of a pair, and the calibration to publish with its left image."""

    rig: StereoRig
    left_info: CameraInfo


def stereo_calibration(left: ReceivedCameraInfo, right: ReceivedCameraInfo) -> StereoCalibration:
    """
    Return the rig of a rectified pair, see `adu_depth_core.messages.camera_info.stereo_rig`.

    Raises
    ------
    InputError
        When a camera is not calibrated, calibrated for another size, or the pair is not
        rectified.

    """
    described = _described(left)
    rig = stereo_rig(described, _described(right))
    if left.way is None:
        info = info_of_image(left.info, left.width, left.height, left.topic)
    else:
        shift_m = described.calibration.across_m, described.calibration.down_m
        info = info_of_camera(left.info, left.way.camera, shift_m)
    return StereoCalibration(rig, info)


def _described(image: ReceivedCameraInfo) -> ImageCalibration:
    info, topic, width, height, way = image
    try:
        calibration = calibration_of(info)
    except InputError as error:
        raise InputError(f'{topic}: {error}') from error
    if way is not None:
        calibration = rectified(calibration, way.camera)
    return ImageCalibration(calibration, topic, width, height)
