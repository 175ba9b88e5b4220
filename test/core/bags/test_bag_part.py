# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Parts of a bag: each moment belongs to one of them."""

from types import SimpleNamespace
from typing import Any

from adu_depth_core.bags.bag_part import MARGIN_NS, BagPart


class TenNanoseconds:
    """A bag from 100 to 110 ns that notes what it is asked for."""

    def __init__(self) -> None:
        self.start_ns, self.duration_ns = 100, 10
        self.topics = {'/image': SimpleNamespace(count=10)}

    def messages(self, names: Any, *, start_ns: int, stop_ns: int) -> Any:
        return iter([(names, start_ns, stop_ns)])


def parts(count: int) -> list[BagPart]:
    bag: Any = TenNanoseconds()
    return [BagPart(bag, (index, count)) for index in range(count)]


def test_each_moment_belongs_to_one_part_and_the_end_to_the_last() -> None:
    found = [[time_ns in part for part in parts(3)].index(True) for time_ns in range(100, 111)]
    assert found == [0, 0, 0, 1, 1, 1, 2, 2, 2, 2, 2]
    assert all(sum(time_ns in part for part in parts(3)) == 1 for time_ns in range(100, 111))
    assert not any(99 in part for part in parts(3))


def test_a_part_expects_its_share_of_the_messages_rounded_up() -> None:
    assert [part.expected_count('/image') for part in parts(3)] == [4, 4, 4]


def test_messages_are_read_with_a_margin_on_both_sides() -> None:
    (asked,) = parts(2)[0].messages(['/image'])
    assert asked == (['/image'], 100 - MARGIN_NS, 105 + MARGIN_NS)
