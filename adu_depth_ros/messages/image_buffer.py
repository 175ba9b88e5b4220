# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""An image message that is used again and again, and filled by one copy."""

import sys
from array import array
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray
from sensor_msgs.msg import Image
from std_msgs.msg import Header


class ImageBuffer:
    """
    One message, and its pixels as an array: what is written into the array is in the message.

    Publishing copies the message out of here, so the next frame may overwrite it.

    Parameters
    ----------
    encoding : str
        As in sensor_msgs/image_encodings.
    dtype : type
        Of one channel.
    channels : int

    """

    def __init__(self, encoding: str, dtype: DTypeLike, channels: int = 1) -> None:
        self._dtype, self._channels = np.dtype(dtype), channels
        self._message = Image(encoding=encoding, is_bigendian=int(sys.byteorder == 'big'))
        self._pixels: NDArray[Any] = np.empty((0, 0), self._dtype)

    def pixels(self, height: int, width: int) -> NDArray[Any]:
        """Return the (H, W) or (H, W, channels) memory to write the next picture into."""
        shape = (height, width) if self._channels == 1 else (height, width, self._channels)
        if self._pixels.shape != shape:
            self._message.height, self._message.width = height, width
            self._message.step = width * self._channels * self._dtype.itemsize
            # An array of bytes is taken as it is; all else would be looked at byte by byte.
            self._message.data = array('B', bytes(height * self._message.step))
            self._pixels = np.frombuffer(self._message.data, self._dtype).reshape(shape)
        return self._pixels

    def message(self, header: Header) -> Image:
        """Return the message with what was written, valid until the next picture."""
        self._message.header = header
        return self._message

    def filled(self, header: Header, values: NDArray[Any]) -> Image:
        """Return the message with a picture, copied in unless it was written here."""
        pixels = self.pixels(*values.shape[:2])
        if values is not pixels:
            np.copyto(pixels, values)
        return self.message(header)
