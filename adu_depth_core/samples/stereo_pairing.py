# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Left and right images that were taken together, found by their stamps as they come in."""

from collections import deque
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

Item = TypeVar('Item')
Side = Literal['left', 'right']

MAX_WAITING = 8


# No named tuples: those of Python 3.10 cannot be generic.
@dataclass(frozen=True)
class Pair(Generic[Item]):
    """Two images of one moment; the stamp is that of the left one, in nanoseconds."""

    stamp_ns: int
    left: Item
    right: Item


@dataclass(frozen=True, eq=False)
class _Stamped(Generic[Item]):
    stamp_ns: int
    item: Item


class StereoPairing(Generic[Item]):
    """
    Pairs images whose stamps are equal or nearly so; what waits too long is let go.

    Parameters
    ----------
    slop_ns : int
        By how much the stamps of a pair may differ; 0 for equal ones alone.
    max_waiting : int
        Images of each side that wait for their partner; the oldest goes first.

    Attributes
    ----------
    unmatched : int
        Images that were let go without a partner.

    """

    def __init__(self, slop_ns: int = 0, *, max_waiting: int = MAX_WAITING) -> None:
        self.unmatched = 0
        self._slop_ns, self._max_waiting = slop_ns, max_waiting
        self._waiting: dict[Side, deque[_Stamped[Item]]] = {'left': deque(), 'right': deque()}

    def add(self, side: Side, stamp_ns: int, item: Item) -> Pair[Item] | None:
        """
        Take an image in; return the pair that it completes.

        The stamps of a side increase. Where they go back, a bag has begun anew, and what waits
        on that side is let go.
        """
        own, others = self._waiting[side], self._waiting['right' if side == 'left' else 'left']
        if own and stamp_ns <= own[-1].stamp_ns:
            self._let_go(own, len(own))
        new = _Stamped(stamp_ns, item)
        partner = min(others, key=lambda other: abs(other.stamp_ns - stamp_ns), default=None)
        if partner is None or abs(partner.stamp_ns - stamp_ns) > self._slop_ns:
            own.append(new)
            self._let_go(own, len(own) - self._max_waiting)
            return None
        # Nothing older can find its partner any more: what comes now is newer.
        self._let_go(own, len(own))
        self._let_go(others, others.index(partner))
        others.popleft()
        left, right = (new, partner) if side == 'left' else (partner, new)
        return Pair(left.stamp_ns, left.item, right.item)

    def _let_go(self, images: deque[_Stamped[Item]], count: int) -> None:
        for _ in range(count):
            images.popleft()
            self.unmatched += 1
