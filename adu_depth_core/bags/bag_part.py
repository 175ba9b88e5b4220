# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""One of several equally long parts of a bag, and the calibration that holds at its beginning."""

from collections.abc import Collection, Iterator

from adu_depth_core.bags.reader import Bag, BagMessage
from adu_depth_core.errors import InputError

# Matches are looked for this far outside the time that is asked for.
MARGIN_NS = 2_000_000_000


class BagPart:
    """
    The i-th of n equally long parts of a bag.

    Parameters
    ----------
    bag : Bag
        Open as long as messages are read.
    share : (int, int)
        `(i, n)`, counted from 0.

    """

    def __init__(self, bag: Bag, share: tuple[int, int] = (0, 1)) -> None:
        index, self._parts = share
        self._bag = bag
        # In whole numbers, so that one part begins where the other ends.
        self._start_ns = bag.start_ns + bag.duration_ns * index // self._parts
        self._stop_ns = bag.start_ns + bag.duration_ns * (index + 1) // self._parts
        self._is_last = index + 1 == self._parts

    def __contains__(self, time_ns: int) -> bool:
        """Tell whether what was recorded at that time belongs to the part."""
        return self._start_ns <= time_ns and (time_ns < self._stop_ns or self._is_last)

    def expected_count(self, topic: str) -> int:
        """Return about how many messages of a topic the part has."""
        return -(-self._bag.topics[topic].count // self._parts)

    def messages(self, names: Collection[str]) -> Iterator[BagMessage]:
        """Yield the messages of the part, and of `MARGIN_NS` before and after it."""
        start_ns, stop_ns = self._start_ns - MARGIN_NS, self._stop_ns + MARGIN_NS
        return self._bag.messages(names, start_ns=start_ns, stop_ns=stop_ns)


def first_calibration(bag: Bag, topic: str) -> BagMessage:
    """Return the first message of a camera_info topic; InputError when there is none."""
    message = next(bag.messages([topic]), None)
    if message is None:
        raise InputError(f'{bag.path}: {topic} has no message, so the camera is not calibrated')
    return message
