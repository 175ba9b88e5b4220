# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
Does uncertainty rank pixels by their error? AUSE and AURG as mono-uncertainty defines them.

Poggi et al., CVPR 2020: the most uncertain pixels are removed, 2 % at a time, and the figure of
the others is drawn against the removed share. AUSE is the area between that curve and the one of
an oracle that knows the errors (0 is best), AURG the area gained over removing at random (more is
better). Both per image, then averaged over images. Ranks are those of float32 values.

The oracle removes by |p - g| / g for abs_rel, by |p - g| for rmse, and by the ratio
max(p / g, g / p) for d1: among bad pixels, and among good ones, the worst first.

To sort half a million pixels costs more than everything else in an evaluation. A histogram of the
keys tells almost all; only what lies in the few bins that hold a threshold is sorted.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from adu_depth_core.evaluation.metrics import THRESHOLD

Figure = Literal['abs_rel', 'rmse', 'd1']
FIGURES: tuple[Figure, ...] = ('abs_rel', 'rmse', 'd1')
INTERVALS = 50
SAMPLE = 2048
OPEN_SHARE = 0.004  # of the sample, in each of the two open bins at the ends
MAX_BITS = 13  # more bins than fit a fast cache cost more than they save
REMOVED = np.arange(INTERVALS + 1) / INTERVALS

Values = NDArray[np.floating]


class Sparsification(NamedTuple):
    """
    Curves over removed shares 0, 0.02 … 1, and their areas.

    Attributes
    ----------
    curve, oracle : (51,) float64
        The figure of what is left; 0 at the end.
    ause, aurg : float
        In the unit of the figure: unitless for abs_rel and d1, metres for rmse.

    Each may have more axes in front, for several figures or groups of pixels.
    """

    curve: NDArray[np.float64]
    oracle: NDArray[np.float64]
    ause: NDArray[np.float64]
    aurg: NDArray[np.float64]


def sparsification(
    depth_m: Values, truth_m: Values, uncertainty: Values, figure: Figure = 'abs_rel'
) -> Sparsification:
    """
    Compare the order of uncertainty with that of error.

    Parameters
    ----------
    depth_m, truth_m, uncertainty : (N,) float
        Of the pixels that count, all finite and positive. The ranking that counts is that of
        std / depth for abs_rel and d1, of std for rmse.
    figure : str
        `abs_rel`, `rmse`, or `d1`, which stands for 1 - delta_1.

    """
    bounds = [0, len(uncertainty)]
    found = grouped_sparsification(depth_m, truth_m, uncertainty, uncertainty, bounds)
    place = FIGURES.index(figure)
    return Sparsification(*(values[place, -1] for values in found))


def grouped_sparsification(
    depth_m: Values,
    truth_m: Values,
    relative_std: Values,
    std_m: Values,
    bounds: Sequence[int],
) -> Sparsification:
    """
    Sparsify for all of `FIGURES`, within groups of pixels and over all of them.

    Parameters
    ----------
    depth_m, truth_m : (N,) float
        Metres, finite and positive.
    relative_std : (N,) float
        Ranks abs_rel and d1.
    std_m : (N,) float
        Ranks rmse.
    bounds : G + 1 int
        See `kept_sums`.

    Returns
    -------
    Sparsification
        Curves (3, G + 1, 51) and areas (3, G + 1), of all pixels in the last place; NaN for an
        empty group.

    """
    error = np.abs(depth_m - truth_m)
    relative, square = error / truth_m, error * error
    ratio = np.maximum(depth_m / truth_m, truth_m / depth_m)
    bad = ratio >= THRESHOLD
    by_relative = kept_sums(relative_std, [relative, bad], bounds)
    by_std = kept_sums(std_m, [square], bounds)
    best_relative = kept_sums(relative, [relative], bounds)
    best_square = kept_sums(error, [square], bounds)
    best_ratio = kept_sums(ratio, [bad], bounds)
    totals = by_relative.pixels[:, 0]
    with np.errstate(invalid='ignore'):
        curves = [
            by_relative.sums[0] / by_relative.pixels,
            np.sqrt(by_std.sums[0] / by_std.pixels),
            by_relative.sums[1] / by_relative.pixels,
        ]
        oracles = [
            best_relative.sums[0] / best_relative.pixels,
            np.sqrt(best_square.sums[0] / best_square.pixels),
            best_ratio.sums[0] / best_ratio.pixels,
        ]
    return _with_areas(*(_closed(np.stack(lines), totals) for lines in (curves, oracles)))


def _closed(lines: NDArray[np.float64], totals: NDArray[np.int64]) -> NDArray[np.float64]:
    """Append what is left in the end: nothing, which counts as 0."""
    lines = np.concatenate([lines, np.zeros((*lines.shape[:-1], 1))], axis=-1)
    lines[:, totals == 0] = np.nan
    return lines


def _with_areas(curve: NDArray[np.float64], oracle: NDArray[np.float64]) -> Sparsification:
    area = _area(curve)
    return Sparsification(curve, oracle, area - _area(oracle), curve[..., 0] - area)


def _area(curve: NDArray[np.float64]) -> NDArray[np.float64]:
    areas: NDArray[np.float64] = (curve[..., 1:] + curve[..., :-1]).sum(axis=-1) / 2 / INTERVALS
    return areas


class Kept(NamedTuple):
    """
    What is left after 0, 2 … 98 % of the pixels went.

    Attributes
    ----------
    pixels : (G + 1, 50) int64
        Of each group of pixels, and of all of them in the last row; 0 for an empty group.
    sums : (P, G + 1, 50) float64
        Of each kind of error.

    """

    pixels: NDArray[np.int64]
    sums: NDArray[np.float64]


