# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A test process that dies ends the run of `make test` with a failure, and does not hang it."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

MAKEFILE = Path(__file__).parents[1] / 'Makefile'
DIES = """
import os

def test_dies():
    os._exit(1)

def test_lives():
    pass
"""


@pytest.mark.slow
def test_lost_worker_ends_the_run(tmp_path: Path) -> None:
    import xdist  # noqa: F401

    options = re.findall(r'--dist \w+|--max-worker-restart=\d+', MAKEFILE.read_text())
    assert len(options) == 2
    (tmp_path / 'test_probe.py').write_text(DIES)
    (tmp_path / 'pytest.ini').write_text('[pytest]')
    words = ' '.join(options).split()
    command = [sys.executable, '-m', 'pytest', '-n', '2', '-p', 'no:cacheprovider', *words]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert done.returncode == pytest.ExitCode.TESTS_FAILED
    assert "crashed while running 'test_probe.py::test_dies'" in done.stdout
