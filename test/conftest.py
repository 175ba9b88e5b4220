# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
What all tests share: real data, which must be used where it is said to be there, and random cases.
"""

import importlib.util
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings

from random_cases import Cases

# The same cases each time; no deadline and no search for a smaller case: a machine may be busy.
settings.register_profile(
    'tests',
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=25,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile(
    'many', deadline=None, max_examples=600, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile('tests')

# Several test processes share the cores; torch's threads would wait for each other.
os.environ.setdefault('OMP_NUM_THREADS', '1')

pytest_plugins = ['skip_missing']

VARIABLE = 'ADU_DEPTH_DATA'

_skipped_real_data: list[str] = []


@pytest.fixture(scope='session')
def cases(request: pytest.FixtureRequest) -> Cases:
    """What is read through it is counted, and told at the end (see benchmark/fuzz.py)."""
    counted = Cases()
    request.config.cases = counted  # type: ignore[attr-defined]
    return counted


@pytest.fixture(scope='session', autouse=True)
def unmeasured_export() -> Iterator[None]:
    """While torch makes a graph, nobody counts lines: that would double the time it takes."""
    coverage = sys.modules.get('coverage')
    measuring = coverage and coverage.Coverage.current()
    if not measuring or not importlib.util.find_spec('torch'):
        yield
        return
    import torch

    whole = torch.onnx.export

    def export(*arguments: Any, **options: Any) -> Any:
        measuring.stop()
        try:
            return whole(*arguments, **options)
        finally:
            measuring.start()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(torch.onnx, 'export', export)
        yield


@pytest.fixture(scope='session')
def data_root() -> Path:
    """Folder of real recordings: kitti_raw, splits, bags; its README says what is in it."""
    folder = os.environ.get(VARIABLE)
    if not folder:
        pytest.skip(f'real recordings are needed: set {VARIABLE} to their folder')
    return Path(folder)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    expected_failure = hasattr(report, 'wasxfail')
    if report.skipped and not expected_failure and 'real_data' in report.keywords:
        _skipped_real_data.append(report.nodeid)


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    if os.environ.get(VARIABLE) and _skipped_real_data and exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    _tell_cases(terminalreporter, getattr(config, 'cases', None))
    if os.environ.get(VARIABLE) and _skipped_real_data:
        terminalreporter.section(f'skipped although {VARIABLE} is set', red=True)
        for test in _skipped_real_data:
            terminalreporter.line(test)


def _tell_cases(terminalreporter: Any, counted: Cases | None) -> None:
    if counted is None:
        return
    read, refused = counted.read.total(), counted.refused.total()
    terminalreporter.write_line(
        f'properties: {read + refused} cases, {refused} refused in a sentence, {read} read'
    )
