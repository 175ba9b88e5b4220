# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
Images in messages, and arrays in images: no copy where none is needed.

What the bytes mean is told by adu_depth_core.messages, to bags and nodes alike. The common
encodings are viewed where they lie in the message.
"""

import sys
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from ament_index_python.packages import PackageNotFoundError, get_package_prefix
from numpy.typing import NDArray
from sensor_msgs.msg import CompressedImage, Image
from std_msgs.msg import Header

from adu_depth_core.bags.topics import COMPRESSED
from adu_depth_core.errors import InputError
from adu_depth_core.messages.compressed_images import decoded_picture
from adu_depth_core.messages.encodings import ENCODINGS
from adu_depth_core.messages.pixels import decoded_pixels, to_rgb
from adu_depth_core.samples.picture_bytes import MAX_PIXELS


def rgb_of(
    message: Image | CompressedImage, topic: str, max_pixels: int = MAX_PIXELS
) -> NDArray[np.uint8]:
    """
    Return the picture in either kind of message: `rgb_view` or `decoded`.

    Raises InputError, too, when it has more than `max_pixels`; of a compressed one that is read
    in its header.
    """
    if isinstance(message, CompressedImage):
        return decoded(message, topic, max_pixels)
    if message.width * message.height > max_pixels:
        raise InputError(
            f'{topic}: the image has {message.width}x{message.height} pixels, more than '
            f'{max_pixels}; make it smaller or raise that limit'
        )
    return rgb_view(message, topic)


def rgb_view(message: Image, topic: str) -> NDArray[np.uint8]:
    """
    Return the picture in a message as RGB.

    Parameters
    ----------
    message : sensor_msgs/Image
        In any of `adu_depth_core.messages.encodings`; colours and greys of 8 and 16 bits are
        viewed without a copy. Other encodings go through cv_bridge where there is one.
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
    if message.encoding not in ENCODINGS:
        return _through_cv_bridge(message, topic)
    try:
        encoding, pixels = decoded_pixels(
            np.asarray(message.data, np.uint8),
            message.height,
            message.width,
            message.encoding,
            message.step,
            bool(message.is_bigendian),
        )
        return to_rgb(pixels, encoding)
    except InputError as error:
        raise InputError(f'{topic}: {error}') from error


def decoded(
    message: CompressedImage, topic: str, max_pixels: int = MAX_PIXELS
) -> NDArray[np.uint8]:
    """
    Return the picture in a compressed message as RGB, (H, W, 3) uint8.

    Raises InputError as `adu_depth_core.messages.compressed_images.decoded_picture` does.
    """
    try:
        encoding, pixels = decoded_picture(bytes(message.data), message.format, max_pixels)
        return to_rgb(pixels, encoding)
    except InputError as error:
        raise InputError(f'{topic}: {error}') from error


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


def _check_length(message: Image, topic: str) -> None:
    """Refuse what cv_bridge would read beyond its end."""
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
    _check_length(message, topic)
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


def image_topic(topic: str, transport: str) -> str:
    """
    Return the topic of images in a form; InputError where its name says that it has another.

    Parameters
    ----------
    topic : str
        With or without /compressed at its end, which `ros2 topic list` shows.
    transport : str
        `raw` or `compressed`.

    """
    base = topic.removesuffix(COMPRESSED)
    if transport == 'compressed':
        return base + COMPRESSED
    if base != topic:
        raise InputError(
            f'{topic} has compressed images by its name; set image_transport to compressed'
        )
    return base
