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
        mine = keep[self.solid]
        return Spans(self.solid[mine], self.start[mine], self.length[mine])

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
                yield self.solid[first:last][run], self.start[first:last][run] + offset


def numbered(counts: Tensor) -> tuple[Tensor, Tensor]:
    """Return owner and number of every member where owner i has `counts[i]`: [0 0 1], [0 1 0]."""
    owner = torch.arange(len(counts), device=counts.device).repeat_interleave(counts)
    first = counts.cumsum(0) - counts
    return owner, torch.arange(len(owner), device=counts.device) - first[owner]


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
