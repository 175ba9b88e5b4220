# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Messages as a bag stores them (CDR bytes) to and from arrays and cameras, without ROS."""

import struct
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adu_depth_core.camera import Camera
from adu_depth_core.errors import InputError
from adu_depth_core.messages.camera_info import Calibration, calibration_of
from adu_depth_core.messages.cdr import deserialised, header, message_type, serialised, stamp_ns_of
from adu_depth_core.messages.pixels import ENCODINGS, decoded_pixels
from adu_depth_core.messages.types import CAMERA_INFO_TYPE, IMAGE_TYPE


@dataclass(frozen=True)
class StampedImage:
    """
    An image message: `pixels` is (H, W) or (H, W, C) in the type that `encoding` names.

    `pixels.to_rgb` and `pixels.to_depth_m` say what they mean.
    """

    stamp_ns: int
    frame_id: str
    encoding: str
    pixels: NDArray[np.generic]


@dataclass(frozen=True)
class StampedCamera:
    """A camera_info message: stamp and frame of its header, and what it says of the camera."""

    stamp_ns: int
    frame_id: str
    calibration: Calibration

    @property
    def camera(self) -> Camera:
        """As calibrated, at full size."""
        return self.calibration.camera

    @property
    def baseline_m(self) -> float:
        """Minus P[3] / P[0], 0 for a left or only camera."""
        return 0.0 - self.calibration.across_m

    @property
    def is_distorted(self) -> bool:
        """Whether D is anything but 0."""
        return self.calibration.is_distorted

    def of_image(self, width: int, height: int) -> Camera:
        """Return the camera of an image of this size, see `Calibration.of_image`."""
        return self.calibration.of_image(width, height)


def header_stamp_ns(data: bytes | memoryview) -> int:
    """Return the stamp in nanoseconds of a serialised message that begins with a Header."""
    if len(data) < 12:
        raise InputError(f'a message of {len(data)} bytes is too short to hold a header')
    order = '<' if data[1] & 1 else '>'
    seconds, nanoseconds = struct.unpack_from(f'{order}iI', data, 4)
    return int(seconds) * 1_000_000_000 + int(nanoseconds)


def header_frame_id(data: bytes | memoryview) -> str:
    """Return the frame of a serialised message that begins with a Header, without a first /."""
    order = '<' if len(data) > 1 and data[1] & 1 else '>'
    (length,) = struct.unpack_from(f'{order}I', data, 12) if len(data) >= 16 else (0,)
    name = bytes(data[16 : 16 + length])
    if len(name) < length or not length:
        raise InputError(f'a message of {len(data)} bytes holds no frame_id')
    return name.rstrip(b'\0').decode(errors='replace').removeprefix('/')


def image_message(
    pixels: NDArray[np.generic], *, encoding: str, stamp_ns: int, frame_id: str
) -> bytes:
    """Serialise (H, W) or (H, W, C) pixels, whose type must be that of `encoding`, as an Image."""
    kind, channels, *_ = ENCODINGS[encoding]
    pixels = np.ascontiguousarray(pixels, np.dtype(kind).newbyteorder('<'))
    height, width = pixels.shape[:2]
    message = message_type(IMAGE_TYPE)(
        header=header(stamp_ns, frame_id),
        height=height,
        width=width,
        encoding=encoding,
        is_bigendian=0,
        step=width * channels * pixels.itemsize,
        data=pixels.reshape(-1).view(np.uint8),
    )
    return serialised(message, IMAGE_TYPE)


def camera_info_message(
    camera: Camera, *, stamp_ns: int, frame_id: str, baseline_m: float = 0.0
) -> bytes:
    """
    Serialise the CameraInfo of a rectified image: D zero, R identity, P[3] = -fx baseline_m.

    `baseline_m` is the distance in metres to the left camera: 0 for the left camera itself.
    """
    # 0.0 less it, and not its negative: a left camera's is 0.0, which is not written as -0.0.
    shift = 0.0 - camera.fx * baseline_m
    projection = np.hstack([camera.matrix, [[shift], [0.0], [0.0]]])
    message = message_type(CAMERA_INFO_TYPE)(
        header=header(stamp_ns, frame_id),
        height=camera.height,
        width=camera.width,
        distortion_model='plumb_bob',
        d=np.zeros(5),
        k=camera.matrix.reshape(-1),
        r=np.eye(3).reshape(-1),
        p=projection.reshape(-1),
        binning_x=0,
        binning_y=0,
        roi=message_type('sensor_msgs/msg/RegionOfInterest')(
            x_offset=0, y_offset=0, height=0, width=0, do_rectify=False
        ),
    )
    return serialised(message, CAMERA_INFO_TYPE)


def read_image(data: bytes) -> StampedImage:
    """Deserialise an Image, see `decoded_pixels`. Raises InputError."""
    return image_of(deserialised(data, IMAGE_TYPE))


def image_of(message: Any) -> StampedImage:
    """Read an Image, be it of rclpy or of rosbags, see `decoded_pixels`. Raises InputError."""
    encoding, pixels = decoded_pixels(
        np.asarray(message.data, np.uint8),
        message.height,
        message.width,
        message.encoding,
        message.step,
        bool(message.is_bigendian),
    )
    return StampedImage(stamp_ns_of(message), message.header.frame_id, encoding, pixels)


def image_encoding(data: bytes) -> str:
    """Return the encoding of a serialised Image, whatever its pixels are like."""
    return str(deserialised(data, IMAGE_TYPE).encoding)


def read_camera_info(data: bytes) -> StampedCamera:
    """Deserialise a CameraInfo, see `calibration_of`. Raises InputError."""
    message = deserialised(data, CAMERA_INFO_TYPE)
    return StampedCamera(stamp_ns_of(message), message.header.frame_id, calibration_of(message))
