# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
`adu-depth evaluate`: score a model on a data set under a named protocol.

Under torchrun every process takes its share of the images, and the first one prints.
"""

import argparse
import os
import shlex
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import get_args

from adu_depth_core.atomic_files import require_writable
from adu_depth_core.commands import INTERRUPTED
from adu_depth_core.commands.arguments import (
    add_calibration,
    add_device,
    add_model,
    add_precision,
    positive,
    predictor_settings,
)
from adu_depth_core.datasets.kitti_raw import Truth
from adu_depth_core.datasets.sources import open_dataset
from adu_depth_core.errors import InputError
from adu_depth_core.evaluation.document import (
    Document,
    about_model,
    document,
    figures_of,
    summary,
    to_json,
    write_report,
    write_result,
)
from adu_depth_core.evaluation.evaluate import DatasetScore, evaluate, shown_frames
from adu_depth_core.evaluation.frame_loop import Alone, Processes
from adu_depth_core.evaluation.protocols import PROTOCOLS, find_protocol
from adu_depth_core.inference.predictor import Predictor
from adu_depth_core.inference.runtimes.runtime import FLOAT32

SUMMARY = 'score a model on a data set under a named protocol'
STDOUT = Path('-')


def main(argv: Sequence[str] | None = None) -> int:
    """Evaluate; 0 when all images were, 130 after Ctrl-C with the figures of those that were."""
    words = list(sys.argv[1:] if argv is None else argv)
    options = _parser().parse_args(words)
    if options.report and options.report == options.json:
        raise InputError(f'{options.report}: cannot be both --report and --json')
    protocol = replace(find_protocol(options.protocol), flip=options.flip)
    dataset = open_dataset(
        options.data,
        drives=options.drives,
        split_file=options.split_file,
        truth=options.truth,
        limit=options.frames,
    )
    with _processes() as processes:
        if processes.rank == 0:
            for path in (options.report, options.json):
                if path and path != STDOUT:
                    require_writable(path)
            found = f'{options.data}: {len(dataset)} frames, {dataset.missing.summary()}'
            print(found, file=sys.stderr)
        predictor = Predictor.load(**predictor_settings(options))
        score = evaluate(predictor, dataset, protocol, processes)
        if processes.rank == 0:
            _tell(options, _content(options, words, predictor, score), score)
    return INTERRUPTED if score.evaluated.interrupted else 0


@contextmanager
def _processes() -> Iterator[Processes]:
    if int(os.environ.get('WORLD_SIZE', '1')) == 1:
        yield Alone()
        return
    # Alone, an evaluation needs no torch.
    from adu_depth_core.evaluation.distributed import torchrun_processes

    with torchrun_processes() as processes:
        yield processes


def _content(
    options: argparse.Namespace, words: Sequence[str], predictor: Predictor, score: DatasetScore
) -> Document:
    command = shlex.join(['adu-depth', 'evaluate', *words])
    title = f'{Path(options.model).stem} on {options.data}'
    return {
        **document(title, options.data, command, about_model(options.model, predictor)),
        'protocol': score.scores.protocol.label,
        'images': score.scores.images,
        'frames_in': len(score.dataset),
        'missing': score.absent,
        **score.scores.figures(),
        **figures_of(score.evaluated, 'prediction'),
    }


def _tell(options: argparse.Namespace, content: Document, score: DatasetScore) -> None:
    if options.report:
        write_report(options.report, content, shown_frames(score))
    if options.json == STDOUT:
        print(to_json(content), end='')
        return
    if options.json:
        write_result(options.json, content)
    print(summary(content))
    bins = find_protocol(options.protocol).bins
    if bins:
        print(
            f'ard: within {bins.radius_m:g} m of distances every {bins.step_m:g} m to '
            f'{bins.last_m:g} m; gd: their mean, empty ones left out'
        )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog='adu-depth evaluate', description=SUMMARY, allow_abbrev=False
    )
    add_model(parser)
    parser.add_argument('--data', required=True, help='for example kitti_raw:FOLDER')
    parser.add_argument(
        '--drives', nargs='+', default=[], help='drives with ranges: 0002 0005[114-153]'
    )
    parser.add_argument('--split-file', type=Path, help='lines "DATE/DRIVE FRAME l|r"')
    parser.add_argument(
        '--truth', default='auto', choices=get_args(Truth), help='which truth of KITTI raw'
    )
    parser.add_argument('--frames', type=positive, help='only the first so many')
    parser.add_argument(
        '--protocol', default='eigen_garg_kb', help=f'one of {", ".join(PROTOCOLS)}'
    )
    parser.add_argument(
        '--flip', action='store_true', help='average over the image and its mirror image'
    )
    parser.add_argument('--json', type=Path, help="also write the result here; '-': print only it")
    parser.add_argument('--report', type=Path, help='also write a page of HTML to look at')
    add_device(parser)
    add_precision(parser, FLOAT32)
    add_calibration(parser)
    return parser
