# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The one-slot mailbox and its worker."""

import threading
from collections.abc import Iterator

import pytest

from adu_depth_ros.nodes.latest import LatestWorker


class Slow:
    """Work that waits for the test at every item."""

    def __init__(self) -> None:
        self.started: list[int] = []
        self.entered = threading.Semaphore(0)
        self.leave = threading.Semaphore(0)

    def __call__(self, item: int) -> None:
        self.started.append(item)
        self.entered.release()
        assert self.leave.acquire(timeout=10)

    def wait_until_at_work(self) -> None:
        assert self.entered.acquire(timeout=10)


@pytest.fixture
def slow() -> Iterator[Slow]:
    work = Slow()
    yield work
    work.leave.release(100)


def test_newest_of_the_items_that_came_during_work_is_next(slow: Slow) -> None:
    worker = LatestWorker(slow)
    worker.put(1)
    slow.wait_until_at_work()
    for item in (2, 3, 4):
        worker.put(item)
    slow.leave.release()
    slow.wait_until_at_work()
    slow.leave.release()
    worker.stop()
    assert slow.started == [1, 4]
    assert worker.dropped == 2


def test_stop_lets_the_work_in_hand_finish_and_drops_what_waits(slow: Slow) -> None:
    worker = LatestWorker(slow)
    worker.put(1)
    slow.wait_until_at_work()
    worker.put(2)
    stopping = threading.Thread(target=worker.stop)
    stopping.start()
    assert stopping.is_alive()
    slow.leave.release()
    stopping.join(timeout=10)
    assert not stopping.is_alive()
    assert slow.started == [1]
    assert worker.dropped == 1


def test_stop_ends_the_thread_of_an_idle_worker() -> None:
    before = threading.active_count()
    worker: LatestWorker[int] = LatestWorker(lambda item: None)
    assert threading.active_count() == before + 1
    worker.stop()
    assert threading.active_count() == before
    assert worker.dropped == 0


def test_a_false_item_is_an_item() -> None:
    seen: list[int] = []
    done = threading.Event()

    def work(item: int) -> None:
        seen.append(item)
        done.set()

    worker = LatestWorker(work)
    worker.put(0)
    assert done.wait(10)
    worker.stop()
    assert seen == [0]
