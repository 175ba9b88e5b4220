# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""`adu-depth evaluate`: score a model on a data set under a named protocol."""

import argparse
import json
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import get_args

from adu_depth_core.atomic_files import written_whole
from adu_depth_core.commands.arguments import positive
from adu_depth_core.data.kitti_raw import Truth
from adu_depth_core.data.sources import open_dataset
from adu_depth_core.evaluation.evaluate import evaluate
from adu_depth_core.evaluation.metrics import NAMES
from adu_depth_core.evaluation.protocols import PROTOCOLS, find_protocol
from adu_depth_core.inference.predictor import RUNTIMES, Predictor

SUMMARY = 'score a model on a data set under a named protocol'


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command."""
    argv = sys.argv[1:] if argv is None else argv
    arguments = _parser().parse_args(argv)
    protocol = find_protocol(arguments.protocol)
    dataset = open_dataset(
        arguments.data,
        drives=arguments.drives,
        split_file=arguments.split_file,
        truth=arguments.truth,
        limit=arguments.frames,
    )
    print(f'{arguments.data}: {len(dataset)} frames, {dataset.missing.summary()}')
    predictor = Predictor.load(arguments.model, runtime=arguments.runtime, device=arguments.device)
    result = evaluate(predictor, dataset, protocol)
    print(table(result))
    if arguments.json:
        result['model'] = arguments.model
        result['model_sha256'] = predictor.model_sha256
        result['command'] = shlex.join(['adu-depth', 'evaluate', *argv])
        with written_whole(arguments.json) as temporary:
            temporary.write_text(json.dumps(result, indent=2) + '\n')
    return 0


def table(result: dict[str, object]) -> str:
    """Return the figures as a header line and a line of values, with the protocol's name."""
    names = (*NAMES, 'coverage_error')
    header = f'{"protocol":<16}{"images":>8}{"missing":>9}' + ''.join(f'{n:>16}' for n in names)
    values = f'{result["protocol"]:<16}{result["images"]:>8}{result["missing"]:>9}'
    return header + '\n' + values + ''.join(f'{result[n]:>16.4f}' for n in names)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog='adu-depth evaluate', description=SUMMARY)
    parser.add_argument('--model', default='tiny', help='shipped name or file (default: tiny)')
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
    parser.add_argument('--json', type=Path, help='also write the result here')
    parser.add_argument('--runtime', default='auto', choices=RUNTIMES)
    parser.add_argument('--device', default='auto', help='auto, cpu, cuda:0')
    return parser
