# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Another data set, of which something is left out."""

import re
from collections.abc import Sequence
from dataclasses import replace

from adu_depth_core.errors import InputError
from adu_depth_core.samples.sample import (
    Missing,
    StereoDataset,
    StereoSample,
    ViewOfDataset,
    drive_of,
    sample_names,
)

_RANGE = re.compile(r'(.*?)(?:\[(\d{1,18})-(\d{1,18})\])?')


class ChosenFrames:
    """Some frames of another data set, by their indices."""

    def __init__(self, dataset: StereoDataset, indices: Sequence[int]) -> None:
        self._dataset, self._indices = dataset, indices

    @property
    def missing(self) -> Missing:
        """What the whole data set lacks."""
        return self._dataset.missing

    @property
    def names(self) -> list[str]:
        """Names of the samples."""
        names = sample_names(self._dataset)
        return [names[index] for index in self._indices]

    def __len__(self) -> int:
        """Count the frames."""
        return len(self._indices)

    def __getitem__(self, index: int) -> StereoSample:
        """Read one frame."""
        if not 0 <= index < len(self._indices):
            raise IndexError(index)
        return self._dataset[self._indices[index]]


def first_frames(dataset: StereoDataset, limit: int) -> ChosenFrames:
    """Return the first `limit` frames, or all where there are fewer."""
    return ChosenFrames(dataset, range(min(limit, len(dataset))))


def indices_of_drives(names: Sequence[str], drives: Sequence[str]) -> list[int]:
    """
    Find the samples of some drives by their names.

    Parameters
    ----------
    names : sequence of str
        `DRIVE/FRAME`, in order.
    drives : sequence of str
        `DRIVE`, or `DRIVE[100-199]`: its frames from the 100th to the 199th in order, counted
        from 0, both ends included.

    Raises
    ------
    InputError
        When a drive is not there, or has no frame in the range.

    """
    chosen: list[int] = []
    for drive in drives:
        parsed = _RANGE.fullmatch(drive)
        name, first, last = parsed.groups() if parsed else (drive, None, None)
        indices = [index for index, sample in enumerate(names) if drive_of(sample) == name]
        if not indices:
            there = sorted({drive_of(sample) for sample in names})
            raise InputError(f'drive {name} is not there; there is {", ".join(there[:5])}')
        inside = indices[int(first) : int(last) + 1] if first and last else indices
        if not inside:
            raise InputError(
                f'drive {drive}: none of its {len(indices)} frames is in this range, which goes '
                'from the FIRST to the LAST, counted from 0'
            )
        chosen += inside
    return chosen


class WithoutTruth(ViewOfDataset):
    """Another data set whose truth nobody is to see."""

    def __getitem__(self, index: int) -> StereoSample:
        """Read one frame."""
        return replace(self._dataset[index], depth_m=None, right_depth_m=None)
