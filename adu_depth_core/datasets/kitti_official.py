# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
KITTI's depth prediction data set: accumulated truth for raw drives, and its selections.

`data_depth_annotated` holds truth alone, in the trees `train` and `val`; images and calibration
are those of KITTI raw. `depth_selection` is complete in itself: 1000 cropped images with truth to
validate on, and 500 without, whose drives are secret, to be predicted for the benchmark.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import numpy as np

from adu_depth_core.camera import Camera
from adu_depth_core.datasets.kitti_frames import KittiFrame, frames_of_drives, nominal_stamp_ns
from adu_depth_core.datasets.kitti_raw import KittiRaw
from adu_depth_core.errors import InputError
from adu_depth_core.regular_files import is_hidden, read_text
from adu_depth_core.samples.image_files import read_matching_depth, read_rgb
from adu_depth_core.samples.sample import Missing, StereoSample

TREES = ('train', 'val')
SELECTIONS = {
    'val_selection': 'val_selection_cropped',
    'test': 'test_depth_prediction_anonymous',
}
SelectionTruth = Literal['groundtruth', 'velodyne_raw', 'none']


def open_annotated(
    annotated: Path,
    raw: Path,
    *,
    trees: Sequence[str] = TREES,
    drives: Sequence[str] = (),
    split_file: Path | None = None,
) -> KittiRaw:
    """
    Join accumulated truth with the images of KITTI raw.

    Parameters
    ----------
    annotated : Path
        `data_depth_annotated`, or the folder that holds it.
    raw : Path
        Root of KITTI raw, see `KittiRaw`.
    trees : sequence of str
        `train`, `val` or both.
    drives : sequence of str
        See `frames_of_drives`; empty for all.
    split_file : Path, optional
        Take the frames from this file instead: Eigen's lie in both trees.

    Raises
    ------
    InputError
        When a folder is not there or no frame has both image and truth.

    """
    folder = _inside(annotated, 'data_depth_annotated', TREES)
    places = [folder / tree for tree in trees]
    if split_file:
        return KittiRaw(raw, split_file=split_file, truth='groundtruth', annotated=places)
    listed = frames_of_drives(folder, drives, parents=trees)
    frames = [frame._replace(drive=_raw_drive(frame)) for frame in listed]
    return KittiRaw(raw, frames=frames, truth='groundtruth', annotated=places)


class DepthSelection:
    """
    Cropped images of `depth_selection`, each with its own intrinsics, left camera or right one.

    Parameters
    ----------
    root : path
        `depth_selection`, or the folder that holds it.
    part : str
        `val_selection`, or `test`, which has no truth.
    truth : str
        `groundtruth` (accumulated scans), `velodyne_raw` (one scan), or `none`.

    What lacks image, intrinsics or truth is left out and noted in `missing`.

    Raises
    ------
    InputError
        When the folder is not there or no image is complete.

    """

    def __init__(
        self, root: str | Path, part: str, *, truth: SelectionTruth = 'groundtruth'
    ) -> None:
        folder = SELECTIONS[part]
        self._folder = _inside(Path(root), 'depth_selection', [folder]) / folder
        self._kind = 'none' if part == 'test' else truth
        self.missing = Missing()
        self._stems = [stem for stem in self._listed() if self._is_complete(stem)]
        if not self._stems:
            raise InputError(f'{self._folder}: no usable image ({self.missing.summary()})')

    @property
    def names(self) -> list[str]:
        """Names of the samples, as KITTI raw would give them where the drive is known."""
        return [self._name(stem) for stem in self._stems]

    def __len__(self) -> int:
        """Count the images that are complete."""
        return len(self._stems)

    def __getitem__(self, index: int) -> StereoSample:
        """Read one image; `InputError` when one of its files is spoilt."""
        stem = self._stems[index]
        left = read_rgb(self._path('image', stem))
        size = left.shape[1], left.shape[0]
        frame = _frame(stem)
        return StereoSample(
            name=self._name(stem),
            stamp_ns=nominal_stamp_ns(frame) if frame else 0,
            left=left,
            camera=_read_intrinsics(self._path('intrinsics', stem), *size),
            depth_m=(
                None
                if self._kind == 'none'
                else read_matching_depth(self._path(self._kind, stem), size)
            ),
        )

    def _listed(self) -> list[str]:
        kinds = {'image', 'intrinsics'} | ({self._kind} - {'none'})
        paths = [path for kind in kinds for path in (self._folder / _folder(kind)).glob('*.*')]
        return sorted({_image_stem(path.stem) for path in paths if not is_hidden(path)})

    def _is_complete(self, stem: str) -> bool:
        needed = {'image': 'image', 'intrinsics': 'intrinsics'}
        if self._kind != 'none':
            needed['truth'] = self._kind
        lacking = [what for what, kind in needed.items() if not self._path(kind, stem).exists()]
        for what in lacking:
            self.missing.add(what, self._name(stem))
        return not lacking

    def _path(self, kind: str, stem: str) -> Path:
        suffix = '.txt' if kind == 'intrinsics' else '.png'
        if kind in ('groundtruth', 'velodyne_raw'):
            stem = stem.replace('_sync_image_', f'_sync_{_folder(kind)}_')
        return self._folder / _folder(kind) / f'{stem}{suffix}'

    def _name(self, stem: str) -> str:
        frame = _frame(stem)
        return frame.name if frame else f'{self._folder.name}/{stem}'


def _folder(kind: str) -> str:
    return 'groundtruth_depth' if kind == 'groundtruth' else kind


def _image_stem(stem: str) -> str:
    for kind in ('groundtruth_depth', 'velodyne_raw'):
        stem = stem.replace(f'_sync_{kind}_', '_sync_image_')
    return stem


def _frame(stem: str) -> KittiFrame | None:
    """Parse `2011_09_26_drive_0002_sync_image_0000000005_image_02`; None where anonymous."""
    drive, _, rest = stem.partition('_sync_image_')
    number, _, camera = rest.partition('_image_')
    return KittiFrame(f'{drive[:10]}/{drive}_sync', number, camera) if number.isdecimal() else None


def _raw_drive(frame: KittiFrame) -> str:
    drive = Path(frame.drive).name
    return f'{drive[:10]}/{drive}'


def _inside(root: Path, name: str, wanted: Sequence[str]) -> Path:
    """Return `root`, or `root/name`: whichever holds one of the wanted folders."""
    for folder in (root, root / name):
        if any((folder / one).is_dir() for one in wanted):
            return folder
    raise InputError(f'{root}: no folder {" or ".join(wanted)} in here')


def _read_intrinsics(path: Path, width: int, height: int) -> Camera:
    try:
        values = np.array(read_text(path).split(), np.float64)
    except InputError:
        raise
    except ValueError as error:
        raise InputError(f'{path}: not nine numbers of a camera matrix') from error
    if values.size != 9:
        raise InputError(f'{path}: {values.size} numbers, a camera matrix has nine')
    fx, _, cx, _, fy, cy, *_ = values.tolist()
    return Camera(width, height, fx, fy, cx, cy)
