# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""`adu-depth check-data`: look through a data set before days of training are spent on it."""

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tqdm import tqdm

from adu_depth_core.atomic_files import require_writable, written_whole
from adu_depth_core.commands.arguments import positive
from adu_depth_core.commands.train import configured
from adu_depth_core.datasets.checking import check_dataset, line, shared_drives, text
from adu_depth_core.datasets.kitti_frames import read_split
from adu_depth_core.datasets.sources import KINDS, open_dataset
from adu_depth_core.samples.sample import drive_of, sample_names

if TYPE_CHECKING:
    from adu_depth_core.training.config import SourceConfig

SUMMARY = 'look through a data set: what is missing, unreadable, inconsistent, also tested on'


def main(argv: Sequence[str] | None = None) -> int:
    """Report and return 0, or 1 where something is unreadable, inconsistent or tested on."""
    options = _parser().parse_args(argv)
    if options.json:
        require_writable(options.json)
    if options.config:
        return _check_configuration(options)
    dataset = open_dataset(options.data, drives=options.drives)
    test = _test_names(options)
    indices = range(0, len(dataset), options.every)[: options.limit]
    report = check_dataset(dataset, tqdm(indices, desc='check-data', unit='frame'))
    shared = shared_drives(report.drives, test)
    print(options.data)
    print(text(report))
    if test:
        print(line('tested on too', _drives(shared)))
    is_sound = report.is_sound and not shared
    result = {'data': options.data, 'sound': is_sound, **asdict(report), 'tested_on_too': shared}
    _write(options.json, result)
    return 0 if is_sound else 1


def _check_configuration(options: argparse.Namespace) -> int:
    """Name the drives that a training learns from and is judged by, and return 1 for any."""
    words = [word for name in options.config for word in ('--config', name)]
    data = configured(['student', *words])[1].data
    train, validation = (_names(sources) for sources in (data.train, data.validation))
    drives = {drive_of(name) for name in train}
    shared = {
        'validated too': shared_drives(drives, validation),
        'tested on too': shared_drives(drives, _test_names(options)),
    }
    print(' '.join(options.config))
    print(line('drives', f'{len(drives)} to learn from'))
    for what, found in shared.items():
        print(line(what, _drives(found)))
    result = {name.replace(' ', '_'): found for name, found in shared.items()}
    _write(options.json, {'config': options.config, **result})
    return 1 if any(shared.values()) else 0


def _names(sources: Sequence['SourceConfig']) -> list[str]:
    return [
        name
        for source in sources
        for name in sample_names(
            open_dataset(
                source.spec, drives=source.drives, truth=source.truth, limit=source.frames
            )
        )
    ]


def _write(path: Path | None, result: dict[str, Any]) -> None:
    if path:
        with written_whole(path) as temporary:
            temporary.write_text(json.dumps(result, indent=2) + '\n')


def _test_names(options: argparse.Namespace) -> list[str]:
    """Return the names of all frames that are to be tested on."""
    datasets = [open_dataset(spec, drives=options.test_drives) for spec in options.test]
    splits = [read_split(path) for path in options.split]
    return [
        *(name for dataset in datasets for name in sample_names(dataset)),
        *(frame.name for frames in splits for frame in frames),
    ]


def _drives(shared: Sequence[str]) -> str:
    return ', '.join(shared) if shared else 'no drive'


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog='adu-depth check-data', description=SUMMARY, allow_abbrev=False
    )
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument('--data', metavar='SPEC', help=', '.join(f'{kind}:…' for kind in KINDS))
    what.add_argument(
        '--config',
        nargs='+',
        metavar='FILE',
        help='configuration of a training, or the name of a shipped one: which drives does it '
        'both learn from and validate on?',
    )
    parser.add_argument('--drives', nargs='+', default=(), help='only these of --data')
    parser.add_argument(
        '--test', nargs='+', default=(), metavar='SPEC', help='data that will be tested on'
    )
    parser.add_argument('--test-drives', nargs='+', default=(), help='only these of --test')
    parser.add_argument(
        '--split',
        nargs='+',
        type=Path,
        default=(),
        metavar='FILE',
        help='split files that will be tested on: lines "DATE/DRIVE FRAME l|r"',
    )
    parser.add_argument('--every', type=positive, default=1, help='read every so many frames')
    parser.add_argument('--limit', type=positive, help='read so many frames at most')
    parser.add_argument('--json', type=Path, help='also write the result here')
    return parser
