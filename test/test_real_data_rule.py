# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A test marked real_data that is skipped fails the run exactly where the data is said to be."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
SKIPS = """
import pytest

@pytest.mark.real_data
def test_reads_frames():
    pytest.skip('no frames')

def test_passes():
    pass
"""
USES = """
import pytest

@pytest.mark.real_data
def test_reads_frames(data_root):
    assert (data_root / 'README.md').is_file()
"""


def run_tests(folder: Path, text: str, data: Path | None, processes: int) -> tuple[int, str]:
    shutil.copy(HERE / 'conftest.py', folder)
    (folder / 'test_probe.py').write_text(text)
    imports = HERE / 'stand_ins'
    (folder / 'pytest.ini').write_text(f'[pytest]\nmarkers = real_data\npythonpath = {imports}\n')
    environment = {k: v for k, v in os.environ.items() if k != 'ADU_DEPTH_DATA'}
    if data is not None:
        environment['ADU_DEPTH_DATA'] = str(data)
    command = [sys.executable, '-m', 'pytest', '-rs', '-p', 'no:cacheprovider']
    if processes:
        import xdist  # noqa: F401

        command += ['-n', str(processes)]
    done = subprocess.run(
        command,
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
    )
    return done.returncode, done.stdout


@pytest.mark.parametrize('processes', [0, 2])
def test_skipping_fails_the_run_where_the_data_is_set(tmp_path: Path, processes: int) -> None:
    status, output = run_tests(tmp_path, SKIPS, tmp_path, processes)
    assert status == pytest.ExitCode.TESTS_FAILED
    assert 'skipped although ADU_DEPTH_DATA is set' in output
    assert 'test_probe.py::test_reads_frames' in output


def test_skipping_is_fine_where_no_data_is_set(tmp_path: Path) -> None:
    status, output = run_tests(tmp_path, SKIPS, None, 0)
    assert status == pytest.ExitCode.OK
    assert '1 passed, 1 skipped' in output


def test_a_test_that_asks_for_the_data_skips_with_the_name_of_the_variable(
    tmp_path: Path,
) -> None:
    status, output = run_tests(tmp_path, USES, None, 0)
    assert status == pytest.ExitCode.OK
    assert 'set ADU_DEPTH_DATA' in output


def test_a_test_that_asks_for_the_data_gets_its_folder(tmp_path: Path) -> None:
    (tmp_path / 'README.md').touch()
    assert run_tests(tmp_path, USES, tmp_path, 0)[0] == pytest.ExitCode.OK


def test_a_folder_that_is_not_there_fails_instead_of_skipping(tmp_path: Path) -> None:
    status, _ = run_tests(tmp_path, USES, tmp_path / 'absent', 0)
    assert status == pytest.ExitCode.TESTS_FAILED
