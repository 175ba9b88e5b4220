# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Counts what random cases come to."""

from collections import Counter
from collections.abc import Callable
from typing import TypeVar

from adu_depth_core.errors import InputError

Value = TypeVar('Value')


class Cases:
    """Reads what may be spoilt, and counts by kind what was read and what was refused."""

    def __init__(self) -> None:
        self.read: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()

    def outcome(self, kind: str, read: Callable[[], Value]) -> Value | None:
        """Return what was read, None where it was refused in a sentence; all else goes through."""
        try:
            value = read()
        except InputError:
            self.refused[kind] += 1
            return None
        self.read[kind] += 1
        return value
