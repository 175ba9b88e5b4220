# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Which messages belong together, whatever order they come in."""

from itertools import permutations

import pytest

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


def stereo(slop_ns: int = 0, max_waiting: int = 8) -> LiveSynchroniser[str]:
    return LiveSynchroniser('L', ['R'], slop_ns=slop_ns, max_waiting=max_waiting)


def paired(synchroniser: LiveSynchroniser[str], text: str) -> list[str]:
    """Add images such as 'L10 R12' (side and stamp) and return the pairs."""
    found = []
    for word in text.split():
        pair = synchroniser.add(word[0], int(word[1:]), word)
        if pair is not None:
            assert pair.leader == pair.items['L']
            assert pair.stamp_ns == int(pair.leader[1:])
            found.append(f'{pair.leader} {pair.items["R"]}')
    return found


@pytest.mark.parametrize('text', ['L1 R1 L2 R2', 'R1 L1 R2 L2', 'L1 L2 R1 R2', 'R1 R2 L1 L2'])
def test_equal_stamps_are_paired_whichever_side_comes_first(text: str) -> None:
    images = stereo()
    assert paired(images, text) == ['L1 R1', 'L2 R2']
    assert images.unmatched == 0


def test_without_slop_near_stamps_are_not_paired() -> None:
    assert paired(stereo(0), 'L10 R11 L20 R19') == []


def test_near_stamps_are_paired_up_to_the_slop() -> None:
    assert paired(stereo(2), 'L10 R12 R18 L20') == ['L10 R12', 'L20 R18']
    assert paired(stereo(2), 'L10 R13 L20') == []


def test_nearest_of_those_that_wait_is_taken() -> None:
    assert paired(stereo(5), 'R10 R13 R16 L14') == ['L14 R13']


def test_what_is_older_than_a_pair_is_let_go_and_counted() -> None:
    images = stereo()
    assert paired(images, 'L1 L2 R0 L3 R3') == ['L3 R3']
    assert images.unmatched == 3
    assert paired(images, 'R1') == []


def test_newer_images_stay_for_their_partners() -> None:
    images = stereo()
    assert paired(images, 'R1 R2 R3 L2 L3') == ['L2 R2', 'L3 R3']
    assert images.unmatched == 1


def test_memory_is_bounded_where_one_side_is_silent() -> None:
    images = stereo(max_waiting=4)
    assert paired(images, ' '.join(f'L{stamp}' for stamp in range(100))) == []
    assert images.unmatched == 96
    assert paired(images, 'R96') == ['L96 R96']


def test_bag_that_begins_anew_is_paired_at_once() -> None:
    images = stereo()
    assert paired(images, 'L8 R8 L9 R9 L1 R1 L2 R2') == ['L8 R8', 'L9 R9', 'L1 R1', 'L2 R2']
    assert paired(images, 'R7 L8 R1 L1') == ['L1 R1']


def test_image_that_comes_twice_is_paired_once() -> None:
    images = stereo()
    assert paired(images, 'L1 L1 R1 R1') == ['L1 R1']
    assert images.unmatched == 1
