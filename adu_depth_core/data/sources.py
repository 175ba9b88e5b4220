# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Data sets by name: `kitti_raw:ROOT`, `synthetic:SEED`, `synthetic_scenes:SEED`."""

import os
from collections.abc import Sequence
from pathlib import Path

from adu_depth_core.data.kitti_raw import KittiRaw, Truth
from adu_depth_core.data.sample import Missing, StereoDataset, StereoSample
from adu_depth_core.errors import InputError

KINDS = ('kitti_raw', 'synthetic', 'synthetic_scenes')
DEFAULT_FRAMES = 100


def open_dataset(
    spec: str,
    *,
    drives: Sequence[str] = (),
    split_file: Path | None = None,
    truth: Truth = 'auto',
    limit: int | None = None,
) -> StereoDataset:
    """
    Open a data set.

    Parameters
    ----------
    spec : str
        `kitti_raw:ROOT`, `synthetic:SEED` (one drive at 10 Hz through KITTI's camera) or
        `synthetic_scenes:SEED` (unrelated scenes through random cameras, left image only).
        Environment variables in ROOT are put in: `kitti_raw:$ADU_DEPTH_DATA/kitti_raw`.
    drives, split_file, truth
        Which frames of KITTI raw, and where their truth comes from; see `KittiRaw`.
    limit : int, optional
        Use the first so many frames; a synthetic set has 100 without it.

    Raises
    ------
    InputError
        When the kind is unknown or its files cannot be used.

    """
    kind, _, argument = spec.partition(':')
    if kind not in KINDS or not argument:
        raise InputError(f'data "{spec}": expected {", ".join(f"{k}:…" for k in KINDS)}')
    if kind == 'kitti_raw':
        root = os.path.expandvars(argument)
        dataset = KittiRaw(root, drives=drives, split_file=split_file, truth=truth)
        return dataset if limit is None else FirstFrames(dataset, limit)
    if drives or split_file:
        raise InputError(f'data "{spec}": has neither drives nor split files')
    return _synthetic(kind, _seed(spec, argument), limit or DEFAULT_FRAMES)


class FirstFrames:
    """The first frames of another data set."""

    def __init__(self, dataset: StereoDataset, limit: int) -> None:
        self._dataset = dataset
        self._length = min(limit, len(dataset))

    @property
    def missing(self) -> Missing:
        """What the whole data set lacks."""
        return self._dataset.missing

    def __len__(self) -> int:
        """Count the frames."""
        return self._length

    def __getitem__(self, index: int) -> StereoSample:
        """Read one frame."""
        if not 0 <= index < self._length:
            raise IndexError(index)
        return self._dataset[index]


def _seed(spec: str, argument: str) -> int:
    if not argument.isdigit():
        raise InputError(f'data "{spec}": the seed must be a whole number')
    return int(argument)


def _synthetic(kind: str, seed: int, frames: int) -> StereoDataset:
    # Rendering needs torch; reading recorded data does not.
    from adu_depth_core.data.synthetic import SyntheticDrive, SyntheticScenes

    if kind == 'synthetic':
        return SyntheticDrive(seed, frames)
    return SyntheticScenes(seed, frames)
