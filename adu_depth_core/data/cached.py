# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Samples kept on disk after their first reading: rendering twice costs more than reading."""

from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from adu_depth_core.atomic_files import written_whole
from adu_depth_core.camera import Camera
from adu_depth_core.data.sample import Missing, StereoDataset, StereoSample

CAMERA_FIELDS = ('width', 'height', 'fx', 'fy', 'cx', 'cy')


class CachedLeft:
    """
    The left images of another data set with their truth, each stored when first asked for.

    Parameters
    ----------
    dataset : StereoDataset
        Must give the same sample for the same index for ever, as the synthetic ones do.
    folder : Path
        One file a sample; to be deleted when `dataset` changes.

    """

    def __init__(self, dataset: StereoDataset, folder: Path) -> None:
        self._dataset = dataset
        self._folder = folder

    @property
    def missing(self) -> Missing:
        """What the data set lacks."""
        return self._dataset.missing

    def __len__(self) -> int:
        """Count the samples."""
        return len(self._dataset)

    def __getitem__(self, index: int) -> StereoSample:
        """Read a sample from disk, or from the data set when it is not there or spoilt."""
        path = self._folder / f'{index:07d}.npz'
        try:
            return _read(path)
        except (OSError, BadZipFile, KeyError, ValueError):
            sample = self._dataset[index]
            _write(path, sample)
            return sample


def _write(path: Path, sample: StereoSample) -> None:
    depth = {} if sample.depth_m is None else {'depth_m': sample.depth_m}
    camera = np.array([getattr(sample.camera, name) for name in CAMERA_FIELDS], np.float64)
    with written_whole(path) as temporary:
        np.savez(
            temporary,
            name=np.array(sample.name),
            stamp_ns=np.array(sample.stamp_ns),
            camera=camera,
            left=sample.left,
            allow_pickle=False,
            **depth,
        )


def _read(path: Path) -> StereoSample:
    # Opened here, for np.load leaves a file open that turns out to be spoilt.
    with path.open('rb') as file, np.load(file, allow_pickle=False) as stored:
        width, height, *intrinsics = stored['camera'].tolist()
        return StereoSample(
            name=str(stored['name']),
            stamp_ns=int(stored['stamp_ns']),
            left=stored['left'],
            camera=Camera(int(width), int(height), *intrinsics),
            depth_m=stored.get('depth_m'),
        )
