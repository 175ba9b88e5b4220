# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
DrivingStereo (Yang et al., CVPR 2019): stereo sequences with depth from filtered laser scans.

Folders are those of its archives, each with a folder a sequence or all pictures in one; pictures
are named `SEQUENCE_TIME`. Depth is metres times 256 in a 16-bit PNG, disparity pixels times 256
at half size and times 128 at full size, 0 = unknown.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timezone
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from adu_depth_core.camera import StereoRig
from adu_depth_core.datasets.driving_stereo_calibration import read_rig
from adu_depth_core.errors import InputError
from adu_depth_core.regular_files import is_hidden
from adu_depth_core.samples.image_files import read_matching_depth, read_rgb
from adu_depth_core.samples.sample import Depth, Missing, StereoSample

# Part of the data set -> name of its folders.
PARTS = {
    'train': 'train-{}',
    'test': 'test-{}',
    'half': '{}-half-size',
    'full': '{}-full-size',
}
# Half-size images are 879 or 881 px wide, full-size ones 1762.
FULL_FROM_WIDTH = 1300
FULL_DISPARITY_FACTOR = 2.0  # files hold px times 128, where half-size ones hold px times 256


class Files(NamedTuple):
    """Where the pictures of one frame are; None = not there."""

    left: Path | None
    right: Path | None
    depth: Path | None
    disparity: Path | None


class DrivingStereo:
    """
    Frames of DrivingStereo.

    Parameters
    ----------
    root : path
        Folder that holds `train-left-image`, `left-image-half-size` or the like, and
        `half-image-calib` or `full-image-calib` there or one folder below.
    part : str, optional
        `train`, `test`, `half` or `full` (see `PARTS`), to be given where several are there.
    sequences : sequence of str
        Such as `2018-07-11-14-48-52`; empty for all.

    Truth is the depth map, or follows from the disparity map where there is no depth map. What
    lacks image, calibration or, where other frames have one, truth is left out and noted in
    `missing`.

    Raises
    ------
    InputError
        When there are no such folders or sequences, or no frame is complete.

    """

    def __init__(
        self, root: str | Path, *, part: str | None = None, sequences: Sequence[str] = ()
    ) -> None:
        self._root = Path(root)
        frames = _listed(self._root, _part(self._root, part))
        if sequences:
            _refuse_unknown(self._root, sequences, {_sequence(stem) for stem in frames})
            frames = {s: files for s, files in frames.items() if _sequence(s) in sequences}
        self._has_truth = any(files.depth or files.disparity for files in frames.values())
        self._calibrations = _calibration_files(self._root)
        self.missing = Missing()
        self._frames = [item for item in sorted(frames.items()) if self._is_complete(*item)]
        if not self._frames:
            raise InputError(f'{root}: no complete frame in here ({self.missing.summary()})')

    @property
    def names(self) -> list[str]:
        """Names of the samples, without reading them."""
        return [_name(stem) for stem, _ in self._frames]

    def __len__(self) -> int:
        """Count the frames that are complete."""
        return len(self._frames)

    def __getitem__(self, index: int) -> StereoSample:
        """Read one frame; `InputError` when one of its files is spoilt."""
        stem, files = self._frames[index]
        assert files.left is not None
        left = read_rgb(files.left)
        rig = self._rig(stem, left.shape[1], left.shape[0])
        sample = StereoSample(
            name=_name(stem),
            stamp_ns=_stamp_ns(stem),
            left=left,
            camera=rig.left,
            depth_m=_depth(files, rig),
        )
        if files.right is None:
            return sample
        return replace(sample, right=read_rgb(files.right), rig=rig)

    def disparity_px(self, index: int) -> Depth | None:
        """Read the disparity map of a frame: (H, W) float32 px, NaN unknown, None = no map."""
        files = self._frames[index][1]
        if files.disparity is None or files.left is None:
            return None
        image = read_rgb(files.left)
        return _disparity(files.disparity, image.shape[1], image.shape[0])

    def _is_complete(self, stem: str, files: Files) -> bool:
        there = {
            'image': files.left is not None,
            'calibration': _sequence(stem) in self._calibrations,
            'truth': bool(files.depth or files.disparity) or not self._has_truth,
        }
        for kind, present in there.items():
            if not present:
                self.missing.add(kind, _name(stem))
        return all(there.values())

    def _rig(self, stem: str, width: int, height: int) -> StereoRig:
        files = self._calibrations[_sequence(stem)]
        wanted = 'full' if width >= FULL_FROM_WIDTH else 'half'
        return _cached_rig(files.get(wanted) or next(iter(files.values()))).resized(width, height)


