# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Live topics as if they were the file of a bag that is being written."""

import queue
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path

from adu_depth_core.bags.storage import BagMessage, Topic
from adu_depth_ros.playback.topic_recorder import NAP_S, Arrivals

MAX_WAITING = 200  # messages: some seconds of a camera and what a node makes of it


class LiveStorage:
    """
    A `Storage` whose messages come as they are published, until somebody asks to stop.

    Parameters
    ----------
    topics : mapping
        {name: type} of what is listened to.
    arrivals : queue
        Where messages are put, see `arrivals_of`.
    should_stop : callable
        Asked between messages.

    Attributes
    ----------
    dropped : int
        Messages that came faster than they were asked for.

    """

    path = Path('topics')
    start_ns = end_ns = 0
    fault = ''

    def __init__(
        self, topics: Mapping[str, str], arrivals: Arrivals, should_stop: Callable[[], bool]
    ) -> None:
        self.topics: Mapping[str, Topic] = {
            name: Topic(name, msgtype, 0, False) for name, msgtype in topics.items()
        }
        self.left_out: dict[str, str] = {}
        self.dropped = 0
        self._arrivals, self._should_stop = arrivals, should_stop

    def messages(
        self, names: Collection[str] | None, start_ns: int | None, stop_ns: int | None
    ) -> Iterator[BagMessage]:
        """Yield what arrives; times are not looked at."""
        while not self._should_stop():
            while self._arrivals.qsize() > MAX_WAITING:
                self._arrivals.get()
                self.dropped += 1
            try:
                message = self._arrivals.get(timeout=NAP_S)
            except queue.Empty:
                continue
            if names is None or message.topic in names:
                yield message

    def close(self) -> None:
        """Nothing is held."""
