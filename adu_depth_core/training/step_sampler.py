# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
Which samples each training step sees, as a pure function of (seed, step).

Because nothing is remembered between steps, a run that was cut off anywhere goes on with exactly
the batches it would have seen; and because each process can draw the whole batch, several of them
share one without a word.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from torch.utils.data import Sampler

from adu_depth_core.errors import InputError


class Draw(NamedTuple):
    """One element of a batch: where it comes from, its size in px, and its own random stream."""

    source: int
    sample: int
    width: int
    height: int
    stream: tuple[int, int, int]


class StepSampler(Sampler[list[Draw]]):
    """
    Batches from `start` to `steps`; all images of a batch share a size, drawn anew each step.

    Parameters
    ----------
    lengths, weights : sequences
        Number of samples and relative frequency of each source.
    sizes : sequence of (width, height)
        In px; repeat one to draw it more often.
    batch_size, steps, seed : int
        As in the configuration; `batch_size` counts the images of all processes together.
    start : int
        The first step that is still to be done.
    rank, processes : int
        Of the whole batch, this process gets every `processes`-th draw, from `rank` on.

    Raises
    ------
    InputError
        When `batch_size` cannot be shared equally.

    """

    def __init__(
        self,
        lengths: Sequence[int],
        weights: Sequence[float],
        sizes: Sequence[tuple[int, int]],
        *,
        batch_size: int,
        steps: int,
        seed: int,
        start: int = 0,
        rank: int = 0,
        processes: int = 1,
    ) -> None:
        if batch_size % processes:
            raise InputError(
                f'data.batch_size {batch_size} cannot be shared equally by {processes} processes; '
                f'choose a multiple of {processes}'
            )
        self._lengths = lengths
        self._probabilities = np.array(weights, np.float64) / np.sum(weights)
        self._sizes = sizes
        self._batch_size, self._steps, self._seed, self._start = batch_size, steps, seed, start
        self._rank, self._processes = rank, processes

    def __len__(self) -> int:
        """Count all steps, also those before `start`: Lightning counts on from there."""
        return self._steps

    def __iter__(self) -> Iterator[list[Draw]]:
        """Give this process's share of the batches that are still to be done."""
        return (
            self.batch(step)[self._rank :: self._processes]
            for step in range(self._start, self._steps)
        )

    def batch(self, step: int) -> list[Draw]:
        """Draw the batch of one step, that of all processes together."""
        rng = np.random.default_rng((self._seed, step))
        width, height = self._sizes[int(rng.integers(len(self._sizes)))]
        sources = rng.choice(len(self._lengths), self._batch_size, p=self._probabilities)
        return [
            Draw(
                int(source),
                int(rng.integers(self._lengths[source])),
                width,
                height,
                (self._seed, step, position),
            )
            for position, source in enumerate(sources)
        ]