class _Row(NamedTuple):
    """Histograms of one group: counts (B,), sums (P, B), and where its thresholds lie (50,)."""

    counts: NDArray[np.int64]
    sums: NDArray[np.float64]
    ranks: NDArray[np.int64]
    places: NDArray[np.int64]


def kept_sums(
    keys: Values, errors: Sequence[Values | NDArray[np.bool_]], bounds: Sequence[int]
) -> Kept:
    """
    Remove pixels by their keys, largest first; those that tie with a threshold stay.

    A threshold is the percentile with linear interpolation. No key lies between two neighbours in
    the order, so that of the two the smaller key tells as much.

    Parameters
    ----------
    keys : (N,) float
        Finite, not negative; they are compared as float32.
    errors : P arrays (N,)
        What is summed.
    bounds : G + 1 int
        Group g is the pixels from bounds[g] to bounds[g + 1]; they run from 0 to N.

    """
    keys = keys.astype(np.float32, copy=False)
    bins, width = _bins(keys)
    groups = [slice(*pair) for pair in pairwise(bounds)]
    counts = _histograms(bins, None, groups, width)
    sums = np.stack([_histograms(bins, error, groups, width) for error in errors])
    rows = [_row(counts[number], sums[:, number]) for number in range(len(counts))]

    marked = np.zeros(counts.shape, bool)
    for marks, row in zip(marked, rows, strict=True):
        marks[row.places] = True
    chosen, group_of = _undecided(bins, marked, groups)
    order = np.argsort(keys[chosen])
    chosen, group_of = chosen[order], group_of[order]
    bin_of = bins[chosen]

    pixels = np.zeros((len(rows), INTERVALS), np.int64)
    kept = np.zeros((len(errors), len(rows), INTERVALS))
    for number, row in enumerate(rows):
        if not len(row.places):
            continue
        mine = marked[number].take(bin_of)
        if number < len(groups):
            mine &= group_of == number
        own = chosen[mine]
        pixels[number], kept[:, number] = _resolved(
            row, keys[own], bin_of[mine], np.stack([error[own] for error in errors])
        )
    return Kept(pixels, kept)


def removed_ranks(count: int) -> NDArray[np.int64]:
    """Return (50,) int: in descending order, the place of the smallest key that must go or tie."""
    # In whole numbers: 0.28 * 50 is 14.000000000000002, and would take one pixel too many.
    return -((count - 1) * np.arange(INTERVALS) // -INTERVALS)


def _bins(keys: NDArray[np.float32]) -> tuple[NDArray[np.uint16], int]:
    """Return the bin of each key, ascending with the keys, and how many bins there are."""
    sample = np.sort(keys[:: max(1, len(keys) // SAMPLE)])
    margin = int(OPEN_SHARE * len(sample))
    ends = sample[[margin, -1 - margin]]
    # As whole numbers the bits of positive floats have their order, in steps that grow with them.
    low, high = (int(bits) for bits in ends.view(np.uint32))
    bits = np.clip(keys, *ends).view(np.uint32)
    wanted = min(MAX_BITS, max(4, len(keys).bit_length() - 5))
    shift = max(0, (high - low).bit_length() - wanted)
    # In place, as fresh memory costs more than arithmetic.
    bits -= np.uint32(low)
    bits >>= np.uint32(shift)
    return bits.astype(np.uint16), ((high - low) >> shift) + 1


def _histograms(
    bins: NDArray[np.uint16],
    weights: Values | NDArray[np.bool_] | None,
    groups: Sequence[slice],
    width: int,
) -> NDArray:
    """Return (G + 1, B): of each group, and of all in the last row."""
    of_group = [
        np.bincount(bins[group], None if weights is None else weights[group], minlength=width)
        for group in groups
    ]
    return np.stack([*of_group, np.sum(of_group, axis=0)])


def _row(counts: NDArray[np.int64], sums: NDArray[np.float64]) -> _Row:
    upto = counts.cumsum()
    total = int(upto[-1])
    if not total:
        nothing = np.zeros(0, np.int64)
        return _Row(counts, sums, nothing, nothing)
    ranks = total - 1 - removed_ranks(total)
    return _Row(counts, sums, ranks, np.searchsorted(upto, ranks, 'right'))


def _undecided(
    bins: NDArray[np.uint16], marked: NDArray[np.bool_], groups: Sequence[slice]
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the pixels in marked bins of their group or of all, and the group of each."""
    parts = [
        np.flatnonzero((own | marked[-1]).take(bins[group])) + group.start
        for own, group in zip(marked[:-1], groups, strict=True)
    ]
    return np.concatenate(parts), np.repeat(range(len(parts)), [*map(len, parts)])


def _resolved(
    row: _Row, keys: NDArray[np.float32], bins: NDArray[np.uint16], errors: Values
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Finish a group with the pixels of its marked bins, which are sorted by key."""
    before = _from_zero(row.counts)[row.places]
    sums_before = _from_zero(row.sums)[:, row.places]
    inside = _from_zero(errors.astype(np.float64))
    first = np.searchsorted(bins, row.places.astype(bins.dtype), 'left')
    end = np.searchsorted(keys, keys[first + row.ranks - before], 'right')
    return before + end - first, sums_before + inside[:, end] - inside[:, first]


def _from_zero(values: NDArray) -> NDArray:
    """Cumulative sums along the last axis, of nothing at first."""
    start = np.zeros((*values.shape[:-1], 1), values.dtype)
    return np.concatenate([start, values.cumsum(axis=-1)], axis=-1)
