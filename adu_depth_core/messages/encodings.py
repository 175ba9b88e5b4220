# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The encodings of sensor_msgs/Image that are read: how their bytes lie, and where red is."""

from fractions import Fraction
from typing import NamedTuple

import cv2

FIRST_IS_RED, FIRST_IS_BLUE, GREY = slice(0, 3), slice(2, None, -1), slice(0, 1)


class Encoding(NamedTuple):
    """
    How the pixels of an encoding are stored.

    Attributes
    ----------
    kind : str
        numpy's type of one channel, without its byte order.
    channels : int
        Of a stored pixel.
    colours : slice
        Which channels are red, green and blue.
    conversion : int, optional
        What OpenCV's cvtColor does to get red, green and blue where no channel is that.
    planes : Fraction
        Stored rows for each row of the picture: NV12, NV21 and NV24 store colours below it.

    """

    kind: str
    channels: int
    colours: slice = GREY
    conversion: int | None = None
    planes: Fraction = Fraction(1)


def _bayer(kind: str, bits: int) -> dict[str, Encoding]:
    # OpenCV names the pattern by the second row and column.
    codes = {
        'rggb': cv2.COLOR_BayerBG2RGB,
        'bggr': cv2.COLOR_BayerRG2RGB,
        'gbrg': cv2.COLOR_BayerGR2RGB,
        'grbg': cv2.COLOR_BayerGB2RGB,
    }
    return {f'bayer_{name}{bits}': Encoding(kind, 1, conversion=c) for name, c in codes.items()}


# The bare OpenCV names are read as drivers mean them: blue first.
ENCODINGS: dict[str, Encoding] = {
    'mono8': Encoding('u1', 1),
    '8UC1': Encoding('u1', 1),
    'rgb8': Encoding('u1', 3, FIRST_IS_RED),
    'bgr8': Encoding('u1', 3, FIRST_IS_BLUE),
    '8UC3': Encoding('u1', 3, FIRST_IS_BLUE),
    'rgba8': Encoding('u1', 4, FIRST_IS_RED),
    'bgra8': Encoding('u1', 4, FIRST_IS_BLUE),
    '8UC4': Encoding('u1', 4, FIRST_IS_BLUE),
    'mono16': Encoding('u2', 1),
    '16UC1': Encoding('u2', 1),
    'rgb16': Encoding('u2', 3, FIRST_IS_RED),
    'bgr16': Encoding('u2', 3, FIRST_IS_BLUE),
    '16UC3': Encoding('u2', 3, FIRST_IS_BLUE),
    'rgba16': Encoding('u2', 4, FIRST_IS_RED),
    'bgra16': Encoding('u2', 4, FIRST_IS_BLUE),
    '16UC4': Encoding('u2', 4, FIRST_IS_BLUE),
    '32FC1': Encoding('f4', 1),
    **_bayer('u1', 8),
    **_bayer('u2', 16),
    **dict.fromkeys(('yuv422', 'uyvy'), Encoding('u1', 2, conversion=cv2.COLOR_YUV2RGB_UYVY)),
    **dict.fromkeys(('yuv422_yuy2', 'yuyv'), Encoding('u1', 2, conversion=cv2.COLOR_YUV2RGB_YUY2)),
    'nv12': Encoding('u1', 1, conversion=cv2.COLOR_YUV2RGB_NV12, planes=Fraction(3, 2)),
    'nv21': Encoding('u1', 1, conversion=cv2.COLOR_YUV2RGB_NV21, planes=Fraction(3, 2)),
    'nv24': Encoding('u1', 1, conversion=cv2.COLOR_YUV2RGB_UYVY, planes=Fraction(3)),
}
