# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A one-slot mailbox and the one thread that works through it: fresh before complete."""

from collections.abc import Callable
from threading import Condition, Thread
from typing import Generic, TypeVar

Item = TypeVar('Item')


class LatestWorker(Generic[Item]):
    """
    Works on the newest item, in a thread of its own, until it is stopped.

    An item that still waits when a newer one comes is dropped and counted.

    Parameters
    ----------
    work : callable
        Called with one item at a time; must not raise.

    Attributes
    ----------
    dropped : int
        How many items were never worked on: replaced by a newer one, or waiting at the stop.

    """

    def __init__(self, work: Callable[[Item], None]) -> None:
        self.dropped = 0
        self._work = work
        self._waiting: Item | None = None
        self._stopping = False
        self._changed = Condition()
        self._thread = Thread(target=self._run, name='latest-worker', daemon=True)
        self._thread.start()

    def put(self, item: Item) -> None:
        """Leave an item to be worked on next, in place of one that waits; never blocks."""
        with self._changed:
            self.dropped += self._waiting is not None
            self._waiting = item
            self._changed.notify()

    def stop(self) -> None:
        """Let the work in hand finish, drop what waits and end the thread."""
        with self._changed:
            self._stopping = True
            self._changed.notify()
        self._thread.join()
        self.dropped += self._waiting is not None
        self._waiting = None

    def _run(self) -> None:
        while (item := self._next()) is not None:
            self._work(item)

    def _next(self) -> Item | None:
        with self._changed:
            self._changed.wait_for(lambda: self._stopping or self._waiting is not None)
            if self._stopping:
                return None
            item, self._waiting = self._waiting, None
            return item
