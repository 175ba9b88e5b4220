# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Frames in order, each read when it is asked for, of whatever holds them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Protocol

from adu_depth_core.samples.sample import StereoDataset, StereoSample, sample_names


@dataclass(frozen=True)
class LazySample:
    """
    A sample that need not be read to be known by its name.

    Attributes
    ----------
    name : str
        As in `StereoSample`.
    read : callable
        Returns the sample; raises InputError where it is spoilt.

    """

    name: str
    read: Callable[[], StereoSample]


class LazySamples(Protocol):
    """Samples in order, each read when it is asked for; `len` may be a guess."""

    def __len__(self) -> int:
        """Return about how many there are."""

    def __iter__(self) -> Iterator[LazySample]:
        """Go through them."""


@dataclass(frozen=True)
class FirstSamples:
    """The first so many of other samples."""

    samples: LazySamples
    most: int

    def __len__(self) -> int:
        """Return about how many there are."""
        return min(len(self.samples), self.most)

    def __iter__(self) -> Iterator[LazySample]:
        """Go through them."""
        return islice(self.samples, self.most)


def frames_of_dataset(
    dataset: StereoDataset, share: tuple[int, int] = (0, 1)
) -> Sequence[LazySample]:
    """Return the frames of the i-th of n equal parts, `share` = (i, n), counted from 0."""
    names = sample_names(dataset)
    index, parts = share
    mine = range(len(names) * index // parts, len(names) * (index + 1) // parts)
    return [LazySample(names[number], partial(dataset.__getitem__, number)) for number in mine]
