# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
From one image and its truth to sums: what counts, and all that is added up over images.

Errors are also summed by bands of distance and of image rows, which tell where they are.
"""

import math
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from adu_depth_core.errors import InputError
from adu_depth_core.evaluation.metrics import ErrorSums, error_sums, figures_of_sums
from adu_depth_core.evaluation.protocols import Protocol
from adu_depth_core.evaluation.sparsification import (
    FIGURES,
    INTERVALS,
    grouped_sparsification,
)
from adu_depth_core.evaluation.uncertainty import LEVELS, uncertainty_sums

Values = NDArray[np.floating]
EDGES_M = (0, 5, 10, 15, 20, 30, 40, 50, 60, 80)
ROW_BANDS = 16
# Band of each whole metre: a table is quicker than a search, and all edges are whole.
_BAND_OF_METRE = np.searchsorted(EDGES_M[1:], np.arange(EDGES_M[-1] + 1), 'right').astype(np.uint8)


class ImageSums:
    """
    Everything that is summed over images under a protocol.

    Attributes
    ----------
    vector : (D,) float64
        All sums, zero at first. Those of two sets of images can be added. The attributes below
        are views into it; `[0]` along a first axis of two is a sum, `[1]` of how many images.
    images, without_truth : (1,)
        Images scored, and those of which no pixel counts.
    figures : (2, F)
        Figures of each image.
    errors, uncertainty : (G, 12) and (G, 13)
        `error_sums` and `uncertainty_sums` of each band of distance.
    areas : (2, 2, 3, G + 1)
        AUSE and AURG of `sparsification.FIGURES`, of each band and of whole images.
    curves : (2, 3, 51)
        Sparsification of whole images and its oracle; divide by `areas[1, 0, 0, -1]`.
    rows : (16, 3)
        Pixels, relative errors and differences of each band of rows.
    bins : (K, 2)
        See `DistanceBins`.

    """

    def __init__(self, protocol: Protocol) -> None:
        bands = len(distance_edges(protocol.max_depth)) - 1
        shapes = {
            'images': (1,),
            'without_truth': (1,),
            'figures': (2, len(image_figures(protocol))),
            'errors': (bands, len(ErrorSums._fields)),
            'uncertainty': (bands, 3 + len(LEVELS)),
            'areas': (2, 2, len(FIGURES), bands + 1),
            'curves': (2, len(FIGURES), INTERVALS + 1),
            'rows': (ROW_BANDS, 3),
            'bins': (len(protocol.bins.centres_m) if protocol.bins else 0, 2),
        }
        self.vector = np.zeros(sum(map(math.prod, shapes.values())))
        views: dict[str, NDArray[np.float64]] = {}
        start = 0
        for name, shape in shapes.items():
            end = start + math.prod(shape)
            views[name] = self.vector[start:end].reshape(shape)
            start = end
        self.images, self.without_truth = views['images'], views['without_truth']
        self.figures, self.errors = views['figures'], views['errors']
        self.uncertainty, self.areas = views['uncertainty'], views['areas']
        self.curves, self.rows, self.bins = views['curves'], views['rows'], views['bins']


def image_figures(protocol: Protocol) -> tuple[str, ...]:
    """Return the names of the figures that are computed per image and then averaged."""
    of_errors = protocol.figures if protocol.averaging == 'images' else ()
    return of_errors if protocol.clamps_unknown else (*of_errors, 'density')


def score_image(
    sums: ImageSums, protocol: Protocol, depth_m: Values, std_m: Values, truth_m: Values
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


def distance_edges(max_depth: float) -> list[float]:
    """Return the edges of the bands below a cap in metres, which is the last; it may be inf."""
    return [*(float(edge) for edge in EDGES_M if edge < max_depth), max_depth]


def order_by_distance(
    truth_m: NDArray[np.floating], max_depth: float
) -> tuple[NDArray[np.int64], list[int]]:
    """
    Group pixels by bands of true distance.

    Parameters
    ----------
    truth_m : (N,) float
        Metres, positive and finite.
    max_depth : float
        Cap; see `distance_edges`.

    Returns
    -------
    order : (N,) int64
        Pixels, nearest band first; within a band they stay in order.
    bounds : list of int
        Band k is [bounds[k], bounds[k + 1]) of them.

    """
    band = _BAND_OF_METRE[np.minimum(truth_m, EDGES_M[-1]).astype(np.int64)]
    parts = [np.flatnonzero(band == k) for k in range(len(distance_edges(max_depth)) - 1)]
    bounds = np.cumsum([0, *(len(part) for part in parts)]).tolist()
    return np.concatenate(parts), bounds


def row_bounds(pixels_of_row: NDArray[np.integer]) -> list[int]:
    """
    Return where each band of rows begins among pixels in the order of rows, and their number.

    Parameters
    ----------
    pixels_of_row : (H,) int
        How many pixels of each row of the image there are.

    """
    height = len(pixels_of_row)
    upto = np.concatenate([[0], np.cumsum(pixels_of_row)])
    return [int(upto[math.ceil(k * height / ROW_BANDS)]) for k in range(ROW_BANDS + 1)]


def _clamped(depth_m: Values, protocol: Protocol) -> Values:
    # fmax and fmin pass over NaN, which thereby becomes the least.
    low, high = (depth_m.dtype.type(x) for x in (protocol.min_depth, protocol.max_depth))
    return np.fmin(np.fmax(depth_m, low), high)


def _put_figures(sums: ImageSums, protocol: Protocol, density: float) -> None:
    if protocol.averaging == 'images':
        figures = figures_of_sums(sums.errors.sum(axis=0), protocol.figures)
        values = np.array(list(figures.values()))
        known = np.isfinite(values)
        sums.figures[0, : len(values)] = np.where(known, values, 0)
        sums.figures[1, : len(values)] = known
    if not protocol.clamps_unknown:
        sums.figures[:, -1] = density, 1


def _put_uncertainty(
    sums: ImageSums, pixels: tuple[Values, Values, Values, Values], bounds: list[int]
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
