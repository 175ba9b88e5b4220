# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Processes that a command starts, watches, and never leaves behind."""

import ctypes
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import NamedTuple

from adu_depth_core.errors import InputError

LAST_LINES = 5
PATIENCE_S = 30.0
PR_SET_PDEATHSIG = 1

# Loaded here, since after a fork only little may be done.
_LIBC = ctypes.CDLL(None) if sys.platform == 'linux' else None


class _Child(NamedTuple):
    process: 'subprocess.Popen[bytes]'
    log: Path
    ends_by_itself: bool


class ChildProcesses:
    """
    Python modules run as processes; all are ended with the `with` block.

    Parameters
    ----------
    logs : Path
        Folder for what they print: NAME.log each.
    environment : mapping
        Their environment variables.

    """

    def __init__(self, logs: Path, environment: Mapping[str, str]) -> None:
        self._logs, self._environment = logs, dict(environment)
        self._children: dict[str, _Child] = {}

    def __enter__(self) -> 'ChildProcesses':
        self._logs.mkdir(parents=True, exist_ok=True)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        running = [c.process for c in self._children.values() if c.process.poll() is None]
        for process in running:
            process.send_signal(signal.SIGINT)
        for process in running:
            _wait_or_kill(process, PATIENCE_S if kind is None else 5.0)

    def start(self, name: str, words: Sequence[str], *, ends_by_itself: bool = False) -> None:
        """Run `python -m words...`; it may end, successfully, if `ends_by_itself`."""
        log = self._logs / f'{name.replace(" ", "_")}.log'
        with log.open('wb') as output:
            process = subprocess.Popen(
                [sys.executable, '-m', *words],
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                # Ctrl-C goes to us alone, who end them in order.
                start_new_session=True,
                preexec_fn=_prepare_child,
            )
        self._children[name] = _Child(process, log, ends_by_itself)

    def has_ended(self, name: str) -> bool:
        """Return whether a process that may end has."""
        return self._children[name].process.poll() is not None

    def check(self) -> None:
        """Raise InputError, with the last lines of its log, when one should not have ended."""
        for name, child in self._children.items():
            code = child.process.poll()
            if code is not None and not (child.ends_by_itself and code == 0):
                raise self.failure(name, f'ended with exit code {code}')

    def end(self, name: str) -> None:
        """Ask one to end and wait; InputError when it does not end well."""
        child = self._children.pop(name)
        child.process.send_signal(signal.SIGINT)
        code = _wait_or_kill(child.process, PATIENCE_S)
        if code != 0:
            self._children[name] = child
            raise self.failure(name, f'ended with exit code {code}')

    def failure(self, name: str, what: str) -> InputError:
        """Return the error that says what befell a process, and its last words."""
        log = self._children[name].log
        lines = log.read_text(errors='replace').split('\n')
        last = [line.rstrip() for line in lines if line.strip()][-LAST_LINES:]
        return InputError(f'the {name} {what}; the last lines of {log}:', last or ['(nothing)'])


def _wait_or_kill(process: 'subprocess.Popen[bytes]', patience_s: float) -> int:
    try:
        return process.wait(patience_s)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()


def _prepare_child() -> None:
    """Let the child hear SIGINT, and have the kernel end it when we are killed."""
    # A shell that starts us in the background has it ignored, and children inherit that.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    if _LIBC is not None:
        _LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
