# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Processes that a command starts are watched, quoted when they fail, and never left behind."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from adu_depth_core.errors import InputError
from adu_depth_ros.playback.child_processes import ChildProcesses

SLEEPER = """
import time
print('started', flush=True)
try:
    time.sleep(60)
except KeyboardInterrupt:
    print('ended politely')
"""
FAILURE = """
import sys
print('first words')
sys.exit('the model is missing')
"""


@pytest.fixture
def modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put modules to run on the path of the processes."""
    (tmp_path / 'sleeper.py').write_text(SLEEPER)
    (tmp_path / 'failure.py').write_text(FAILURE)
    (tmp_path / 'nothing.py').write_text('')
    monkeypatch.setenv('PYTHONPATH', str(tmp_path), prepend=os.pathsep)
    return tmp_path


def wait_until(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def is_running(pid: int) -> bool:
    status = Path(f'/proc/{pid}/stat')
    return status.exists() and status.read_text().rpartition(')')[2].split()[0] != 'Z'


def test_failing_process_is_quoted(modules: Path) -> None:
    with ChildProcesses(modules / 'logs', os.environ) as children:
        children.start('depth node', ['failure'], ends_by_itself=True)
        wait_until(lambda: children.has_ended('depth node'))
        with pytest.raises(InputError) as caught:
            children.check()
    assert str(caught.value) == (
        f'the depth node ended with exit code 1; the last lines of {modules}/logs/depth_node.log:'
        '\n  first words\n  the model is missing'
    )


def test_only_what_may_end_by_itself_may_end_with_success(modules: Path) -> None:
    with ChildProcesses(modules / 'logs', os.environ) as children:
        children.start('player', ['nothing'], ends_by_itself=True)
        wait_until(lambda: children.has_ended('player'))
        children.check()
        children.start('node', ['nothing'])
        wait_until(lambda: children.has_ended('node'))
        with pytest.raises(InputError, match='the node ended with exit code 0'):
            children.check()


def test_process_is_asked_to_end_and_waited_for(modules: Path) -> None:
    log = modules / 'logs' / 'sleeper.log'
    with ChildProcesses(modules / 'logs', os.environ) as children:
        children.start('sleeper', ['sleeper'])
        wait_until(lambda: 'started' in log.read_text())
        children.end('sleeper')
        assert 'ended politely' in log.read_text()


def test_process_hears_the_request_where_a_shell_started_us_in_the_background(
    modules: Path,
) -> None:
    log = modules / 'logs' / 'sleeper.log'
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with ChildProcesses(modules / 'logs', os.environ) as children:
            children.start('sleeper', ['sleeper'])
            wait_until(lambda: 'started' in log.read_text())
            children.end('sleeper')
    finally:
        signal.signal(signal.SIGINT, before)
    assert 'ended politely' in log.read_text()


def test_nothing_runs_on_after_an_error(modules: Path) -> None:
    log = modules / 'logs' / 'sleeper.log'
    with (
        contextlib.suppress(RuntimeError),
        ChildProcesses(modules / 'logs', os.environ) as children,
    ):
        children.start('sleeper', ['sleeper'])
        wait_until(lambda: 'started' in log.read_text())
        raise RuntimeError
    assert children.has_ended('sleeper')


@pytest.mark.skipif(sys.platform != 'linux', reason='the kernel of Linux ends the processes')
def test_nothing_runs_on_when_the_command_itself_is_killed(modules: Path) -> None:
    parent = f"""
import os, time
from pathlib import Path
from adu_depth_ros.playback.child_processes import ChildProcesses
with ChildProcesses(Path({str(modules)!r}), os.environ) as children:
    children.start('sleeper', ['sleeper'])
    print(children._children['sleeper'].process.pid, flush=True)
    time.sleep(60)
"""
    command = [sys.executable, '-c', parent]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as killed:
        assert killed.stdout is not None
        child = int(killed.stdout.readline())
        assert is_running(child)
        killed.send_signal(signal.SIGKILL)
        wait_until(lambda: not is_running(child))
