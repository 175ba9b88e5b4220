# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""All sums of a single image: errors, uncertainty, sparsification, by distance and by row."""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from adu_depth_core.evaluation.bands import order_by_distance
from adu_depth_core.evaluation.counted_pixels import CountedPixels, counted_pixels
from adu_depth_core.evaluation.error_sums import error_sums
from adu_depth_core.evaluation.metrics import figures_of_sums
from adu_depth_core.evaluation.protocols import Protocol
from adu_depth_core.evaluation.sparsification import grouped_sparsification
from adu_depth_core.evaluation.sparsification_sums import INTERVALS
from adu_depth_core.evaluation.sums_of_images import SumsOfImages
from adu_depth_core.evaluation.uncertainty import uncertainty_sums

Values = NDArray[np.floating]


def score_image(
    sums: SumsOfImages, protocol: Protocol, depth_m: Values, std_m: Values, truth_m: Values
) -> None:
    """
    Compare one image with its truth and put the sums into `sums`, which are empty.

    Parameters are those of `Scores.add`.
    """
    pixels = counted_pixels(protocol, depth_m, std_m, truth_m)
    if not pixels.counted:
        sums.without_truth[0] = 1
        return
    sums.images[0] = 1
    sums.rows[:] = _row_sums(pixels)
    if protocol.bins:
        sums.bins[:] = protocol.bins.sums(pixels.depth_m, pixels.truth_m)
    order, bounds = order_by_distance(pixels.truth_m, protocol.max_depth)
    depth, stated, std, truth = (values.take(order) for values in pixels[:4])
    for band, part in enumerate(_slices(bounds)):
        sums.errors[band] = error_sums(depth[part], truth[part])
    _put_figures(sums, protocol, len(truth) / pixels.counted)
    known = (std > 0) & np.isfinite(std) & (stated > 0) & np.isfinite(stated)
    if not known.all():
        depth, stated, std, truth = (values[known] for values in (depth, stated, std, truth))
        upto = np.concatenate([[0], np.cumsum(known)])
        bounds = upto[bounds].tolist()
    if len(truth):
        _put_uncertainty(sums, (depth, stated, std, truth), bounds)


def _put_figures(sums: SumsOfImages, protocol: Protocol, density: float) -> None:
    if protocol.averaging == 'images':
        figures = figures_of_sums(sums.errors.sum(axis=0), protocol.figures)
        values = np.array(list(figures.values()))
        known = np.isfinite(values)
        sums.figures[0, : len(values)] = np.where(known, values, 0)
        sums.figures[1, : len(values)] = known
    if not protocol.clamps_unknown:
        sums.figures[:, -1] = density, 1


def _put_uncertainty(
    sums: SumsOfImages, pixels: tuple[Values, Values, Values, Values], bounds: list[int]
) -> None:
    depth, stated, std, truth = pixels
    for band, part in enumerate(_slices(bounds)):
        sums.uncertainty[band] = uncertainty_sums(stated[part], std[part], truth[part])
    found = grouped_sparsification(depth, truth, std / stated, std, bounds)
    sums.curves[:] = found.curve[:, -1], found.oracle[:, -1]
    # Of a few pixels only, the areas would say more about their number than about their order.
    told = np.append(np.diff(bounds) >= INTERVALS, True)
    sums.areas[0] = np.where(told, np.stack([found.ause, found.aurg]), 0)
    sums.areas[1] = told


def _row_sums(pixels: CountedPixels) -> NDArray[np.float64]:
    """Return (16, 3): pixels, relative errors and differences of each band of rows."""
    difference = pixels.depth_m - pixels.truth_m
    relative = np.abs(difference) / pixels.truth_m
    values = relative, difference
    return np.array(
        [
            [part.stop - part.start, *(x[part].sum(dtype=np.float64) for x in values)]
            for part in _slices(pixels.rows)
        ]
    )


def _slices(bounds: list[int]) -> list[slice]:
    return [slice(*pair) for pair in pairwise(bounds)]
