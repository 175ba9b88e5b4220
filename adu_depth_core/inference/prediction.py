# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Depth and its standard deviation, and the memory that holds them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from adu_depth_core.camera import Camera
from adu_depth_core.errors import InputError


@dataclass(frozen=True)
class Prediction:
    """
    Depth and its uncertainty for one image.

    Attributes
    ----------
    depth_m : (H, W) float32
        Metres along the optical axis; NaN = unknown.
    std_m : (H, W) float32
        One standard deviation in metres; NaN where depth is.

    """

    depth_m: NDArray[np.float32]
    std_m: NDArray[np.float32]


def checked_memory(out: Prediction, camera: Camera) -> Prediction:
    """Return `out` if it can hold the depth of a camera, else raise `InputError`."""
    expected = (camera.height, camera.width)
    for memory in (out.depth_m, out.std_m):
        contiguous = memory.flags.c_contiguous and memory.flags.writeable
        if memory.shape != expected or memory.dtype != np.float32 or not contiguous:
            raise InputError(
                f'memory of shape {memory.shape} and type {memory.dtype} cannot hold the depth; '
                f'give contiguous float32 of {expected}'
            )
    return out


def new_prediction(camera: Camera) -> Prediction:
    """Return memory for the depth of a camera, not yet filled."""
    shape = (camera.height, camera.width)
    return Prediction(np.empty(shape, np.float32), np.empty(shape, np.float32))


def forget(
    prediction: Prediction,
    min_depth: float,
    max_depth: float,
    max_relative_std: float,
    seen: NDArray[np.bool_] | None = None,
) -> None:
    """
    Make unknown, in place, what is out of range in metres, too uncertain, or not `seen`.

    Unknown pixels get all their bits set, which is a NaN: one pass over memory, some eight times
    faster than assigning through a mask.
    """
    depth_m, std_m = prediction.depth_m, prediction.std_m
    known = (depth_m >= min_depth) & (depth_m <= max_depth)
    known &= std_m <= max_relative_std * depth_m
    if seen is not None:
        known &= seen
    all_bits = np.negative((~known).view(np.int8), dtype=np.int32)
    for values in (depth_m, std_m):
        bits = values.view(np.int32)
        bits |= all_bits


def pool(prediction: Prediction, other: Prediction) -> None:
    """
    Pool another opinion with a prediction, in place, where the other has one.

    Depth is the mean of log-depth weighed by precision, 1 / variance. The variance is that of the
    mixture of both, wide where they disagree, as in a linear opinion pool (Stone, 1961).
    """
    known = np.isfinite(other.depth_m)
    depth_m, other_depth_m = prediction.depth_m[known], other.depth_m[known]
    variance = (prediction.std_m[known] / depth_m) ** 2
    other_variance = (other.std_m[known] / other_depth_m) ** 2
    weight = variance / (variance + other_variance)
    apart = np.log(other_depth_m / depth_m)
    pooled_m = depth_m * np.exp(weight * apart)
    within = (1 - weight) * variance + weight * other_variance
    prediction.depth_m[known] = pooled_m
    prediction.std_m[known] = pooled_m * np.sqrt(within + weight * (1 - weight) * apart**2)


def multiply(prediction: Prediction, depth_scale: float, std_scale: float) -> None:
    """
    Multiply, in place, depth by one factor, and std by both: std / depth grows by `std_scale`.

    Nothing is touched where a factor is 1.
    """
    if depth_scale != 1:
        np.multiply(prediction.depth_m, np.float32(depth_scale), out=prediction.depth_m)
    if depth_scale * std_scale != 1:
        both = np.float32(depth_scale * std_scale)
        np.multiply(prediction.std_m, both, out=prediction.std_m)


def within_limits(
    prediction: Prediction, min_depth: float, max_depth: float, max_relative_std: float
) -> Prediction:
    """Return a prediction that is unknown beyond these limits; what is given stays as it is."""
    limited = Prediction(prediction.depth_m.copy(), prediction.std_m.copy())
    forget(limited, min_depth, max_depth, max_relative_std)
    return limited
