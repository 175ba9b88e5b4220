# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Says what is wrong once, not with every frame."""

import re
from collections.abc import Callable


class FaultLog:
    """
    Passes each fault on once, and again only after something good came between.

    Faults that differ in numbers only are the same fault: a camera that sends 30 broken frames a
    second, each broken at another byte, is one thing to say.

    Parameters
    ----------
    say : callable
        Takes the sentence, such as a logger's `warning`.

    """

    def __init__(self, say: Callable[[str], object]) -> None:
        self._say = say
        self._said: set[str] = set()

    def report(self, sentence: str) -> None:
        """Say what is wrong, unless it has been said."""
        kind = re.sub(r'\d+', '#', sentence)
        if kind not in self._said:
            self._said.add(kind)
            self._say(sentence)

    def clear(self) -> None:
        """Note that things go well: every fault from now on is news."""
        self._said.clear()
