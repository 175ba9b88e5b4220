# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""`adu-depth benchmark`: how fast the networks and the node are on this machine."""

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timezone
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from typing import Any

from adu_depth_core.atomic_files import told_unwritable, written_whole
from adu_depth_core.benchmarks.conditions import conditions, load_average, pinned
from adu_depth_core.benchmarks.parts import Options, Result, find_part, installed
from adu_depth_core.benchmarks.tables import Table
from adu_depth_core.commands.arguments import positive
from adu_depth_core.errors import InputError

SUMMARY = 'measure speed and memory of the networks and of the node'
FORMAT = 1

Judge = Callable[[Mapping[str, Result]], list[Table]]


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, or show what was measured; 0 whatever the figures are."""
    return run(argv, installed())


def run(
    argv: Sequence[str] | None, modules: Mapping[str, str], judge: Judge = lambda results: []
) -> int:
    """
    Do what the command does, with these parts.

    Parameters
    ----------
    argv : sequence of str, optional
        Of the command line; that of the process where not given.
    modules : mapping of str to str
        The module of each part by its name.
    judge : callable
        Makes tables of the results of all parts, which are printed before those of each.

    """
    parser = _parser(modules)
    options = parser.parse_args(argv)
    if options.minutes is not None and options.parts != ['node']:
        parser.error('--minutes is for the part "node" alone')
    if options.table:
        print('\n\n'.join(markdown(_read(path), modules, judge) for path in options.table))
        return 0
    # An hour later would be too late to hear of it.
    with told_unwritable(options.output):
        options.output.parent.mkdir(parents=True, exist_ok=True)
        TemporaryFile(dir=options.output.parent).close()
    for document in measured(options, modules):
        with written_whole(options.output) as part:
            part.write_text(json.dumps(document, indent=1) + '\n')
    print(markdown(document, modules, judge))
    print(f'figures: {options.output}', file=sys.stderr)
    return 0


def measured(options: argparse.Namespace, modules: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """Run the parts that are asked for; after each, yield what there is."""
    parts = {name: find_part(name, modules) for name in options.parts or modules}
    with pinned(options.cores) as cores, TemporaryDirectory() as folder:
        asked = Options(Path(folder), cores, options.quick, options.minutes)
        document = {
            'format': FORMAT,
            'measured': datetime.now(timezone.utc).isoformat(timespec='seconds'),
            'quick': options.quick,
            **conditions(cores),
        }
        load_before, results = load_average(), {}
        for name, part in parts.items():
            print(f'{name}: {part.SUMMARY}', file=sys.stderr)
            results[name] = part.measure(asked)
            loads = {'load_average': [load_before, load_average()]}
            yield {**document, **loads, 'parts': results}


def markdown(document: dict[str, Any], modules: Mapping[str, str], judge: Judge) -> str:
    """Return a whole result as markdown: conditions, and all tables."""
    results = document['parts']
    tables = judge(results)
    for name, result in results.items():
        tables += find_part(name, modules).tables(result)
    return '\n\n'.join([_conditions(document), *(table.markdown() for table in tables)])


def _conditions(document: dict[str, Any]) -> str:
    libraries = ', '.join(f'{name} {found}' for name, found in document['libraries'].items())
    loads = ' and '.join(f'{load:g}' for load in document['load_average'])
    gpus = ', '.join(document['gpus']) or 'no GPU'
    quick = ' **A quick run: these figures are worth nothing.**' if document['quick'] else ''
    return (
        f'{", ".join(document["parts"])}: {document["machine"]}; {gpus}; {document["cores"]} '
        f'cores used, as many threads; adu-depth {document["version"]}, {libraries}; load '
        f'average before and after {loads}; {document["measured"]}.{quick}'
    )


def _read(path: Path) -> dict[str, Any]:
    try:
        document = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise InputError(f'{path}: cannot be read ({error})') from error
    if not isinstance(document, dict) or document.get('format') != FORMAT:
        raise InputError(f'{path}: not a result of this version of adu-depth benchmark')
    return document


def _parser(modules: Mapping[str, str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog='adu-depth benchmark', description=SUMMARY, allow_abbrev=False
    )
    parser.add_argument('parts', nargs='*', metavar='PART', help=f'of {", ".join(modules)}')
    parser.add_argument('--output', type=Path, default=Path('out/benchmark.json'))
    parser.add_argument(
        '--table',
        type=Path,
        nargs='+',
        metavar='FILE.json',
        help='measure nothing, print results as markdown',
    )
    parser.add_argument('--quick', action='store_true', help='only see whether everything runs')
    parser.add_argument('--cores', type=positive, help='CPU cores to use; default: all')
    parser.add_argument(
        '--minutes', type=positive, help='node: watch its memory for so long, and nothing else'
    )
    return parser
