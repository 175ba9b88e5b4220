# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Which frames of KITTI raw: drives by number, ranges of frames, and the public split files."""

import re
from collections.abc import Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import NamedTuple

from adu_depth_core.errors import InputError
from adu_depth_core.regular_files import read_text

FRAME_NS = 100_000_000
CAMERAS = {'l': '02', 'r': '03'}
_DRIVE = re.compile(
    r'(?:(?P<date>\d{4}_\d\d_\d\d)(?:_drive_|/))?(?P<number>\d{4})(?:_sync)?'
    r'(?:\[(?P<first>\d{1,18})-(?P<last>\d{1,18})\])?'
)


# A split file from a stranger must not reach other folders.
_INSIDE = re.compile(r'(?:[A-Za-z0-9_-]+/)*[A-Za-z0-9_-]+')
_NUMBER = re.compile(r'[0-9]{1,10}')


class KittiFrame(NamedTuple):
    """One frame: folder of the drive below the root, ten-digit name, camera `02` or `03`."""

    drive: str
    stem: str
    camera: str = '02'

    @property
    def name(self) -> str:
        """Drive and frame, with the camera where it is not the left one."""
        suffix = '' if self.camera == '02' else '@03'
        return f'{Path(self.drive).name}/{self.stem}{suffix}'


def nominal_stamp_ns(frame: KittiFrame) -> int:
    """
    Ten frames a second where no times were recorded, from midnight of the drive's date.

    From 0 where the drive's name does not begin with one, as with those that are not KITTI's own.
    """
    since_its_start_ns = int(frame.stem) * FRAME_NS
    try:
        date = datetime.strptime(Path(frame.drive).name[:10], '%Y_%m_%d')
    except ValueError:
        return since_its_start_ns
    midnight = date.replace(tzinfo=timezone.utc)
    return int(midnight.timestamp()) * 10**9 + since_its_start_ns


def frames_of_drives(
    root: Path, drives: Sequence[str], *, parents: Sequence[str] = ('*',)
) -> list[KittiFrame]:
    """
    List the frames of some drives, or of all there are when `drives` is empty.

    Parameters
    ----------
    root : Path
        Folder that holds the dates' folders.
    drives : sequence of str
        `0005`, `0005[114-153]` (both ends included), `2011_09_26_drive_0005`, the same with
        `_sync`, or `2011_09_26/0005`.
    parents : sequence of str
        Folders below `root` that hold drives; in KITTI raw these are dates.

    Raises
    ------
    InputError
        When a drive is not there, not a drive's name, or its number is used on several dates.

    """
    if not drives:
        folders = _glob(root, parents, '*_drive_*_sync')
        if not folders:
            raise InputError(f'{root}: no KITTI drives such as DATE/DATE_drive_NNNN_sync in here')
        return [frame for folder in folders for frame in _frames(root, folder, None)]
    return [frame for drive in drives for frame in _frames_of_drive(root, drive, parents)]


def read_split(path: Path) -> list[KittiFrame]:
    """Read a split file of lines `2011_09_26/2011_09_26_drive_0002_sync 0000000069 l`."""
    lines = [line.split() for line in read_text(path).splitlines() if line.strip()]
    first: dict[KittiFrame, int] = {}
    for number, line in enumerate(lines, start=1):
        if len(line) != 3 or not _NUMBER.fullmatch(line[1]) or line[2] not in CAMERAS:
            raise InputError(
                f'{path}: line {number} is "{" ".join(line)}", expected "DATE/DRIVE FRAME l|r"'
            )
        if not _INSIDE.fullmatch(line[0]):
            raise InputError(f'{path}: line {number} names {line[0]}, no drive inside the data')
        drive, stem, side = line
        frame = KittiFrame(drive, f'{int(stem):010d}', CAMERAS[side])
        if frame in first:
            raise InputError(
                f'{path}: line {number} names the frame of line {first[frame]} again, and would '
                'count it twice; take one of them out'
            )
        first[frame] = number
    return list(first)


def _frames_of_drive(root: Path, drive: str, parents: Sequence[str]) -> list[KittiFrame]:
    parsed = _DRIVE.fullmatch(drive.strip('/'))
    if parsed is None:
        raise InputError(f'drive "{drive}" is not like 0005, 0005[114-153] or 2011_09_26/0005')
    found = _glob(root, parents, f'{parsed["date"] or "*"}_drive_{parsed["number"]}_sync')
    if not found:
        raise InputError(f'{root}: drive {drive} is not there')
    if len(found) > 1:
        dates = ', '.join(folder.name[:10] for folder in found)
        raise InputError(f'drive {drive} exists on {dates}; write DATE/{parsed["number"]}')
    if not parsed['first']:
        return _frames(root, found[0], None)
    frames = _frames(root, found[0], (int(parsed['first']), int(parsed['last'])))
    if not frames:
        raise InputError(f'drive {drive}: no frame of it is in this range; give FIRST-LAST')
    return frames


def _glob(root: Path, parents: Sequence[str], pattern: str) -> list[Path]:
    return sorted(path for parent in parents for path in root.glob(f'{parent}/{pattern}'))


def _frames(root: Path, folder: Path, bounds: tuple[int, int] | None) -> list[KittiFrame]:
    # A frame that has a truth but no image is asked for too, and will be counted as missing.
    files = [
        path
        for pattern in ('image_02/data/*.*', 'proj_depth/*/image_02/*.png')
        for path in folder.glob(pattern)
    ]
    stems = sorted({path.stem for path in files if path.stem.isdecimal()})
    first, last = bounds or (0, 10**10)
    drive = str(folder.relative_to(root))
    return [KittiFrame(drive, stem) for stem in stems if first <= int(stem) <= last]
