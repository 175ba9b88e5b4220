# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
A process that runs one thing again and again, whenever it is asked to.

Threads of one runtime that wait for work take time from those of another in the same process; in
processes of their own they sleep while it is another's turn.
"""

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Any

from adu_depth_core.errors import InputError

MOST_WARM_UP_RUNS = 3
WARM_UP_SHARE = 0.3
FEWEST_RUNS = 3
PATIENCE_S = 5.0

Work = Callable[[], object]


@dataclass(frozen=True)
class Visit:
    """
    What came of one turn.

    Attributes
    ----------
    seconds : list of float
        Of each run by the clock.
    cpu_seconds : float
        Of the whole process, in all its threads, during these runs.

    """

    seconds: list[float]
    cpu_seconds: float


def timed(work: Work, seconds: float) -> Visit:
    """Run for so long, and at least `FEWEST_RUNS` times; first one or a few that do not count."""
    _warm_up(work, seconds * WARM_UP_SHARE)
    durations: list[float] = []
    cpu_before, end = time.process_time(), time.perf_counter() + seconds
    while len(durations) < FEWEST_RUNS or time.perf_counter() < end:
        before = time.perf_counter()
        work()
        durations.append(time.perf_counter() - before)
    return Visit(durations, time.process_time() - cpu_before)


def _warm_up(work: Work, seconds: float) -> None:
    """Run once, and again up to three times while it is quick."""
    end = time.perf_counter() + seconds
    for _ in range(MOST_WARM_UP_RUNS):
        work()
        if time.perf_counter() > end:
            return


class Worker:
    """
    Runs what a function returns, in a process that ends with the `with` block.

    Parameters
    ----------
    make : callable
        Called there, and so a function of a module, or a `partial` of one.

    Raises
    ------
    InputError
        When `make` raises it.

    """

    def __init__(self, make: Callable[[], Work]) -> None:
        context = get_context('spawn')
        self._connection, there = context.Pipe()
        self._process = context.Process(target=_serve, args=(there, make), daemon=True)
        self._process.start()
        there.close()
        try:
            self._answer()
        except InputError:
            self.close()
            raise

    def __enter__(self) -> 'Worker':
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def visit(self, seconds: float) -> Visit:
        """Have it run for so long, see `timed`."""
        with suppress(BrokenPipeError):  # it has ended: the answer says how
            self._connection.send(seconds)
        answer = self._answer()
        assert isinstance(answer, Visit)
        return answer

    def close(self) -> None:
        """End the process."""
        self._connection.close()
        self._process.join(PATIENCE_S)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()

    def _answer(self) -> Any:
        try:
            answer = self._connection.recv()
        except (EOFError, ConnectionResetError):
            self._process.join()
            raise InputError(
                f'a process that was to be timed ended with {self._process.exitcode}'
            ) from None
        if isinstance(answer, InputError):
            raise answer
        return answer


def _serve(connection: Connection, make: Callable[[], Work]) -> None:
    try:
        work = make()
    except InputError as error:
        connection.send(error)
        return
    connection.send(None)
    while True:
        try:
            seconds = connection.recv()
        except EOFError:  # the other side has closed
            return
        connection.send(timed(work, seconds))
