# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What stands where in a recording: its files, and the line that makes a sample of some."""

import json
import re
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from adu_depth_core.camera import Camera, StereoRig
from adu_depth_core.errors import InputError
from adu_depth_core.regular_files import read_regular

FORMAT, VERSION = 'adu_depth_recording', 1
HEAD, LINES = 'recording.json', 'samples.jsonl'
LARGEST_LINES_BYTES = 2**32  # some ten million samples
# Folder of a kind of picture -> where it stands in a StereoSample.
FIELDS = {
    'left': 'left',
    'right': 'right',
    'depth': 'depth_m',
    'right_depth': 'right_depth_m',
    'teacher_depth': 'teacher_depth_m',
    'teacher_scale': 'teacher_scale',
}
_FILE = re.compile(r'(?P<kind>[a-z_]+)/(?P<number>\d+)\.(png|jpg)')


@dataclass(frozen=True)
class Entry:
    """
    One line of `samples.jsonl`: a sample without its pictures.

    Attributes
    ----------
    name, stamp_ns, camera, rig
        As in `StereoSample`.
    files : dict
        Path below the recording, by kind of picture: `{'left': 'left/0000012.png'}`.

    """

    name: str
    stamp_ns: int
    camera: Camera
    rig: StereoRig | None
    files: dict[str, str]

    @property
    def number(self) -> int:
        """The number that the files of this sample carry."""
        return int(Path(self.files['left']).stem)


def file_name(kind: str, number: int, suffix: str) -> str:
    """Return the path of a picture below the recording."""
    return f'{kind}/{number:07d}{suffix}'


def to_line(entry: Entry) -> bytes:
    """Return an entry as a line of JSON with its end."""
    values: dict[str, Any] = {
        'name': entry.name,
        'stamp_ns': entry.stamp_ns,
        'camera': asdict(entry.camera),
    }
    if entry.rig is not None:
        values['rig'] = {'baseline_m': entry.rig.baseline_m, 'right_cx': entry.rig.right.cx}
    values['files'] = entry.files
    # Calibration out of a message may hold numbers of numpy.
    return json.dumps(values, default=lambda number: number.item()).encode() + b'\n'


def from_values(values: Any) -> Entry:
    """Check and convert what a line of JSON holds; `InputError` says what is wrong with it."""
    try:
        camera = Camera(**values['camera'])
        return Entry(
            name=str(values['name']),
            stamp_ns=_stamp(values['stamp_ns']),
            camera=camera,
            rig=_rig(camera, values.get('rig')),
            files=_files(values['files']),
        )
    except (AttributeError, KeyError, OverflowError, TypeError, ValueError) as error:
        raise InputError(f'lacks or spoils {error}') from error


def _stamp(value: Any) -> int:
    stamp_ns = int(value)
    if not 0 <= stamp_ns < 2**63:
        raise InputError(f'the stamp {stamp_ns:.3g} ns')
    return stamp_ns


def _rig(camera: Camera, values: Any) -> StereoRig | None:
    if values is None:
        return None
    return StereoRig(camera, replace(camera, cx=values['right_cx']), values['baseline_m'])


def _files(files: dict[str, str]) -> dict[str, str]:
    # Nothing but our own names: a recording from a stranger must not reach other files.
    for kind, name in files.items():
        parsed = _FILE.fullmatch(name)
        if kind not in FIELDS or parsed is None or parsed['kind'] != kind:
            raise InputError(f'the file "{name}" as {kind}')
    if 'left' not in files:
        raise InputError('the left image')
    return files


def read_entries(path: Path) -> tuple[list[Entry], int]:
    """
    Read the lines of a recording.

    Returns
    -------
    entries : list of Entry
        Without the last line where that is torn.
    end : int
        Bytes of the file that are whole lines.

    Raises
    ------
    InputError
        When the file cannot be read or a line before the last one is spoilt.

    """
    try:
        data = read_regular(path, most=LARGEST_LINES_BYTES)
    except FileNotFoundError:
        return [], 0
    except OSError as error:
        raise InputError(f'{path}: cannot be read ({error.strerror})') from error
    entries, end = [], 0
    for number, line in enumerate(data.splitlines(keepends=True), start=1):
        try:
            values = json.loads(line)
        except (ValueError, RecursionError) as error:
            # Each line reaches the disk before the next is begun, so only the last can be torn.
            if end + len(line) == len(data):
                break
            raise InputError(f'{path}: line {number} is not JSON; remove it') from error
        try:
            entries.append(from_values(values))
        except InputError as error:
            raise InputError(f'{path}: line {number} {error}; remove it') from error
        end += len(line)
    return entries, end


def check_head(folder: Path) -> None:
    """Raise `InputError` where `folder` is not a recording of a version that we know."""
    path = folder / HEAD
    try:
        head = json.loads(read_regular(path))
        known = (head['format'], head['version']) == (FORMAT, VERSION)
    except (OSError, KeyError, TypeError, ValueError, RecursionError) as error:
        raise InputError(f'{folder}: not a recording ({HEAD} is not there or spoilt)') from error
    if not known:
        raise InputError(
            f'{path}: {head["format"]} version {head["version"]}, expected {FORMAT} {VERSION}'
        )