_cached_rig = lru_cache(maxsize=64)(read_rig)


def _depth(files: Files, rig: StereoRig) -> Depth | None:
    size = rig.left.width, rig.left.height
    if files.depth is not None:
        return read_matching_depth(files.depth, size)
    if files.disparity is not None:
        return rig.depth_from_disparity(_disparity(files.disparity, *size)).astype(np.float32)
    return None


def _disparity(path: Path, width: int, height: int) -> Depth:
    disparity_px = read_matching_depth(path, (width, height))
    return disparity_px * np.float32(FULL_DISPARITY_FACTOR if width >= FULL_FROM_WIDTH else 1)


def _part(root: Path, part: str | None) -> str:
    present = [name for name, folder in PARTS.items() if _left_folder(root, folder).is_dir()]
    if part is None and len(present) == 1:
        return PARTS[present[0]]
    if part is None and present:
        raise InputError(f'{root}: holds several parts, name one: #{" or #".join(present)}')
    if part not in present:
        wanted = [part] if part in PARTS else list(PARTS)
        folders = ' or '.join(_left_folder(root, PARTS[name]).name for name in wanted)
        raise InputError(f'{root}: no folder {folders} in here')
    return PARTS[part]


def _left_folder(root: Path, folder: str) -> Path:
    return root / folder.format('left-image')


def _listed(root: Path, folder: str) -> dict[str, Files]:
    """Return the frames of which any picture is there, by the stem of its name."""
    kinds = ('left-image', 'right-image', 'depth-map', 'disparity-map')
    found = [_pictures(root / folder.format(kind)) for kind in kinds]
    # A right image alone is no frame that anybody asks for.
    stems = {stem for pictures in (found[0], *found[2:]) for stem in pictures}
    return {stem: Files(*(pictures.get(stem) for pictures in found)) for stem in stems}


def _pictures(folder: Path) -> dict[str, Path]:
    paths = [*folder.glob('*.*'), *folder.glob('*/*.*')]
    return {
        path.stem: path
        for path in paths
        if path.suffix in ('.jpg', '.png') and not is_hidden(path)
    }


def _calibration_files(root: Path) -> dict[str, dict[str, Path]]:
    """Return the files of each sequence, by `half` and `full`."""
    files: dict[str, dict[str, Path]] = {}
    for size in ('half', 'full'):
        folder = f'{size}-image-calib'
        for path in (*root.glob(f'{folder}/*.txt'), *root.glob(f'*/{folder}/*.txt')):
            if not is_hidden(path):
                files.setdefault(path.stem, {})[size] = path
    return files


def _refuse_unknown(root: Path, sequences: Sequence[str], present: set[str]) -> None:
    for sequence in sequences:
        if sequence not in present:
            raise InputError(f'{root}: sequence {sequence} is not there')


def _sequence(stem: str) -> str:
    return stem.partition('_')[0]


def _name(stem: str) -> str:
    return f'{_sequence(stem)}/{stem}'


def _stamp_ns(stem: str) -> int:
    """Time in the name of a picture, to the millisecond; 0 where there is none."""
    seconds, _, milliseconds = stem.partition('_')[2].rpartition('-')
    try:
        moment = datetime.strptime(seconds, '%Y-%m-%d-%H-%M-%S').replace(tzinfo=timezone.utc)
        return int(moment.timestamp()) * 10**9 + int(milliseconds) * 10**6
    except ValueError:
        return 0
