# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""KITTI raw: stereo drives with laser truth, images as .png or .jpg."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timezone
from functools import lru_cache
from pathlib import Path
from typing import Literal

import numpy as np

from adu_depth_core.datasets.kitti_calibration import KittiCalibration, read_calibration
from adu_depth_core.datasets.kitti_frames import (
    FRAME_NS,
    KittiFrame,
    frames_of_drives,
    nominal_stamp_ns,
    read_split,
)
from adu_depth_core.errors import InputError
from adu_depth_core.regular_files import read_text
from adu_depth_core.samples.image_files import read_matching_depth, read_rgb
from adu_depth_core.samples.projection import project_scan, read_scan
from adu_depth_core.samples.sample import Depth, Missing, StereoSample

Truth = Literal[
    'auto',
    'groundtruth',
    'velodyne_raw',
    'velodyne_points',
    'velodyne_points_minus_one',
    'best',
    'none',
]
AUTOMATIC: tuple[Truth, ...] = ('groundtruth', 'velodyne_raw', 'velodyne_points')


class KittiRaw:
    """
    Frames of KITTI raw, in the layout of the data set's own archives.

    Parameters
    ----------
    root : path
        Folder that holds the dates: `root/2011_09_26/2011_09_26_drive_0005_sync/image_02/data`.
    drives : sequence of str
        See `frames_of_drives`; empty for all.
    split_file : path, optional
        Take the frames from this file instead.
    frames : sequence of KittiFrame
        Take these instead.
    truth : str
        `groundtruth` (accumulated scans of `data_depth_annotated`) or `velodyne_raw` from
        `proj_depth/…/image_0x/*.png`, `velodyne_points` projected here, or
        `velodyne_points_minus_one` (see `project_scan`), `none`, or `auto`: the first of the
        first three of which any frame has a file. `best` chooses among these three frame by
        frame, and takes a frame that has none of them without truth.
    annotated : sequence of path
        Folders that hold drives with `proj_depth/groundtruth` (`train` and `val` of
        `data_depth_annotated`): `groundtruth` is looked for there and not below `root`.

    Frames without image, or without truth where there should be one, are left out and noted in
    `missing`.

    Raises
    ------
    InputError
        When root, drive, split file or calibration cannot be used, or no frame is left.

    """

    def __init__(
        self,
        root: str | Path,
        *,
        drives: Sequence[str] = (),
        split_file: Path | None = None,
        frames: Sequence[KittiFrame] = (),
        truth: Truth = 'auto',
        annotated: Sequence[Path] = (),
    ) -> None:
        self._root, self._annotated = Path(root), annotated
        if not self._root.is_dir():
            raise InputError(f'{root}: no such folder')
        if not frames:
            frames = read_split(split_file) if split_file else frames_of_drives(self._root, drives)
        self.truth: Truth = self._first_truth(frames) if truth == 'auto' else truth
        self.missing = Missing()
        self._frames = [frame for frame in frames if self._is_complete(frame)]
        if not self._frames:
            raise InputError(
                f'{root}: none of {len(frames)} frames can be used: {self.missing.summary()}'
            )

    @property
    def names(self) -> list[str]:
        """Names of the samples, without reading them."""
        return [frame.name for frame in self._frames]

    def __len__(self) -> int:
        """Count the frames that are complete."""
        return len(self._frames)

    def __getitem__(self, index: int) -> StereoSample:
        """Read one frame; `InputError` when one of its files is spoilt."""
        frame = self._frames[index]
        left_path = self._image(frame)
        assert left_path is not None
        left = read_rgb(left_path)
        size = left.shape[1], left.shape[0]
        calibration = self._calibration(frame)
        rig = calibration.rig.resized(*size)
        sample = StereoSample(
            name=frame.name,
            stamp_ns=self._stamp_ns(frame),
            left=left,
            camera=rig.left,
            depth_m=self._depth(frame, size),
        )
        return self._with_right(sample, frame, size) if frame.camera == '02' else sample

    def _with_right(
        self, sample: StereoSample, frame: KittiFrame, size: tuple[int, int]
    ) -> StereoSample:
        other = frame._replace(camera='03')
        path = self._image(other)
        if path is None:
            return sample
        return replace(
            sample,
            right=read_rgb(path),
            rig=self._calibration(frame).rig.resized(*size),
            right_depth_m=self._depth(other, size),
        )

    def _is_complete(self, frame: KittiFrame) -> bool:
        has_image = self._image(frame) is not None
        needs_truth = self.truth not in ('none', 'best')
        has_truth = not needs_truth or self._truth_path(frame, self.truth).exists()
        if not has_image:
            self.missing.add('image', frame.name)
        if not has_truth:
            self.missing.add('truth', frame.name)
        return has_image and has_truth

    def _first_truth(self, frames: Sequence[KittiFrame]) -> Truth:
        for kind in AUTOMATIC:
            if any(self._truth_path(frame, kind).exists() for frame in frames):
                return kind
        return 'none'

    def _image(self, frame: KittiFrame) -> Path | None:
        folder = self._root / frame.drive / f'image_{frame.camera}' / 'data'
        paths = (folder / f'{frame.stem}{suffix}' for suffix in ('.png', '.jpg'))
        return next((path for path in paths if path.exists()), None)

    def _truth_path(self, frame: KittiFrame, kind: Truth) -> Path:
        drive = self._root / frame.drive
        if kind.startswith('velodyne_points'):
            return drive / 'velodyne_points' / 'data' / f'{frame.stem}.bin'
        drives = [drive]
        if kind == 'groundtruth' and self._annotated:
            drives = [folder / drive.name for folder in self._annotated]
        name = Path('proj_depth') / kind / f'image_{frame.camera}' / f'{frame.stem}.png'
        return next((d / name for d in drives if (d / name).exists()), drives[0] / name)

    def _depth(self, frame: KittiFrame, size: tuple[int, int]) -> Depth | None:
        kind = self._first_truth([frame]) if self.truth == 'best' else self.truth
        path = self._truth_path(frame, kind)
        if kind == 'none' or not path.exists():
            return None
        if kind.startswith('velodyne_points'):
            return self._projected(frame, path, size)
        return read_matching_depth(path, size)

    def _projected(self, frame: KittiFrame, path: Path, size: tuple[int, int]) -> Depth:
        calibration = self._calibration(frame)
        camera = calibration.rig.left
        # Pixels scale about the corner of the image, half a pixel off its first centre.
        sx, sy = size[0] / camera.width, size[1] / camera.height
        scale = np.array([[sx, 0, sx / 2 - 0.5], [0, sy, sy / 2 - 0.5], [0, 0, 1]])
        projection = scale @ calibration.projection[frame.camera]
        minus_one = self.truth == 'velodyne_points_minus_one'
        return project_scan(read_scan(path), projection, *size, minus_one=minus_one)

    def _calibration(self, frame: KittiFrame) -> KittiCalibration:
        return _cached_calibration(self._root / Path(frame.drive).parent)

    def _stamp_ns(self, frame: KittiFrame) -> int:
        stamps = _cached_stamps(self._root / frame.drive)
        number = int(frame.stem)
        return stamps[number] if number < len(stamps) else nominal_stamp_ns(frame)


