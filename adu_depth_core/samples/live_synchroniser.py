# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Images and what other sensors said at the same moment, found by their stamps as they come in."""

from collections import deque
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

Item = TypeVar('Item')

# An image waits for a matcher that may take a second; drivers send thirty in that time.
MAX_WAITING = 32
MAX_WAITING_PAIRS = 8  # the images of a stereo camera come nearly at once, and they are large


@dataclass(frozen=True)
class Together(Generic[Item]):
    """What belongs together, by name, the leader among it; the stamp is its own, in ns."""

    stamp_ns: int
    leader: Item
    items: Mapping[str, Item]


@dataclass(frozen=True, eq=False)
class _Stamped(Generic[Item]):
    stamp_ns: int
    item: Item


class LiveSynchroniser(Generic[Item]):
    """
    Finds for each item of a leader what others said at equal or nearly equal stamps, at once.

    Parameters
    ----------
    leader : str
        Name of what the others are matched to.
    needed : collection of str
        Names without which there is nothing.
    welcome : collection of str
        Names that are taken where they have come by then.
    slop_ns : int
        By how much the stamp of another may differ from that of the leader.
    max_waiting : int
        Items of each name that wait; the oldest goes first.

    Attributes
    ----------
    unmatched : int
        Items of the leader and of what is needed that were let go alone.

    """

    def __init__(
        self,
        leader: str,
        needed: Collection[str],
        welcome: Collection[str] = (),
        *,
        slop_ns: int = 0,
        max_waiting: int = MAX_WAITING,
    ) -> None:
        self.unmatched = 0
        self._leader, self._needed, self._welcome = leader, tuple(needed), tuple(welcome)
        self._slop_ns, self._max_waiting = slop_ns, max_waiting
        names = (leader, *self._needed, *self._welcome)
        self._waiting: dict[str, deque[_Stamped[Item]]] = {name: deque() for name in names}

    def add(self, name: str, stamp_ns: int, item: Item) -> Together[Item] | None:
        """
        Take an item in; return what is complete with it.

        The stamps of a name increase. Where they go back, a bag has begun anew, and what waits
        of that name is let go.
        """
        own = self._waiting[name]
        if own and stamp_ns <= own[-1].stamp_ns:
            self._let_go(name, len(own))
        own.append(_Stamped(stamp_ns, item))
        self._let_go(name, len(own) - self._max_waiting)
        return None if name in self._welcome else self._complete()

    def _complete(self) -> Together[Item] | None:
        """Return the leader that lacks nothing needed, of several the one nearest to it."""
        best: _Stamped[Item] | None = None
        least_ns = 0
        for leader in self._waiting[self._leader]:
            found = self._around(leader, self._needed)
            away_ns = sum(abs(one.stamp_ns - leader.stamp_ns) for one in found.values())
            if len(found) == len(self._needed) and (best is None or away_ns <= least_ns):
                best, least_ns = leader, away_ns
        if best is None:
            return None
        taken = {self._leader: best, **self._around(best, (*self._needed, *self._welcome))}
        # Nothing older can be matched any more: what comes now is newer.
        for name, one in taken.items():
            self._let_go(name, self._waiting[name].index(one))
            self._waiting[name].popleft()
        items = {name: one.item for name, one in taken.items()}
        return Together(best.stamp_ns, best.item, items)

    def _around(self, leader: _Stamped[Item], names: Collection[str]) -> dict[str, _Stamped[Item]]:
        """Return the nearest of each name within the slop, where there is one."""

        def away_ns(one: _Stamped[Item]) -> int:
            return abs(one.stamp_ns - leader.stamp_ns)

        nearest = {n: min(self._waiting[n], key=away_ns, default=None) for n in names}
        return {
            name: one
            for name, one in nearest.items()
            if one is not None and away_ns(one) <= self._slop_ns
        }

    def _let_go(self, name: str, count: int) -> None:
        for _ in range(count):
            self._waiting[name].popleft()
            self.unmatched += name not in self._welcome
