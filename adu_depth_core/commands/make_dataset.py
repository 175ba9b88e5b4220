# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""`adu-depth make-dataset`: any data set as a recording, so that it is rendered only once."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from tqdm import tqdm

from adu_depth_core.commands.arguments import positive, quality
from adu_depth_core.datasets.sources import KINDS, open_dataset
from adu_depth_core.errors import InputError
from adu_depth_core.recording import Recording, RecordingWriter
from adu_depth_core.samples.sample import sample_names

SUMMARY = 'write a data set to disk as a recording: rendered streets above all'


def main(argv: Sequence[str] | None = None) -> int:
    """Write the samples that the recording does not hold yet, and return 0."""
    options = _parser().parse_args(argv)
    dataset = open_dataset(options.data, drives=options.drives, limit=options.frames)
    with RecordingWriter(options.output, jpeg_quality=options.jpeg_quality) as writer:
        done = samples_done(writer, options.output, sample_names(dataset))
        rest = range(done, len(dataset))
        progress = {'desc': 'make-dataset', 'unit': 'frame', 'initial': done}
        for index in tqdm(rest, total=len(dataset), **progress):
            writer.add(dataset[index])
    print(f'{options.output}: {len(dataset)} frames ({dataset.missing.summary()})')
    return 0


def samples_done(writer: RecordingWriter, folder: Path, names: Sequence[str]) -> int:
    """
    Count the samples that are recorded, which must be the first of `names`.

    Raises
    ------
    InputError
        When the recording holds other samples.

    """
    if not len(writer):
        return 0
    recorded = Recording(folder).names
    for name, wanted in zip(recorded, names, strict=False):
        if name != wanted:
            raise InputError(
                f'{folder}: holds "{name}" where "{wanted}" would be; take an empty folder'
            )
    if len(recorded) > len(names):
        raise InputError(
            f'{folder}: holds {len(recorded)} frames already, more than the {len(names)} asked '
            'for; take an empty folder'
        )
    return len(recorded)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog='adu-depth make-dataset',
        allow_abbrev=False,
        description='Write a data set as a recording. Run again after an interruption, it goes on '
        'after the last whole frame.',
    )
    parser.add_argument(
        '--data', required=True, metavar='SPEC', help=', '.join(f'{kind}:…' for kind in KINDS)
    )
    parser.add_argument('--drives', nargs='+', default=(), help='only these drives')
    parser.add_argument('--frames', type=positive, help='only the first so many frames')
    parser.add_argument('--output', type=Path, required=True, help='folder of the recording')
    parser.add_argument(
        '--jpeg-quality', type=quality, metavar='1..100', help='JPEG instead of PNG images'
    )
    return parser
