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
from adu_depth_core.messages.cdr import deserialised, header, message_type, serialised, stamp_of
from adu_depth_core.messages.cdr import typestore as typestore
from adu_depth_core.messages.pixels import ENCODINGS, pixel_view
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
    """
    A camera_info message.

    Attributes
    ----------
    stamp_ns, frame_id
        Of its header.
    camera : Camera
        As calibrated, at full size.
    baseline_m : float
        -P[3] / P[0], 0 for a left or only camera.
    seen : Camera
        After region of interest and binning (REP 104).
    is_distorted : bool
        Whether D is anything but 0.

    """

    stamp_ns: int
    frame_id: str
    camera: Camera
    baseline_m: float
    seen: Camera
    is_distorted: bool

    def of_image(self, width: int, height: int) -> Camera:
        """
        Return the camera of an image of this size.

        An image of the calibrated size was neither cut nor binned, whatever the driver left in
        those fields. Raises InputError when neither camera has this size.
        """
        for camera in (self.seen, self.camera):
            if (camera.width, camera.height) == (width, height):
                return camera
        raise InputError(
            f'camera_info is of {self.seen.width}x{self.seen.height}, '
            f'the image has {width}x{height}'
        )


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
    kind, channels = ENCODINGS[encoding]
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
    projection = np.hstack([camera.matrix, [[-camera.fx * baseline_m], [0.0], [0.0]]])
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
    """Deserialise an Image; its pixels are a view of `data`. Raises InputError."""
    message = deserialised(data, IMAGE_TYPE)
    pixels = pixel_view(
        message.data,
        message.height,
        message.width,
        message.encoding,
        message.step,
        bool(message.is_bigendian),
    )
    return StampedImage(stamp_of(message), message.header.frame_id, message.encoding, pixels)


def image_encoding(data: bytes) -> str:
    """Return the encoding of a serialised Image, whatever its pixels are like."""
    return str(deserialised(data, IMAGE_TYPE).encoding)


def read_camera_info(data: bytes) -> StampedCamera:
    """
    Deserialise a CameraInfo: the rectified camera of P, of K where P is empty.

    Raises InputError when neither holds a calibration.
    """
    message = deserialised(data, CAMERA_INFO_TYPE)
    rows = message.p.reshape(3, 4) if message.p[0] > 0 else message.k.reshape(3, 3)
    camera = Camera(
        message.width,
        message.height,
        fx=float(rows[0, 0]),
        fy=float(rows[1, 1]),
        cx=float(rows[0, 2]),
        cy=float(rows[1, 2]),
    )
    baseline_m = float(0.0 - message.p[3] / message.p[0]) if message.p[0] > 0 else 0.0
    return StampedCamera(
        stamp_of(message),
        message.header.frame_id,
        camera,
        baseline_m,
        _seen(camera, message),
        bool(np.any(message.d)),
    )


def _seen(camera: Camera, message: Any) -> Camera:
    roi = message.roi
    if roi.width and roi.height:
        camera = camera.cropped(roi.x_offset, roi.y_offset, roi.width, roi.height)
    x, y = max(message.binning_x, 1), max(message.binning_y, 1)
    return Camera(
        camera.width // x,
        camera.height // y,
        fx=camera.fx / x,
        fy=camera.fy / y,
        cx=camera.cx / x,
        cy=camera.cy / y,
    )
