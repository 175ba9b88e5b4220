# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
Exact sums over the pixels that stay when those with the largest keys go, 2 % at a time.

To sort half a million pixels costs more than everything else in an evaluation. A histogram of the
keys tells almost all; only what lies in the few bins that hold a threshold is sorted.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

INTERVALS = 50
SAMPLE = 2048
OPEN_SHARE = 0.004  # of the sample, in each of the two open bins at the ends
MAX_BITS = 13  # more bins than fit a fast cache cost more than they save

Values = NDArray[np.floating]


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
