# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Which messages belong together, whatever order they come in."""

from itertools import permutations

from adu_depth_core.samples.live_synchroniser import LiveSynchroniser, Together


def added(
    synchroniser: LiveSynchroniser[str], *items: tuple[str, int]
) -> list[tuple[int, dict[str, str]]]:
    """Add items named after kind and stamp; return what was complete, in order."""
    found = []
    for name, stamp_ns in items:
        together: Together[str] | None = synchroniser.add(name, stamp_ns, f'{name}{stamp_ns}')
        if together is not None:
            found.append((together.stamp_ns, dict(together.items)))
    return found


def test_any_order_of_what_is_needed_is_complete_once() -> None:
    for order in permutations([('left', 7), ('depth', 7), ('confidence', 7)]):
        synchroniser: LiveSynchroniser[str] = LiveSynchroniser('left', ['depth', 'confidence'])
        expected = {'left': 'left7', 'depth': 'depth7', 'confidence': 'confidence7'}
        assert added(synchroniser, *order) == [(7, expected)]
        assert synchroniser.unmatched == 0


def test_welcome_item_is_taken_when_it_is_there_and_not_waited_for() -> None:
    synchroniser: LiveSynchroniser[str] = LiveSynchroniser('left', ['disparity'], ['right'])
    first = added(synchroniser, ('left', 1), ('right', 1), ('disparity', 1))
    second = added(synchroniser, ('left', 2), ('disparity', 2), ('right', 2))
    assert [sorted(items) for _, items in first + second] == [
        ['disparity', 'left', 'right'],
        ['disparity', 'left'],
    ]


def test_slow_sensor_finds_the_image_of_its_stamp_among_those_that_wait() -> None:
    synchroniser: LiveSynchroniser[str] = LiveSynchroniser('left', ['disparity'], max_waiting=8)
    images = [('left', stamp) for stamp in range(1, 9)]
    assert added(synchroniser, *images, ('disparity', 5)) == [
        (5, {'left': 'left5', 'disparity': 'disparity5'})
    ]
    assert synchroniser.unmatched == 4


def test_nearest_image_within_the_slop_is_taken_and_none_beyond() -> None:
    synchroniser: LiveSynchroniser[str] = LiveSynchroniser('left', ['points'], slop_ns=20)
    found = added(synchroniser, ('left', 0), ('left', 33), ('left', 66), ('points', 50))
    assert found == [(66, {'left': 'left66', 'points': 'points50'})]
    assert added(synchroniser, ('left', 99), ('points', 120)) == []


def test_no_more_waits_than_may() -> None:
    synchroniser: LiveSynchroniser[str] = LiveSynchroniser('left', ['points'], max_waiting=3)
    assert added(synchroniser, *(('left', stamp) for stamp in range(10))) == []
    assert synchroniser.unmatched == 7
    assert added(synchroniser, ('points', 6)) == []
    assert len(added(synchroniser, ('points', 7))) == 1


def test_time_that_goes_back_begins_anew() -> None:
    synchroniser: LiveSynchroniser[str] = LiveSynchroniser('left', ['points'])
    assert added(synchroniser, ('left', 100), ('left', 5), ('points', 100)) == []
    assert len(added(synchroniser, ('points', 5))) == 1