_cached_calibration = lru_cache(maxsize=16)(read_calibration)


@lru_cache(maxsize=64)
def _cached_stamps(drive: Path) -> tuple[int, ...]:
    """Read the times of a drive's frames, those of the image before those of the vehicle."""
    for folder in ('image_02', 'oxts'):
        path = drive / folder / 'timestamps.txt'
        if path.exists():
            return _parse_stamps_ns(path, read_text(path).splitlines())
    return ()


def _parse_stamps_ns(path: Path, lines: Sequence[str]) -> tuple[int, ...]:
    """Parse a line for each frame; a blank one, of a lost frame, follows from its neighbour."""
    known = {n: _parse_stamp_ns(path, line) for n, line in enumerate(lines) if line.strip()}
    if not known:
        return ()
    place = min(known)
    stamps = []
    for number in range(len(lines)):
        place = number if number in known else place
        stamps.append(known[place] + (number - place) * FRAME_NS)
    return tuple(stamps)


def _parse_stamp_ns(path: Path, line: str) -> int:
    try:
        seconds, _, fraction = line.strip().partition('.')
        moment = datetime.strptime(seconds, '%Y-%m-%d %H:%M:%S').replace(tzinfo=timezone.utc)
        return int(moment.timestamp()) * 10**9 + int(fraction[:9].ljust(9, '0'))
    except ValueError as error:
        raise InputError(
            f'{path}: "{line}" is not a time such as 2011-09-26 13:02:25.95'
        ) from error
