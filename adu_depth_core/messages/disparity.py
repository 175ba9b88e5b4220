# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""stereo_msgs/DisparityImage: what another stereo system measured, to and from arrays."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from adu_depth_core.errors import InputError
from adu_depth_core.messages.cdr import deserialised, header, message_type, serialised, stamp_ns_of
from adu_depth_core.messages.stamped import image_of
from adu_depth_core.messages.types import DISPARITY_TYPE, IMAGE_TYPE
from adu_depth_core.samples.sample import Depth

# No sensor of a robot sees that far: what says so is a number gone wrong.
BEYOND_M = 10_000.0


@dataclass(frozen=True)
class StampedDisparity:
    """
    A disparity image.

    Attributes
    ----------
    stamp_ns : int
        Of the left image.
    frame_id : str
        Of the left camera.
    disparity_px : (H, W) float32
        x_left - x_right, less the difference of the principal points; NaN where unknown.
    focal_px, baseline_m : float
        The depth is focal_px * baseline_m / disparity_px.

    """

    stamp_ns: int
    frame_id: str
    disparity_px: Depth
    focal_px: float
    baseline_m: float

    @property
    def depth_m(self) -> Depth:
        """Depth in metres, (H, W) float32, NaN where unknown, 0 or beyond `BEYOND_M`."""
        exact_m = self.focal_px * self.baseline_m / self.disparity_px.astype(np.float64)
        with np.errstate(over='ignore', under='ignore', invalid='ignore'):
            depth_m = exact_m.astype(np.float32)
            depth_m[~((depth_m > 0) & (depth_m <= BEYOND_M))] = np.nan
        return depth_m


def read_disparity(data: bytes) -> StampedDisparity:
    """Deserialise a DisparityImage, see `disparity_of`. Raises InputError."""
    return disparity_of(deserialised(data, DISPARITY_TYPE))


def disparity_of(message: Any) -> StampedDisparity:
    """
    Return what a DisparityImage says, be it of rclpy or of rosbags.

    A matcher writes `min_disparity`, the end of its search, or less where it found nothing; a
    point at no disparity is at infinity, or farther. All these are unknown.

    Raises
    ------
    InputError
        When the image is not 32FC1 or not whole, or f or T is not a positive number.

    """
    focal_px, baseline_m = float(message.f), float(message.t)
    for name, value in (('f', focal_px), ('T', baseline_m)):
        if not (np.isfinite(value) and value > 0):
            raise InputError(
                f'{name} is {value:g}, so disparity gives no depth; have its publisher fill in '
                'f (px) and T (baseline in m)'
            )
    image = image_of(message.image)
    if image.encoding != '32FC1':
        raise InputError(f'the disparity is in {image.encoding}; stereo_msgs has it in 32FC1')
    disparity_px = image.pixels.astype(np.float32)
    least = max(0.0, float(message.min_disparity))  # in this order NaN is no limit
    with np.errstate(invalid='ignore'):
        known = (disparity_px > least) & np.isfinite(disparity_px)
    disparity_px[~known] = np.nan
    frame_id = message.header.frame_id or image.frame_id
    return StampedDisparity(stamp_ns_of(message), frame_id, disparity_px, focal_px, baseline_m)


def disparity_image_message(
    disparity_px: Depth,
    *,
    focal_px: float,
    baseline_m: float,
    stamp_ns: int,
    frame_id: str,
    min_disparity: float = 0.0,
) -> bytes:
    """Serialise (H, W) float32 disparity in px, `min_disparity` or NaN where unknown."""
    height, width = disparity_px.shape
    stored = np.ascontiguousarray(disparity_px, '<f4')
    image = message_type(IMAGE_TYPE)(
        header=header(stamp_ns, frame_id),
        height=height,
        width=width,
        encoding='32FC1',
        is_bigendian=0,
        step=width * stored.itemsize,
        data=stored.reshape(-1).view(np.uint8),
    )
    window = message_type('sensor_msgs/msg/RegionOfInterest')
    message = message_type(DISPARITY_TYPE)(
        header=header(stamp_ns, frame_id),
        image=image,
        f=focal_px,
        t=baseline_m,
        valid_window=window(x_offset=0, y_offset=0, height=0, width=0, do_rectify=False),
        min_disparity=min_disparity,
        max_disparity=float(np.fmax.reduce(disparity_px, axis=None, initial=0.0)),
        delta_d=0.0,
    )
    return serialised(message, DISPARITY_TYPE)
