# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
Images in messages, and arrays in images: no copy where none is needed.

What a node takes in becomes an (H, W, 3) uint8 RGB array. The common encodings are viewed where
they lie in the message: channels are picked and reversed by strides, and rows may be padded.
"""

import re
import sys
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from ament_index_python.packages import PackageNotFoundError, get_package_prefix
from numpy.typing import NDArray
from sensor_msgs.msg import CompressedImage, Image
from std_msgs.msg import Header

from adu_depth_core.errors import InputError

# The bytes of a pixel, and which of them are red, green and blue. The bare OpenCV names are read
# as drivers mean them: blue first.
BYTES_AND_CHANNELS = {
    'rgb8': (3, slice(0, 3)),
    'rgba8': (4, slice(0, 3)),
    'bgr8': (3, slice(2, None, -1)),
    'bgra8': (4, slice(2, None, -1)),
    'mono8': (1, slice(0, 1)),
    '8UC1': (1, slice(0, 1)),
    '8UC3': (3, slice(2, None, -1)),
    '8UC4': (4, slice(2, None, -1)),
}
SIXTEEN_BIT = ('mono16', '16UC1')


def rgb_of(message: Image | CompressedImage, topic: str) -> NDArray[np.uint8]:
    """Return the picture in either kind of message: `rgb_view` or `decoded`."""
    if isinstance(message, CompressedImage):
        return decoded(message, topic)
    return rgb_view(message, topic)


def rgb_view(message: Image, topic: str) -> NDArray[np.uint8]:
    """
    Return the picture in a message as RGB.

    Parameters
    ----------
    message : sensor_msgs/Image
        rgb8, bgr8, rgba8, bgra8, mono8, mono16 and their OpenCV names are viewed without a copy;
        of 16 bits the high byte is taken. Other encodings go through cv_bridge where there is one.
    topic : str
        Where it came from, for the error text.

    Returns
    -------
    (H, W, 3) uint8, of any strides; do not write into it.

    Raises
    ------
    InputError
        When the size, the length of the data or the encoding leaves no picture to read.

    """
    if message.width == 0 or message.height == 0:
        raise InputError(
            f'{topic}: the image is {message.width}x{message.height} pixels; check its publisher'
        )
    if message.encoding in SIXTEEN_BIT:
        high_byte = 0 if message.is_bigendian else 1
        pixels = _pixels(message, 2, topic)[..., high_byte : high_byte + 1]
    elif message.encoding in BYTES_AND_CHANNELS:
        size, channels = BYTES_AND_CHANNELS[message.encoding]
        pixels = _pixels(message, size, topic)[..., channels]
    else:
        _check_length(message, topic)
        return _through_cv_bridge(message, topic)
    return np.broadcast_to(pixels, (*pixels.shape[:2], 3))


def decoded(message: CompressedImage, topic: str) -> NDArray[np.uint8]:
    """
    Return the picture in a compressed message (JPEG, PNG) as RGB, (H, W, 3) uint8.

    The format field says, as in compressed_image_transport, which order the colours were
    compressed in ("rgb8; jpeg compressed bgr8"); where it does not say, they are as usual.

    Raises
    ------
    InputError
        When OpenCV cannot decode the data.

    """
    # An orientation tag would turn the picture against its camera_info: ignore it.
    flags = cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION
    data = np.frombuffer(message.data, np.uint8)
    bgr = cv2.imdecode(data, flags) if data.size else None
    if bgr is None:
        raise InputError(
            f'{topic}: {data.size} bytes of format "{message.format}" are no picture that can be '
            'decoded; send JPEG or PNG'
        )
    swapped = re.search(r'compressed rgb', message.format) is not None
    return np.asarray(bgr if swapped else bgr[..., ::-1], np.uint8)


def depth_message(header: Header, metres: NDArray[np.float32]) -> Image:
    """
    Return a 32FC1 image (REP 118) of lengths in metres, NaN where unknown.

    Parameters
    ----------
    header : std_msgs/Header
        Of the image that was looked at: its stamp and frame_id.
    metres : (H, W) float32, C-contiguous

    """
    height, width = metres.shape
    message = Image(
        header=header,
        height=height,
        width=width,
        encoding='32FC1',
        is_bigendian=int(sys.byteorder == 'big'),
        step=width * metres.itemsize,
    )
    # Ten times cheaper than assigning bytes, and a hundred times cheaper than an ndarray.
    message.data.frombytes(metres.data.cast('B'))
    return message


def _pixels(message: Image, size: int, topic: str) -> NDArray[np.uint8]:
    """View (H, W, size) bytes, over the padding at the end of the rows."""
    if message.step < message.width * size:
        raise InputError(
            f'{topic}: step is {message.step}, but a row of {message.width} pixels in '
            f'{message.encoding} has {message.width * size} bytes; check its publisher'
        )
    _check_length(message, topic)
    shape, strides = (message.height, message.width, size), (message.step, size, 1)
    return np.ndarray(shape, np.uint8, message.data, strides=strides)


def _check_length(message: Image, topic: str) -> None:
    if len(message.data) < message.height * message.step:
        raise InputError(
            f'{topic}: data has {len(message.data)} bytes, but {message.height} rows of '
            f'{message.step} bytes have {message.height * message.step}; check its publisher'
        )


def _through_cv_bridge(message: Image, topic: str) -> NDArray[np.uint8]:
    bridge = cv_bridge()
    if bridge is None:
        raise InputError(
            f'{topic}: encoding "{message.encoding}" is not supported here; convert it with '
            'image_proc or install cv_bridge'
        )
    try:
        return np.asarray(bridge.imgmsg_to_cv2(message, desired_encoding='rgb8'), np.uint8)
    except Exception as error:  # CvBridgeError, and what numpy and OpenCV raise inside it
        raise InputError(
            f'{topic}: cv_bridge cannot turn encoding "{message.encoding}" into rgb8: {error}'
        ) from error


@cache
def cv_bridge() -> Any | None:
    """
    Return a CvBridge where ROS 2's is installed, else None.

    ROS 1 packages of that name (on PyPI, in Debian) import well and give wrong pictures. ROS 2's
    is the one that the ament index names.
    """
    try:
        prefix = Path(get_package_prefix('cv_bridge'))
        module = import_module('cv_bridge')
    except (OSError, PackageNotFoundError, ImportError):  # OSError: there is no ament index
        return None
    return module.CvBridge() if prefix in Path(str(module.__file__)).parents else None
