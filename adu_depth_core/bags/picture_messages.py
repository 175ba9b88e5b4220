# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Pictures of a recording, whichever kind of message they are in."""

import numpy as np

from adu_depth_core.bags.storage import BagMessage
from adu_depth_core.errors import InputError
from adu_depth_core.messages.compressed_images import holds_depth, read_compressed_image
from adu_depth_core.messages.pixels import is_of_depth, to_rgb
from adu_depth_core.messages.stamped import StampedImage, image_encoding, read_image
from adu_depth_core.messages.types import COMPRESSED_IMAGE_TYPE, IMAGE_TYPE
from adu_depth_core.samples.sample import Image

PICTURE_TYPES = (IMAGE_TYPE, COMPRESSED_IMAGE_TYPE)


def read_picture(message: BagMessage) -> StampedImage:
    """
    Decode an Image or CompressedImage, see `read_compressed_image` for the encodings of that.

    Raises InputError, with the topic in its sentence, when it cannot be decoded.
    """
    if message.msgtype not in PICTURE_TYPES:
        raise InputError(f'{message.topic}: {message.msgtype} is no image')
    read = read_image if message.msgtype == IMAGE_TYPE else read_compressed_image
    try:
        return read(message.data)
    except InputError as error:
        # Names in a spoilt message may hold anything, line breaks too.
        raise InputError(f'{message.topic}: {" ".join(str(error).split())}') from error


def rgb_pixels(picture: StampedImage) -> Image:
    """Return a picture as RGB, (H, W, 3) uint8, C-contiguous. Raises InputError as `to_rgb`."""
    return np.ascontiguousarray(to_rgb(picture.pixels, picture.encoding))


def rgb_of_topic(picture: StampedImage, topic: str) -> Image:
    """Return `rgb_pixels`; the sentence of an InputError names the topic."""
    try:
        return rgb_pixels(picture)
    except InputError as error:
        raise InputError(f'{topic}: {error}') from error


def picture_is_depth(message: BagMessage) -> bool:
    """Tell by type, encoding and format whether a picture is depth. Raises InputError."""
    if message.msgtype == COMPRESSED_IMAGE_TYPE:
        return holds_depth(message.data)
    return is_of_depth(image_encoding(message.data))
