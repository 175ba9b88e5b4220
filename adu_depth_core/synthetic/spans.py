# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Which solids to test against which rays: runs of neighbouring rays, worked off in batches."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor

# Pairs of a solid and a ray at a time: what a core's cache holds, or what fills a GPU.
BATCH = {'cpu': 1 << 16, 'cuda': 1 << 22}


@dataclass(frozen=True)
class Spans:
    """Runs of rays: run i pairs `solid[i]` with the rays from `start[i]`, `length[i]` of them."""

    solid: Tensor
    start: Tensor
    length: Tensor

    def chosen(self, keep: Tensor) -> 'Spans':
        """Return the runs of the solids for which `keep` (N,) is true."""
        mine = where_true(keep[self.solid])
        return Spans(take(self.solid, mine), take(self.start, mine), take(self.length, mine))

    def pairs(self) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield solids and rays, (P,) each, run by run in order and a batch at a time."""
        ends = self.length.cumsum(0)
        total = int(ends[-1]) if len(ends) else 0
        batch = BATCH['cpu' if self.solid.device.type == 'cpu' else 'cuda']
        limits = torch.arange(0, total + batch, batch, device=ends.device)
        cuts = [0, *torch.searchsorted(ends, limits[1:]).add(1).clamp(max=len(ends)).tolist()]
        for first, last in pairwise(cuts):
            if last > first:
                run, offset = numbered(self.length[first:last])
                solid, start = (take(v[first:last], run) for v in (self.solid, self.start))
                yield solid, start + offset


def take(values: Tensor, indices: Tensor) -> Tensor:
    """Pick along the last axis; on a CPU several times as fast as `values[..., indices]`."""
    return values.index_select(-1, indices)


def where_true(mask: Tensor) -> Tensor:
    """Return the indices at which a mask (P,) holds."""
    return mask.nonzero()[:, 0]


def turned(matrices: Tensor, solid: Tensor, vectors: Tensor) -> Tensor:
    """Multiply the matrix of each pair's solid, of (3, 3, N), with its vector: (3, P)."""
    x, y, z = vectors
    rows = [[take(entry, solid) for entry in row] for row in matrices]
    return torch.stack([a * x + b * y + c * z for a, b, c in rows])


def numbered(counts: Tensor) -> tuple[Tensor, Tensor]:
    """Return owner and number of every member where owner i has `counts[i]`: [0 0 1], [0 1 0]."""
    owner = torch.arange(len(counts), device=counts.device).repeat_interleave(counts)
    first = counts.cumsum(0) - counts
    return owner, torch.arange(len(owner), device=counts.device) - take(first, owner)


def row_spans(rows: Tensor, columns: Tensor, width: int) -> Spans:
    """
    Return the pixels of one window for each solid.

    Parameters
    ----------
    rows, columns : (N, 2) long
        First and last + 1; empty where these are not in order.
    width : int
        Of the image, in which pixels are numbered row by row.

    """
    breadth = (columns[:, 1] - columns[:, 0]).clamp(min=0)
    height = torch.where(breadth > 0, (rows[:, 1] - rows[:, 0]).clamp(min=0), 0)
    solid, row = numbered(height)
    start = (rows[solid, 0] + row) * width + columns[solid, 0]
    return Spans(solid, start, breadth[solid])
