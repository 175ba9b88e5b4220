# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Reading a recording, also one that is still being written or broke off."""

import os
from pathlib import Path
from typing import Any

from adu_depth_core.camera import Camera
from adu_depth_core.errors import InputError
from adu_depth_core.recording import layout
from adu_depth_core.recording.pictures import read_picture
from adu_depth_core.regular_files import check_inside
from adu_depth_core.samples.sample import Missing, StereoSample


class Recording:
    """
    The whole samples of a recording at the moment of opening, in the order of their lines.

    A sample of which somebody removed a file is left out and noted in `missing`.

    Raises
    ------
    InputError
        When the folder is no recording, a line is spoilt, or no sample is left.

    """

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self._folder = Path(folder)
        layout.check_head(self._folder)
        entries, _ = layout.read_entries(self._folder / layout.LINES)
        self.missing = Missing()
        present = _present_files(self._folder)
        self._entries = [entry for entry in entries if self._is_complete(entry, present)]
        if not self._entries:
            raise InputError(
                f'{folder}: no whole sample in this recording ({self.missing.summary()})'
            )

    @property
    def names(self) -> list[str]:
        """Names of the samples, without reading them."""
        return [entry.name for entry in self._entries]

    def __len__(self) -> int:
        """Count the samples."""
        return len(self._entries)

    def __getitem__(self, index: int) -> StereoSample:
        """Read one sample; `InputError` when one of its files is spoilt."""
        entry = self._entries[index]
        images = {
            layout.FIELDS[kind]: self._picture(name, kind, entry.camera)
            for kind, name in entry.files.items()
        }
        return StereoSample(
            name=entry.name, stamp_ns=entry.stamp_ns, camera=entry.camera, rig=entry.rig, **images
        )

    def _picture(self, name: str, kind: str, camera: Camera) -> Any:
        path = self._folder / name
        check_inside(path, self._folder)
        return read_picture(path, kind, camera)

    def _is_complete(self, entry: layout.Entry, present: set[str]) -> bool:
        lacking = [kind for kind, name in entry.files.items() if name not in present]
        for kind in lacking:
            self.missing.add(kind.replace('_', ' '), entry.name)
        return not lacking


def _present_files(folder: Path) -> set[str]:
    # One listing a folder: asking for each file takes long where there are 100 000.
    return {
        f'{kind}/{name}'
        for kind in layout.FIELDS
        if (folder / kind).is_dir()
        for name in os.listdir(folder / kind)
    }
