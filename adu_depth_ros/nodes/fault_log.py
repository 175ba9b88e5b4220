# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Says what is wrong once, not with every frame."""

import re
import time
from collections.abc import Callable

PAUSE_S = 5.0
MOST_KINDS = 20


class FaultLog:
    """
    Passes each kind of fault on once, and again only after something good came between.

    Faults that differ in numbers, or in what is quoted, are of one kind: a camera that sends 30
    broken frames a second, each broken at another byte or with another encoding, is one thing to
    say. Whatever comes, no kind is said twice within `PAUSE_S`, and no more than `MOST_KINDS`
    kinds in that time.

    Parameters
    ----------
    say : callable
        Takes the sentence, such as a logger's `warning`.
    now_s : callable
        A steady clock.

    """

    def __init__(
        self, say: Callable[[str], object], now_s: Callable[[], float] = time.monotonic
    ) -> None:
        self._say, self._now_s = say, now_s
        self._standing: set[str] = set()
        self._said_s: dict[str, float] = {}

    def report(self, sentence: str) -> None:
        """Say what is wrong, unless it has been said."""
        kind = kind_of(sentence)
        if kind in self._standing:
            return
        since_s = self._now_s() - PAUSE_S
        self._said_s = {old: said_s for old, said_s in self._said_s.items() if said_s > since_s}
        if kind in self._said_s or len(self._said_s) >= MOST_KINDS:
            return
        self._standing.add(kind)
        self._said_s[kind] = since_s + PAUSE_S
        self._say(sentence)

    def clear(self) -> None:
        """Note that things go well: every fault from now on is news."""
        self._standing.clear()


def kind_of(sentence: str) -> str:
    """Return a sentence without its numbers and without all that stands in double quotes."""
    return re.sub(r'\d+', '#', re.sub(r'".*"', '""', sentence))
