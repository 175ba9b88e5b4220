# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""sensor_msgs/CompressedImage: pictures, and depth, packed by image_transport."""

import struct
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from adu_depth_core.errors import InputError
from adu_depth_core.messages.cdr import deserialised, header, message_type, serialised, stamp_ns_of
from adu_depth_core.messages.pixels import is_of_depth
from adu_depth_core.messages.stamped import StampedImage, image_of
from adu_depth_core.messages.types import COMPRESSED_IMAGE_TYPE
from adu_depth_core.samples.picture_bytes import MAX_PIXELS, PNG_BEGIN
from adu_depth_core.samples.picture_decoder import decoded_bytes
from adu_depth_core.samples.sample import Image

# ConfigHeader of compressed_depth_image_transport: an enumeration, then two parameters a, b.
DEPTH_HEADER = struct.Struct('<iff')
INVERSE_DEPTH = 0
# numpy's type of pictures with one channel, and the encoding.
ONE_CHANNEL = {'uint8': 'mono8', 'uint16': '16UC1', 'float32': '32FC1'}

JPEG_FORMAT = 'rgb8; jpeg compressed bgr8'
DEPTH_FORMAT = '16UC1; compressedDepth png'


def decoded_picture(
    data: bytes, format: str, max_pixels: int = MAX_PIXELS
) -> tuple[str, NDArray[np.generic]]:
    """
    Return the encoding and the pixels of a compressed image, whoever received it.

    Parameters
    ----------
    data : bytes
        JPEG, PNG, WebP, TIFF or BMP, or what compressed_depth_image_transport made of a PNG.
    format : str
        As in sensor_msgs/CompressedImage: "rgb8; jpeg compressed bgr8" names the original
        encoding, the codec, and the order in which the codec was given the colours. Where it
        does not say that it was red first, it was blue first, as OpenCV has it.
    max_pixels : int
        What has more is refused before it is decoded.

    Returns
    -------
    encoding : str
        'rgb8' or 'mono8'; '16UC1' for one channel of 16 bits; '32FC1' (metres) for quantised
        inverse depth and for one channel of floats.
    pixels : (H, W) or (H, W, 3)

    Raises
    ------
    InputError
        When it is none of these, not whole, too large, or depth packed with RVL.

    """
    encoding, _, rest = format.partition(';')
    if 'compressedDepth' not in format:
        stored = decoded_bytes(data, cv2.IMREAD_UNCHANGED, max_pixels)
        return _picture(stored, is_red_first='compressed rgb' in rest)
    if 'rvl' in rest:
        raise InputError(f'format "{format}" cannot be read; publish it as png')
    # Some writers leave out the header.
    at = 0 if data.startswith(PNG_BEGIN) else DEPTH_HEADER.size
    stored = decoded_bytes(data[at:], cv2.IMREAD_UNCHANGED, max_pixels)
    if stored.dtype != np.uint16 or stored.ndim != 2:
        raise InputError(
            f'format "{format}" promises one channel of 16 bits, the picture has others'
        )
    if encoding != '32FC1':
        return '16UC1', stored
    if not at:
        raise InputError(f'format "{format}" needs a header with parameters before the picture')
    return '32FC1', _from_inverse(stored, *DEPTH_HEADER.unpack(data[:at])[1:])


def read_compressed_image(data: bytes) -> StampedImage:
    """Deserialise and decode a CompressedImage, see `decoded_picture`. Raises InputError."""
    return picture_of(deserialised(data, COMPRESSED_IMAGE_TYPE))


def picture_of(message: Any) -> StampedImage:
    """Decode an Image or CompressedImage, be it of rclpy or of rosbags. Raises InputError."""
    if hasattr(message, 'encoding'):
        return image_of(message)
    encoding, pixels = decoded_picture(bytes(message.data), message.format)
    return StampedImage(stamp_ns_of(message), message.header.frame_id, encoding, pixels)


def jpeg_message(image: Image, *, quality: int, stamp_ns: int, frame_id: str) -> bytes:
    """Serialise (H, W, 3) uint8 RGB as a JPEG of `quality` (1 to 100)."""
    bgr = cv2.cvtColor(image, cv2.COLOR_RGB2BGR)
    picture = _encoded('.jpg', bgr, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return compressed_image_message(
        picture, format=JPEG_FORMAT, stamp_ns=stamp_ns, frame_id=frame_id
    )


def compressed_depth_message(
    millimetres: NDArray[np.uint16], *, stamp_ns: int, frame_id: str
) -> bytes:
    """Serialise (H, W) uint16 depth, 0 = unknown, as compressed_depth_image_transport does."""
    packed = DEPTH_HEADER.pack(INVERSE_DEPTH, 0.0, 0.0) + _encoded('.png', millimetres, [])
    return compressed_image_message(
        packed, format=DEPTH_FORMAT, stamp_ns=stamp_ns, frame_id=frame_id
    )


def compressed_image_message(
    picture: bytes, *, format: str, stamp_ns: int, frame_id: str
) -> bytes:
    """Serialise the bytes of a picture as a CompressedImage, whatever they are."""
    message = message_type(COMPRESSED_IMAGE_TYPE)(
        header=header(stamp_ns, frame_id), format=format, data=np.frombuffer(picture, np.uint8)
    )
    return serialised(message, COMPRESSED_IMAGE_TYPE)


def holds_depth(data: bytes) -> bool:
    """Tell from `format` and first bytes of a CompressedImage whether it is depth."""
    message = deserialised(data, COMPRESSED_IMAGE_TYPE)
    if 'compressedDepth' in message.format or is_of_depth(message.format.partition(';')[0]):
        return True
    # Depth and type of colour in a PNG's first chunk: 16 bits, grey.
    first = message.data[:26].tobytes()
    return first.startswith(PNG_BEGIN) and first[24:] == b'\x10\x00'


def _picture(stored: NDArray[Any], *, is_red_first: bool) -> tuple[str, NDArray[np.generic]]:
    channels = 1 if stored.ndim == 2 else stored.shape[2]
    if channels == 1 and stored.dtype.name in ONE_CHANNEL:
        return ONE_CHANNEL[stored.dtype.name], stored
    if stored.dtype == np.uint16:
        stored = (stored >> 8).astype(np.uint8)
    if stored.dtype != np.uint8 or channels not in (3, 4):
        raise InputError(
            f'the picture has {channels} channels of {stored.dtype}, which is no colour'
        )
    return 'rgb8', stored[..., :3] if is_red_first else stored[..., 2::-1]


def _from_inverse(stored: NDArray[np.uint16], a: float, b: float) -> NDArray[np.float32]:
    """Return metres a / (stored - b), NaN where nothing is stored."""
    if not (np.isfinite(a) and np.isfinite(b) and a > 0):
        raise InputError(f'the parameters {a:g} and {b:g} of quantised depth are not possible')
    with np.errstate(divide='ignore', over='ignore'):
        depth_m = np.float32(a) / (stored.astype(np.float32) - np.float32(b))
    return np.where(
        (stored > 0) & (depth_m > 0) & np.isfinite(depth_m), depth_m, np.float32(np.nan)
    )


def _encoded(suffix: str, pixels: NDArray[Any], options: list[int]) -> bytes:
    done, picture = cv2.imencode(suffix, pixels, options)
    assert done
    return picture.tobytes()
