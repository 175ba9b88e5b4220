# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""For each message of one topic, what the other topics said at the same time."""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import NamedTuple

from adu_depth_core.data.bags.reader import BagMessage

PATIENCE_NS = 1_000_000_000
MAX_WAITING = 64


class Stamped(NamedTuple):
    """A message and the stamp in its header, in nanoseconds."""

    stamp_ns: int
    message: BagMessage


class Group(NamedTuple):
    """A message of the leading topic with its companions, by their topic."""

    leader: Stamped
    companions: Mapping[str, Stamped]


def with_companions(
    messages: Iterable[Stamped],
    leader: str,
    tolerance_ns: Mapping[str, int | None],
    *,
    patience_ns: int = PATIENCE_NS,
) -> Iterator[Group]:
    """
    Yield every message of `leader` with the nearest in stamp of each other topic.

    Messages may come in any order as long as none is later than `patience_ns` (or than
    `MAX_WAITING` messages of the leader): so long is waited for a companion, and so much is held.

    Parameters
    ----------
    messages : iterable of Stamped
        Of all topics, in the order of the bag; those of one topic by increasing stamp, until
        time jumps back and everything begins again.
    leader : str
        Topic whose every message is yielded.
    tolerance_ns : mapping
        For each companion topic by how much its stamp may differ. None for a calibration, which
        holds until there is a new one: the last before the leader, or else the first.
    patience_ns : int
        How long to wait for companions, by the stamps.

    """
    matching = _Matching(leader, tolerance_ns, patience_ns)
    for item in messages:
        yield from matching.add(item)
    yield from matching.flush()


class _Matching:
    """What has come and may still be needed."""

    def __init__(
        self, leader: str, tolerance_ns: Mapping[str, int | None], patience_ns: int
    ) -> None:
        self._leader, self._tolerance_ns, self._patience_ns = leader, tolerance_ns, patience_ns
        self._seen: dict[str, deque[Stamped]] = {topic: deque() for topic in tolerance_ns}
        self._waiting: deque[Stamped] = deque()
        self._latest_ns: dict[str, int] = {}

    def add(self, item: Stamped) -> Iterator[Group]:
        """Take in a message; yield the groups that it completes."""
        topic = item.message.topic
        if item.stamp_ns < self._latest_ns.get(topic, item.stamp_ns):
            yield from self.flush()  # a recording of something that was played again
            self._begin_again()
        self._latest_ns[topic] = item.stamp_ns
        (self._waiting if topic == self._leader else self._seen[topic]).append(item)
        while self._waiting and self._need_wait_no_longer(self._waiting[0]):
            yield self._group(self._waiting.popleft())
        if not self._waiting:
            self._let_go_before(max(self._latest_ns.values()) - self._patience_ns)

    def flush(self) -> Iterator[Group]:
        """Yield the groups of what is waiting still."""
        while self._waiting:
            yield self._group(self._waiting.popleft())

    def _begin_again(self) -> None:
        self._latest_ns.clear()
        for topic, items in self._seen.items():
            kept = list(items)[-1:] if self._tolerance_ns[topic] is None else ()
            self._seen[topic] = deque(kept)

    def _need_wait_no_longer(self, leader: Stamped) -> bool:
        """Tell whether no later message can be nearer, or too long was waited for one."""
        answered = all(
            items and items[-1].stamp_ns >= leader.stamp_ns for items in self._seen.values()
        )
        newest_ns = max(self._latest_ns.values())
        too_long = newest_ns > leader.stamp_ns + self._patience_ns
        return answered or too_long or len(self._waiting) > MAX_WAITING

    def _group(self, leader: Stamped) -> Group:
        # The leader's stamps increase: what is older than the last before it is done with.
        self._let_go_before(leader.stamp_ns)
        companions = {}
        for topic, limit in self._tolerance_ns.items():
            items = self._seen[topic]
            find = _last_before if limit is None else partial(_nearest, limit_ns=limit)
            found = find(items, leader.stamp_ns)
            if found is not None:
                companions[topic] = found
        return Group(leader, companions)

    def _let_go_before(self, stamp_ns: int) -> None:
        """Keep of each topic the last message that is not after the stamp, and all later ones."""
        for items in self._seen.values():
            while len(items) > 1 and items[1].stamp_ns <= stamp_ns:
                items.popleft()


def _last_before(items: deque[Stamped], stamp_ns: int) -> Stamped | None:
    """Return the last that is not after the stamp, or else the first."""
    before = [item for item in items if item.stamp_ns <= stamp_ns]
    return before[-1] if before else next(iter(items), None)


def _nearest(items: deque[Stamped], stamp_ns: int, limit_ns: int) -> Stamped | None:
    nearest = min(items, key=lambda item: abs(item.stamp_ns - stamp_ns), default=None)
    if nearest is None or abs(nearest.stamp_ns - stamp_ns) > limit_ns:
        return None
    return nearest
