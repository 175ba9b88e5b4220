# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Samples kept on disk after their first reading: rendering twice costs more than reading."""

from dataclasses import astuple
from pathlib import Path
from typing import Any

import numpy as np

from adu_depth_core.atomic_files import written_whole
from adu_depth_core.camera import Camera, StereoRig
from adu_depth_core.errors import InputError
from adu_depth_core.samples.sample import StereoDataset, StereoSample, ViewOfDataset

NOTE = 'made_from.json'
IMAGES = ('left', 'right', 'depth_m', 'right_depth_m', 'teacher_depth_m', 'teacher_scale')


class CachedSamples(ViewOfDataset):
    """
    The samples of another data set, each stored whole and exact when first asked for.

    Parameters
    ----------
    dataset : StereoDataset
        Must give the same sample for the same index for ever, as the synthetic ones do.
    folder : Path
        One file a sample.
    made_from : str
        Says what the samples come from; it is kept with them.

    Raises
    ------
    InputError
        When the folder holds samples that were made from something else.

    """

    def __init__(self, dataset: StereoDataset, folder: Path, made_from: str = '') -> None:
        super().__init__(dataset)
        self._folder = folder
        note = folder / NOTE
        if not note.is_file():
            with written_whole(note) as temporary:
                temporary.write_text(made_from)
        elif (before := note.read_text(errors='replace')) != made_from:
            raise InputError(
                f'{folder}: keeps samples of another source ({before}); delete it, or name '
                'another cache'
            )

    def __getitem__(self, index: int) -> StereoSample:
        """Read a sample from disk, or from the data set when it is not there or spoilt."""
        path = self._folder / f'{index:07d}.sample.npz'
        try:
            return _read(path)
        except Exception:  # spoilt bytes: numpy, zlib, tokenize raise their own
            sample = self._dataset[index]
            _write(path, sample)
            return sample


def _write(path: Path, sample: StereoSample) -> None:
    images = {name: getattr(sample, name) for name in IMAGES}
    with written_whole(path) as temporary:
        np.savez(
            temporary,
            name=np.array(sample.name),
            stamp_ns=np.array(sample.stamp_ns),
            camera=np.array(astuple(sample.camera), np.float64),
            allow_pickle=False,
            **_rig_arrays(sample.rig),
            **{name: image for name, image in images.items() if image is not None},
        )


def _rig_arrays(rig: StereoRig | None) -> dict[str, Any]:
    if rig is None:
        return {}
    return {
        'right_camera': np.array(astuple(rig.right), np.float64),
        'baseline_m': np.array(rig.baseline_m, np.float64),
    }


def _read(path: Path) -> StereoSample:
    # Opened here, for np.load leaves a file open that turns out to be spoilt.
    with path.open('rb') as file, np.load(file, allow_pickle=False) as stored:
        arrays = {name: stored[name] for name in stored.files}
    camera = _camera(arrays['camera'])
    rig = None
    if 'right_camera' in arrays:
        rig = StereoRig(camera, _camera(arrays['right_camera']), float(arrays['baseline_m']))
    return StereoSample(
        name=str(arrays['name']),
        stamp_ns=int(arrays['stamp_ns']),
        camera=camera,
        rig=rig,
        left=arrays['left'],
        **{name: arrays.get(name) for name in IMAGES if name != 'left'},
    )


def _camera(stored: np.ndarray) -> Camera:
    width, height, *intrinsics = stored.tolist()
    return Camera(int(width), int(height), *intrinsics)
