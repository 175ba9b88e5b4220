# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
All file parsers and messages against thousands of spoilt inputs, never the same ones.

    python benchmark/fuzz.py

Runs the properties of test/core/properties, and where ROS 2 is there those of what nodes hear,
with more cases than the tests do, file by file, and writes after each how many were read and how
many refused, by kind; what the result holds of other files stays. Ends with 1 where
anything else happened; the smallest case that shows it is printed.
"""

import argparse
import importlib.util
import json
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from adu_depth_core.atomic_files import written_whole
from adu_depth_core.machine import machine

PROPERTIES = Path('test/core/properties')
OF_NODES = (
    Path('test/ros/mono/test_truth_messages.py'),
    Path('test/ros/stereo/sensors/test_random_sensors.py'),
)
PROFILE = 'fuzz'


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
    settings.register_profile(
        PROFILE,
        deadline=None,
        max_examples=options.cases,
        suppress_health_check=[HealthCheck.too_slow],
    )
    codes = []
    for path in options.tests or files():
        code, result = tried(path)
        codes.append(code)
        if result:
            keep(options.json, path.name, result)
    return max(codes, default=0)


def files() -> list[Path]:
    """Return all files of properties that can be run here."""
    has_ros = importlib.util.find_spec('rclpy') is not None
    return [*sorted(PROPERTIES.glob('test_*.py')), *(OF_NODES if has_ros else [])]


def tried(path: Path) -> tuple[int, dict[str, Any]]:
    """Run the properties of a file; return pytest's exit code, and what came of the cases."""
    outcome, start = Outcome(), time.monotonic()
    words = ['-q', f'--hypothesis-profile={PROFILE}', '--timeout=0', str(path)]
    code = int(pytest.main(words, plugins=[outcome]))
    if outcome.cases is None:
        return code, {}
    read, refused = outcome.cases.read, outcome.cases.refused
    return code, {
        'seconds': round(time.monotonic() - start, 1),
        'cases': read.total() + refused.total(),
        'failed': outcome.failed,
        'read_and_refused': {k: [read[k], refused[k]] for k in sorted({*read, *refused})},
    }


def keep(path: Path, name: str, result: dict[str, Any]) -> None:
    """Write the result of one file of properties beside those of the others."""
    files = json.loads(path.read_text())['files'] if path.exists() else {}
    files[name] = result
    total = sum(found['cases'] for found in files.values())
    content = {'machine': machine(), 'cases': total, 'files': dict(sorted(files.items()))}
    with written_whole(path) as temporary:
        temporary.write_text(json.dumps(content, indent=1) + '\n')
    print(f'{name}: {result["cases"]} cases in {result["seconds"]} s, {total} in {path}')


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[1])
    parser.add_argument('tests', nargs='*', type=Path, help='some of the files, or all')
    parser.add_argument('--cases', type=int, default=600, help='of each property (default: 600)')
    parser.add_argument('--json', type=Path, default=Path('benchmark/results/fuzz.json'))
    return parser


if __name__ == '__main__':
    sys.exit(main())
