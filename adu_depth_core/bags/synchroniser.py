# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""For each message of one topic, what the other topics said at the same time."""

from bisect import insort
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import NamedTuple

from adu_depth_core.bags.reader import BagMessage

PATIENCE_NS = 1_000_000_000
MAX_WAITING = 64
GRACE = 0.25  # of the patience: messages of neighbouring stamps may be recorded swapped
# Without stamps there are times of recording alone, which are never quite the same.
UNSTAMPED_SLOP_NS = 20_000_000


class Stamped(NamedTuple):
    """A message and the stamp in its header, in nanoseconds; it may be the time of recording."""

    stamp_ns: int
    message: BagMessage
    is_time_of_recording: bool = False


class Group(NamedTuple):
    """A message of the leading topic and those of other topics that match it, by their topic."""

    leader: Stamped
    matched: Mapping[str, Stamped]


def synchronised(
    messages: Iterable[Stamped],
    leader: str,
    tolerance_ns: Mapping[str, int | None],
    *,
    patience_ns: int = PATIENCE_NS,
) -> Iterator[Group]:
    """
    Yield every message of `leader` with the nearest in stamp of each other topic.

    Messages may come in any order as long as none is recorded later than `patience_ns` (or than
    `MAX_WAITING` messages of the leader): so long is waited for a match, and so much is held.

    Parameters
    ----------
    messages : iterable of Stamped
        Of all topics, in the order of the bag; the leader's by increasing stamp, until time jumps
        back and everything begins again.
    leader : str
        Topic whose every message is yielded.
    tolerance_ns : mapping
        For each other topic by how much its stamp may differ. None for a calibration, which
        holds until there is a new one: the last before the leader, or else the first. Where one of
        the two has no stamp but the time of recording, `UNSTAMPED_SLOP_NS` at least.
    patience_ns : int
        How long to wait for matches, by the time of recording.

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
        self._last_leader: Stamped | None = None
        self._now_ns = 0

    def add(self, item: Stamped) -> Iterator[Group]:
        """Take in a message; yield the groups that it completes."""
        # Clocks of sensors may differ by anything; the recorder has but one.
        self._now_ns = max(self._now_ns, item.message.time_ns)
        if item.message.topic == self._leader:
            yield from self._follow(item)
        else:
            insort(self._seen[item.message.topic], item, key=_stamp_of)
        while self._waiting and self._need_wait_no_longer(self._waiting[0]):
            yield self._group(self._waiting.popleft())
        self._let_go_of_what_is_old()

    def flush(self) -> Iterator[Group]:
        """Yield the groups of what is waiting still."""
        while self._waiting:
            yield self._group(self._waiting.popleft())

    def _follow(self, leader: Stamped) -> Iterator[Group]:
        before = self._last_leader
        if before is not None and leader.stamp_ns < before.stamp_ns:
            yield from self.flush()  # a recording of something that was played again
            self._begin_again(leader, before.message.time_ns)
        self._last_leader = leader
        self._waiting.append(leader)

    def _begin_again(self, leader: Stamped, since_ns: int) -> None:
        """Forget what the round before has left; a message may have been first of this one."""
        for topic, limit in self._tolerance_ns.items():
            items = self._seen[topic]
            if limit is None:
                self._seen[topic] = deque(sorted(items, key=_time_of)[-1:])
                continue
            self._seen[topic] = deque(
                item
                for item in items
                if _are_of_one_moment(item, leader, limit) and item.message.time_ns >= since_ns
            )

    def _need_wait_no_longer(self, leader: Stamped) -> bool:
        """Tell whether every topic has answered, or too long was waited for one."""
        waited_ns = self._now_ns - leader.message.time_ns
        if waited_ns > self._patience_ns or len(self._waiting) > MAX_WAITING:
            return True
        return all(self._has_answered(topic, leader, waited_ns) for topic in self._seen)

    def _has_answered(self, topic: str, leader: Stamped, waited_ns: int) -> bool:
        """Tell whether a later message is unlikely to be nearer."""
        stamps = [item.stamp_ns for item in self._seen[topic]]
        if leader.stamp_ns in stamps:
            return True
        is_past = self._tolerance_ns[topic] is None or any(s > leader.stamp_ns for s in stamps)
        return is_past and waited_ns >= self._patience_ns * GRACE

    def _group(self, leader: Stamped) -> Group:
        matched = {}
        for topic, limit in self._tolerance_ns.items():
            items = self._seen[topic]
            find = _last_before if limit is None else partial(_nearest, limit_ns=limit)
            found = find(items, leader)
            if found is not None:
                matched[topic] = found
        return Group(leader, matched)

    def _let_go_of_what_is_old(self) -> None:
        """Keep what is no older than the patience, and of each topic the last in any case."""
        oldest_ns = self._waiting[0].message.time_ns if self._waiting else self._now_ns
        for items in self._seen.values():
            while len(items) > 1 and items[1].message.time_ns < oldest_ns - self._patience_ns:
                items.popleft()


def _stamp_of(item: Stamped) -> int:
    return item.stamp_ns


def _time_of(item: Stamped) -> int:
    return item.message.time_ns


def _last_before(items: deque[Stamped], leader: Stamped) -> Stamped | None:
    """Return the last that is not after the leader, or else the first."""
    before = [item for item in items if item.stamp_ns <= leader.stamp_ns]
    return before[-1] if before else next(iter(items), None)


def _nearest(items: deque[Stamped], leader: Stamped, limit_ns: int) -> Stamped | None:
    nearest = min(items, key=lambda item: abs(item.stamp_ns - leader.stamp_ns), default=None)
    if nearest is None or not _are_of_one_moment(nearest, leader, limit_ns):
        return None
    return nearest


def _are_of_one_moment(one: Stamped, other: Stamped, limit_ns: int) -> bool:
    if one.is_time_of_recording or other.is_time_of_recording:
        limit_ns = max(limit_ns, UNSTAMPED_SLOP_NS)
    return abs(one.stamp_ns - other.stamp_ns) <= limit_ns
