# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
Exact sums over the pixels that stay when those with the largest keys go, 2 % at a time.

To sort half a million pixels costs more than everything else in an evaluation. A histogram of the
keys tells almost all; only what lies in the few bins that hold a threshold is sorted.
"""

from collections.abc import Sequence
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
    groups = len(bounds) - 1
    for group in range(1, groups):
        bins[bounds[group] : bounds[group + 1]] += group * width
    counts = _histograms(bins, None, (groups, width))
    sums = np.stack([_histograms(bins, error, (groups, width)) for error in errors])
    rows = [_row(counts[group], sums[:, group]) for group in range(groups + 1)]

    marked = np.zeros((groups + 1, width), bool)
    for row, marks in zip(rows, marked, strict=True):
        marks[row.places] = True
    chosen = np.flatnonzero((marked[:-1] | marked[-1]).ravel()[bins])
    chosen = chosen[np.argsort(keys[chosen])]
    group_of, bin_of = np.divmod(bins[chosen], width)

    pixels = np.zeros((groups + 1, INTERVALS), np.int64)
    kept = np.zeros((len(errors), groups + 1, INTERVALS))
    for group, row in enumerate(rows):
        if not row.counts.any():
            continue
        mine = marked[group][bin_of]
        if group < groups:
            mine &= group_of == group
        own = chosen[mine]
        pixels[group], kept[:, group] = _resolved(
            row, keys[own], bin_of[mine], np.stack([error[own] for error in errors])
        )
    return Kept(pixels, kept)


def removed_ranks(count: int) -> NDArray[np.int64]:
    """Return (50,) int: in descending order, the place of the smallest key that must go or tie."""
    shares = np.arange(INTERVALS) * (100 // INTERVALS) / 100
    return np.ceil((count - 1) * shares).astype(np.int64)  # rounded as numpy.percentile does


def _bins(keys: NDArray[np.float32]) -> tuple[NDArray[np.int64], int]:
    """Return the bin of each key, ascending with the keys, and how many bins there are."""
    sample = np.sort(keys[:: max(1, len(keys) // SAMPLE)])
    margin = int(OPEN_SHARE * len(sample))
    ends = sample[[margin, -1 - margin]]
    # As whole numbers the bits of positive floats have their order, in steps that grow with them.
    low, high = (int(bits) for bits in ends.view(np.uint32))
    bits = np.clip(keys, *ends).view(np.uint32) - np.uint32(low)
    wanted = min(MAX_BITS, max(4, len(keys).bit_length() - 5))
    shift = max(0, (high - low).bit_length() - wanted)
    return (bits >> np.uint32(shift)).astype(np.int64), ((high - low) >> shift) + 1


def _histograms(
    bins: NDArray[np.int64], weights: Values | NDArray[np.bool_] | None, shape: tuple[int, int]
) -> NDArray[np.float64]:
    """Return (G + 1, B): of each group, and of all in the last row."""
    single = np.bincount(bins, weights, minlength=shape[0] * shape[1]).reshape(shape)
    return np.concatenate([single, single.sum(axis=0, keepdims=True)])


def _row(counts: NDArray[np.int64], sums: NDArray[np.float64]) -> _Row:
    upto = counts.cumsum()
    total = int(upto[-1])
    if not total:
        nothing = np.zeros(0, np.int64)
        return _Row(counts, sums, nothing, nothing)
    ranks = total - 1 - removed_ranks(total)
    return _Row(counts, sums, ranks, np.searchsorted(upto, ranks, 'right'))


def _resolved(
    row: _Row, keys: NDArray[np.float32], bins: NDArray[np.int64], errors: Values
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Finish a group with the pixels of its marked bins, which are sorted by key."""
    before = _from_zero(row.counts)[row.places]
    sums_before = _from_zero(row.sums)[:, row.places]
    inside = _from_zero(errors.astype(np.float64))
    first = np.searchsorted(bins, row.places, 'left')
    end = np.searchsorted(keys, keys[first + row.ranks - before], 'right')
    return before + end - first, sums_before + inside[:, end] - inside[:, first]


def _from_zero(values: NDArray) -> NDArray:
    """Cumulative sums along the last axis, of nothing at first."""
    start = np.zeros((*values.shape[:-1], 1), values.dtype)
    return np.concatenate([start, values.cumsum(axis=-1)], axis=-1)
