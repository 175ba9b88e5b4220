# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
All file parsers and messages against thousands of spoilt inputs, never the same ones.

    python benchmark/fuzz.py

Runs the properties of test/core/properties with more cases than the tests do, and writes how many
were read and how many refused, by kind of file. Ends with 1 where anything else happened; the
smallest case that shows it is printed.
"""

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from adu_depth_core.atomic_files import written_whole
from adu_depth_core.machine import machine

PROPERTIES = 'test/core/properties'


class Outcome:
    """A plugin of pytest that keeps what was counted and which properties did not hold."""

    def __init__(self) -> None:
        self.failed: list[str] = []
        self.cases: Any = None

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep the name of a property that did not hold."""
        if report.failed:
            self.failed.append(report.nodeid)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Take what conftest.py has counted."""
        self.cases = getattr(session.config, 'cases', None)


def main() -> int:
    options = _parser().parse_args()
    outcome, start = Outcome(), time.monotonic()
    words = ['-q', '--hypothesis-profile=many', '--timeout=0', options.tests]
    code = pytest.main(words, plugins=[outcome])
    if outcome.cases is None:
        return int(code)
    read, refused = outcome.cases.read, outcome.cases.refused
    kinds = {kind: [read[kind], refused[kind]] for kind in sorted({*read, *refused})}
    result = {
        'machine': machine(),
        'seconds': round(time.monotonic() - start, 1),
        'cases': read.total() + refused.total(),
        'failed': outcome.failed,
        'read_and_refused': kinds,
    }
    with written_whole(options.json) as temporary:
        temporary.write_text(json.dumps(result, indent=1) + '\n')
    print(f'{result["cases"]} cases in {result["seconds"]} s, written to {options.json}')
    return int(code)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[1])
    parser.add_argument('tests', nargs='?', default=PROPERTIES, help='some of them, or all')
    parser.add_argument('--json', type=Path, default=Path('benchmark/results/fuzz.json'))
    return parser


if __name__ == '__main__':
    sys.exit(main())
