# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The stereo rig that two camera_infos describe."""

from typing import NamedTuple

from sensor_msgs.msg import CameraInfo

from adu_depth_core.camera import StereoRig
from adu_depth_core.errors import InputError
from adu_depth_core.samples.rectification import rectified_rig
from adu_depth_ros.messages.camera_info import camera_of, info_of_image

# A rectified pair stands side by side: calibrations as written have millimetres left over.
MAX_RISE = 0.05


class ImageCalibration(NamedTuple):
    """A camera_info as received, where it came from, and the size of the image it is to fit."""

    info: CameraInfo
    topic: str
    width: int
    height: int


class StereoCalibration(NamedTuple):
    """The rig of a pair, and the calibration to publish with its left image."""

    rig: StereoRig
    left_info: CameraInfo


def stereo_calibration(left: ImageCalibration, right: ImageCalibration) -> StereoCalibration:
    """
    Return the rig of a rectified pair.

    The baseline is the difference of what P says of the two cameras. In the convention of
    ROS the left P[3] is 0 and the right one is -fx times the baseline; in KITTI's both count
    from a third camera.

    Raises
    ------
    InputError
        When a camera is not calibrated, calibrated for another size, or the pair is not
        rectified.

    """
    left_info, right_info = _rectified_info(left), _rectified_info(right)
    across, down = (
        _offset_m(left_info, row) - _offset_m(right_info, row) for row in ((3, 0), (7, 5))
    )
    if abs(down) > MAX_RISE * abs(across):
        raise InputError(
            f'{right.topic}: P puts the right camera {across:.4g} m beside and {down:.4g} m below '
            'the left one; a rectified pair stands side by side'
        )
    try:
        rig = rectified_rig(camera_of(left_info), camera_of(right_info), across)
    except InputError as error:
        raise InputError(f'{left.topic}, {right.topic}: {error}') from error
    return StereoCalibration(rig, left_info)


def _rectified_info(image: ImageCalibration) -> CameraInfo:
    if not image.info.p[0] > 0:
        raise InputError(
            f'{image.topic}: P[0] is {image.info.p[0]:g}, so the pair is not rectified; calibrate '
            'it as a stereo pair and rectify it with image_proc'
        )
    return info_of_image(image.info, image.width, image.height, image.topic)


def _offset_m(info: CameraInfo, entries: tuple[int, int]) -> float:
    """Return P[3] / P[0] or P[7] / P[5]: where the frame's origin lies seen from this camera."""
    shift, focal = entries
    return float(info.p[shift] / info.p[focal])
