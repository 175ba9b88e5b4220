# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Many recordings as one data set: the part folders that array jobs have written."""

import os
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import replace
from glob import glob, has_magic
from itertools import accumulate
from pathlib import Path

from adu_depth_core.errors import InputError
from adu_depth_core.recording import Recording
from adu_depth_core.recording.layout import HEAD, LINES
from adu_depth_core.samples.sample import Missing, StereoSample


class JoinedRecordings:
    """
    All recordings below a folder, or below those that a pattern names, in order of their names.

    What a sample is called begins with the folder of its recording, as `part_0001_of_0064/`: two
    recordings may have the same drives. Recordings without a line are left out, since a part may
    have had nothing to say.

    Parameters
    ----------
    place : str
        A folder, at any depth below which recordings may be, or a pattern such as
        `/fleet/2026-*/labelled`.

    Raises
    ------
    InputError
        When there is none with samples, or one of them is spoilt.

    """

    def __init__(self, place: str) -> None:
        roots = sorted(map(Path, glob(place))) if has_magic(place) else [Path(place)]
        folders = sorted({folder for root in roots for folder in _recordings_below(root)})
        if not folders:
            raise InputError(
                f'{place}: no recording with samples in here or below (a recording has '
                f'{HEAD} and {LINES})'
            )
        above = Path(os.path.commonpath(folders)) if len(folders) > 1 else folders[0].parent
        self._prefixes = [folder.relative_to(above).as_posix() for folder in folders]
        self._recordings = [Recording(folder) for folder in folders]
        self._ends = list(accumulate(map(len, self._recordings)))
        self.missing = Missing()
        for prefix, recording in zip(self._prefixes, self._recordings, strict=True):
            for kind, names in recording.missing.names.items():
                for name in names:
                    self.missing.add(kind, f'{prefix}/{name}')

    @property
    def names(self) -> list[str]:
        """Names of the samples, without reading them."""
        return [
            f'{prefix}/{name}'
            for prefix, recording in zip(self._prefixes, self._recordings, strict=True)
            for name in recording.names
        ]

    def __len__(self) -> int:
        """Count the samples."""
        return self._ends[-1]

    def __getitem__(self, index: int) -> StereoSample:
        """Read one sample; `InputError` when one of its files is spoilt."""
        if not 0 <= index < len(self):
            raise IndexError(index)
        number = bisect_right(self._ends, index)
        start = self._ends[number - 1] if number else 0
        sample = self._recordings[number][index - start]
        return replace(sample, name=f'{self._prefixes[number]}/{sample.name}')


def _recordings_below(root: Path) -> Iterator[Path]:
    """Yield folders that are recordings with samples; what is in one is not looked at."""
    for folder, below, files in os.walk(root):
        if HEAD in files:
            below.clear()
            if LINES in files and (Path(folder) / LINES).stat().st_size:
                yield Path(folder)
        below[:] = [name for name in below if not name.startswith('.')]
