# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What a sensor_msgs/CameraInfo says of a camera, and two of them of a stereo rig."""

from dataclasses import dataclass
from typing import Any, NamedTuple

from adu_depth_core.camera import Camera, StereoRig
from adu_depth_core.errors import InputError
from adu_depth_core.samples.rectification import rectified_rig

# A rectified pair stands side by side: calibrations as written have millimetres left over.
MAX_RISE = 0.05
# R of a camera that is not turned.
UNTURNED = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0)


class RegionOfInterest(NamedTuple):
    """A part of the calibrated image: its first pixel, and its size in pixels."""

    left: int
    top: int
    width: int
    height: int


class RawCamera(NamedTuple):
    """What is said of the raw image, as it stands in the message: not judged yet."""

    distortion_model: str
    d: tuple[float, ...]
    k: tuple[float, ...]
    r: tuple[float, ...]


@dataclass(frozen=True)
class Calibration:
    """
    What a camera_info says, whoever received it; made by `calibration_of`.

    Attributes
    ----------
    camera : Camera
        Of the whole image as calibrated: that of P where P[0] is positive, else that of K.
    has_projection : bool
        Whether P is there.
    across_m, down_m : float
        P[3] / P[0] and P[7] / P[5]: where the origin of its frame lies seen from this camera.
    window : RegionOfInterest
        Region of interest; the whole image where there is none.
    binning : (int, int)
        Pixels that became one, across and down.
    raw : RawCamera
        The image as it comes from the sensor.

    """

    camera: Camera
    has_projection: bool
    across_m: float
    down_m: float
    window: RegionOfInterest
    binning: tuple[int, int]
    raw: RawCamera

    @property
    def is_distorted(self) -> bool:
        """Whether D is anything but 0."""
        return any(self.raw.d)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels after region of interest and binning (REP 104)."""
        return self.window.width // self.binning[0], self.window.height // self.binning[1]

    def is_whole(self, width: int, height: int) -> bool:
        """
        Tell whether an image of this size shows all that was calibrated.

        Then it was neither cut nor binned, whatever the driver left in those fields.
        """
        return (self.camera.width, self.camera.height) == (width, height)

    def of_image(self, width: int, height: int) -> Camera:
        """Return the camera of an image of this size; InputError when it is of another."""
        if self.is_whole(width, height):
            return self.camera
        if self.size == (width, height):
            return self.seen()
        raise InputError(
            'describes an image of {}x{} pixels, but the image has {}x{}; publish the calibration '
            'of this image, or resize both with image_proc'.format(*self.size, width, height)
        )

    def seen(self) -> Camera:
        """Return the camera after region of interest and binning."""
        cut, (x, y) = self.camera.cropped(*self.window), self.binning
        width, height = self.size
        return Camera(width, height, cut.fx / x, cut.fy / y, cut.cx / x, cut.cy / y)


def calibration_of(info: Any) -> Calibration:
    """
    Return what a CameraInfo says, be it of rclpy or of rosbags.

    Raises
    ------
    InputError
        When neither P nor K holds a calibration.

    """
    p, k = info.p, info.k
    has_projection = bool(p[0] > 0)
    if not (has_projection or k[0] > 0):
        raise InputError(
            f'P[0] is {p[0]:g} and K[0] is {k[0]:g}, the camera is not calibrated; calibrate it'
        )
    entries = (p[0], p[5], p[2], p[6]) if has_projection else (k[0], k[4], k[2], k[5])
    camera = Camera(int(info.width), int(info.height), *map(float, entries))
    return Calibration(
        camera,
        has_projection,
        across_m=float(p[3]) / float(p[0]) if has_projection else 0.0,
        down_m=float(p[7]) / float(p[5]) if has_projection else 0.0,
        window=_window(info),
        binning=(max(int(info.binning_x), 1), max(int(info.binning_y), 1)),
        raw=RawCamera(
            str(info.distortion_model), *(tuple(map(float, v)) for v in (info.d, info.k, info.r))
        ),
    )


class ImageCalibration(NamedTuple):
    """A calibration, where it came from, and the size in pixels of the image it is to fit."""

    calibration: Calibration
    topic: str
    width: int
    height: int


def stereo_rig(left: ImageCalibration, right: ImageCalibration) -> StereoRig:
    """
    Return the rig of two rectified images.

    The baseline is the difference of what P says of the two cameras. In the convention of
    ROS the left P[3] is 0 and the right one is -fx times the baseline; in KITTI's both count
    from a third camera.

    Raises
    ------
    InputError
        When one of them is calibrated for another size, or the two are no rectified pair.

    """
    cameras = _rectified_camera(left), _rectified_camera(right)
    across_m = left.calibration.across_m - right.calibration.across_m
    down_m = left.calibration.down_m - right.calibration.down_m
    if abs(down_m) > MAX_RISE * abs(across_m):
        raise InputError(
            f'{right.topic}: P puts the right camera {across_m:.4g} m beside and {down_m:.4g} m '
            'below the left one; a rectified pair stands side by side'
        )
    try:
        return rectified_rig(*cameras, across_m)
    except InputError as error:
        raise InputError(f'{left.topic}, {right.topic}: {error}') from error


def _rectified_camera(image: ImageCalibration) -> Camera:
    if not image.calibration.has_projection:
        raise InputError(
            f'{image.topic}: P[0] is not positive, so the pair is not rectified; calibrate it as '
            'a stereo pair and rectify it with image_proc'
        )
    try:
        return image.calibration.of_image(image.width, image.height)
    except InputError as error:
        raise InputError(f'{image.topic}: {error}') from error


def _window(info: Any) -> RegionOfInterest:
    """Return the region of interest; offsets without a size, or of a whole image, mean nothing."""
    roi = info.roi
    width, height = int(roi.width or info.width), int(roi.height or info.height)
    left = int(roi.x_offset) if width != info.width else 0
    top = int(roi.y_offset) if height != info.height else 0
    return RegionOfInterest(left, top, width, height)
