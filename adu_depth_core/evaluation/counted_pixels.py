# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The pixels of one image that a protocol counts, as flat arrays."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from adu_depth_core.errors import InputError
from adu_depth_core.evaluation.bands import row_bounds
from adu_depth_core.evaluation.protocols import Protocol

Values = NDArray[np.floating]


class CountedPixels(NamedTuple):
    """
    Pixels that count and are compared, in the order of rows.

    Attributes
    ----------
    depth_m : (N,) float
        Predicted metres, clamped to the protocol's range.
    stated_depth_m, std_m : (N,) float
        What was predicted, NaN = unknown.
    truth_m : (N,) float
        Metres.
    rows : list of int
        Where each band of rows begins, see `row_bounds`.
    counted : int
        Pixels that count; more than N where some have no prediction and are left out.

    """

    depth_m: Values
    stated_depth_m: Values
    std_m: Values
    truth_m: Values
    rows: list[int]
    counted: int


def counted_pixels(
    protocol: Protocol, depth_m: Values, std_m: Values, truth_m: Values
) -> CountedPixels:
    """
    Take out of an image what a protocol counts.

    Parameters
    ----------
    depth_m, std_m, truth_m : (H, W) float
        Metres, NaN = unknown.

    Raises
    ------
    InputError
        When the sizes differ or the image is too small for the protocol.

    """
    if not depth_m.shape == std_m.shape == truth_m.shape:
        raise InputError(
            f'depth {depth_m.shape}, std {std_m.shape} and truth {truth_m.shape} differ in size'
        )
    window = protocol.window(*truth_m.shape)
    depth, std, truth = (image[window.slices] for image in (depth_m, std_m, truth_m))
    chosen = protocol.counts(truth)
    counted = int(np.count_nonzero(chosen))
    if not protocol.clamps_unknown:
        chosen &= np.isfinite(depth)
    of_row = np.zeros(truth_m.shape[0], np.int64)
    of_row[window.slices[0]] = np.count_nonzero(chosen, axis=1)
    places = np.flatnonzero(chosen)
    stated, std, truth = (image.reshape(-1).take(places) for image in (depth, std, truth))
    clamped, rows = _clamped(stated, protocol), row_bounds(of_row)
    return CountedPixels(clamped, stated, std, truth, rows, counted)


def _clamped(depth_m: Values, protocol: Protocol) -> Values:
    # fmax and fmin pass over NaN, which thereby becomes the least.
    low, high = (depth_m.dtype.type(x) for x in (protocol.min_depth, protocol.max_depth))
    return np.fmin(np.fmax(depth_m, low), high)
