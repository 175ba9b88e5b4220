# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Images find what other topics said at the same time, in whatever order a bag holds them."""

from collections.abc import Iterable

from adu_depth_core.bags.reader import BagMessage
from adu_depth_core.bags.synchroniser import MAX_WAITING, Stamped, synchronised

MS = 1_000_000


def said(*words: str) -> Iterable[Stamped]:
    """Return messages written as `topic stamp` or `topic stamp @ time`, both in ms."""
    latest = 0
    for word in words:
        topic, _, stamp = word.partition(' ')
        stamp, _, time = stamp.partition(' @ ')
        latest = int(time or max(int(stamp), latest))
        yield Stamped(int(stamp) * MS, BagMessage(topic, 'type', b'', latest * MS))


def grouped(
    *words: str, tolerance_ms: int | None = 20, topics: tuple[str, ...] = ('depth',)
) -> list[tuple[int, dict[str, int]]]:
    limit = None if tolerance_ms is None else tolerance_ms * MS
    groups = synchronised(said(*words), 'image', dict.fromkeys(topics, limit))
    return [
        (g.leader.stamp_ns // MS, {t: c.stamp_ns // MS for t, c in g.matched.items()})
        for g in groups
    ]


def test_companion_may_come_before_or_after_its_image():
    assert grouped('depth 100', 'image 100', 'image 200', 'depth 200') == [
        (100, {'depth': 100}),
        (200, {'depth': 200}),
    ]


def test_the_nearest_is_taken_of_those_before_and_after():
    assert grouped('depth 88', 'image 100', 'depth 107', 'depth 130') == [(100, {'depth': 107})]
    assert grouped('depth 95', 'image 100', 'depth 107') == [(100, {'depth': 95})]


def test_what_is_too_far_off_is_no_companion():
    assert grouped('depth 60', 'image 100', 'depth 140') == [(100, {})]


def test_calibration_holds_until_there_is_a_new_one():
    words = ('depth 0', 'image 100', 'image 5000', 'depth 9000', 'image 9000', 'image 9100')
    assert [found['depth'] for _, found in grouped(*words, tolerance_ms=None)] == [
        0,
        0,
        9000,
        9000,
    ]


def test_image_is_not_held_up_for_ever_by_a_topic_that_is_silent():
    items = said(*(f'image {100 * n}' for n in range(200)))
    groups = synchronised(items, 'image', {'depth': 20 * MS})
    first = next(groups)
    taken = next(items).stamp_ns // MS
    assert first.leader.stamp_ns == 0
    assert taken == 1200, 'one second is waited for it'


def test_no_more_images_wait_than_fit_into_memory():
    items = said(*(f'image {n}' for n in range(900)))
    next(synchronised(items, 'image', {'depth': 20 * MS}))
    assert next(items).stamp_ns // MS == MAX_WAITING + 1


def test_messages_without_images_are_let_go():
    held = said(*(f'depth {100 * n}' for n in range(10_000)), 'image 999900')
    (group,) = synchronised(held, 'image', {'depth': 20 * MS})
    assert group.matched['depth'].stamp_ns == 999_900 * MS


def test_every_image_comes_once_and_in_order():
    words = ('image 300', 'a 300', 'image 310', 'b 310', 'image 320', 'a 320', 'b 299')
    found = grouped(*words, topics=('a', 'b'))
    assert [stamp for stamp, _ in found] == [300, 310, 320]
    assert found[0][1] == {'a': 300, 'b': 299}


def test_recording_of_a_loop_is_matched_in_each_round():
    loop = ('depth 100', 'image 100', 'image 200', 'depth 200')
    assert grouped(*loop, *loop, *loop) == [(100, {'depth': 100}), (200, {'depth': 200})] * 3


def test_calibration_outlives_a_jump_back_in_time():
    words = ('info 50', 'image 100', 'image 200', 'image 100', 'image 200')
    groups = synchronised(said(*words), 'image', {'info': None})
    assert [group.matched['info'].stamp_ns // MS for group in groups] == [50] * 4


def test_clock_of_one_topic_may_be_far_ahead():
    words = [f'{topic} {100 * n}' for n in range(1, 40) for topic in ('image', 'depth')]
    ahead = [f'cloud {37_000 + 100 * n} @ {100 * n}' for n in range(1, 40)]
    mixed = [word for n in range(39) for word in (*words[2 * n : 2 * n + 2], ahead[n])]
    found = grouped(*mixed, topics=('depth', 'cloud'))
    assert found == [(100 * n, {'depth': 100 * n}) for n in range(1, 40)]


def test_messages_that_were_recorded_in_the_wrong_order_find_their_images():
    words = ('image 100', 'image 200', 'depth 200', 'depth 100 @ 210', 'image 300', 'depth 300')
    assert grouped(*words) == [(n, {'depth': n}) for n in (100, 200, 300)]
