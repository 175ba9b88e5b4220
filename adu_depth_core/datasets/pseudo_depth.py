# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Depth maps of an outside stereo system as the teacher of a data set."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adu_depth_core.errors import InputError
from adu_depth_core.regular_files import check_regular
from adu_depth_core.samples.image_files import read_depth_png
from adu_depth_core.samples.sample import Depth, Missing, StereoDataset, StereoSample, sample_names

# Where the other system says nothing of its own error, its depth is taken to be 5 % off.
DEFAULT_SCALE = 0.05


class PseudoDepth:
    """
    The samples of another data set, with depth maps from files as what a teacher said.

    The map of a sample is `FOLDER/NAME.png` (16-bit, metres times 256, 0 = unknown), or
    `FOLDER/NAME.npy` or `.npz` (one float array in metres; what is not positive or not finite
    is unknown). `FOLDER/NAME.scale.npy` or `.npz` beside it may hold the Laplace scale b of
    log-depth, about the relative error; without it b is `DEFAULT_SCALE`.

    Parameters
    ----------
    dataset : StereoDataset
        Gives images and names. Samples without a map are served as they are, and noted in
        `missing`.
    folder : path
        Of the depth maps.

    Raises
    ------
    InputError
        When the folder is not there.

    """

    def __init__(self, dataset: StereoDataset, folder: str | Path) -> None:
        self._dataset, self._folder = dataset, Path(folder)
        if not self._folder.is_dir():
            raise InputError(f'{folder}: no such folder')
        self.names = sample_names(dataset)
        self.missing = Missing({kind: list(n) for kind, n in dataset.missing.names.items()})
        for name in self.names:
            if self._file(name, '.png', '.npy', '.npz') is None:
                self.missing.add('teacher depth', name)

    def __len__(self) -> int:
        """Count the samples, those without a map among them."""
        return len(self._dataset)

    def __getitem__(self, index: int) -> StereoSample:
        """Read one sample and its map; `InputError` when they differ in size."""
        sample = self._dataset[index]
        path = self._file(sample.name, '.png', '.npy', '.npz')
        if path is None:
            return sample
        shape = sample.left.shape[0], sample.left.shape[1]
        depth_m = _read_map(path, shape)
        scale_path = self._file(sample.name, '.scale.npy', '.scale.npz')
        scale = np.full(shape, DEFAULT_SCALE, np.float32)
        if scale_path is not None:
            scale = _read_map(scale_path, shape)
        known = np.isfinite(depth_m) & (depth_m > 0) & np.isfinite(scale) & (scale > 0)
        return replace(
            sample,
            teacher_depth_m=np.where(known, depth_m, np.float32(np.nan)),
            teacher_scale=np.where(known, scale, np.float32(np.nan)),
        )

    def _file(self, name: str, *suffixes: str) -> Path | None:
        paths = (self._folder / f'{name}{suffix}' for suffix in suffixes)
        return next((path for path in paths if path.exists()), None)


def _read_map(path: Path, shape: tuple[int, int]) -> Depth:
    values = read_depth_png(path) if path.suffix == '.png' else _read_array(path)
    if values.shape != shape:
        raise InputError(f'{path}: shape {values.shape}, its image has {shape}')
    return values


def _read_array(path: Path) -> Depth:
    check_regular(path)
    try:
        with path.open('rb') as file:
            stored = np.load(file, allow_pickle=False)
            if isinstance(stored, np.ndarray):
                return _real(stored)
            with stored:
                (name,) = stored.files
                return _real(stored[name])
    except Exception as error:  # spoilt bytes: numpy, zlib, tokenize raise their own
        raise InputError(f'{path}: not one array of numbers ({error})') from error


def _real(values: NDArray[Any]) -> Depth:
    if values.dtype.kind not in 'fiu':
        raise ValueError(f'its type is {values.dtype}')
    with np.errstate(over='ignore'):  # infinite is unknown, too
        return values.astype(np.float32)
