# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What the demonstration promises is judged, and what was missed is named."""

from dataclasses import replace

import pytest

from adu_depth_core.evaluation.bags.bounds import Figures, bounds, verdict

GOOD = Figures(
    frames_in=100,
    frames_out=95,
    incomplete=0,
    abs_rel=0.29,
    coverage_error=0.05,
    density=0.9,
    latency_p50_ms=40.0,
    latency_p95_ms=99.0,
)


def missed(figures: Figures, *, ours: bool = True, has_truth: bool = True) -> list[str]:
    judged = bounds(figures, is_drive_of_ours=ours, has_truth=has_truth)
    return [bound.what for bound in judged if not bound.kept]


def test_good_run_misses_nothing() -> None:
    assert missed(GOOD) == []
    assert verdict(bounds(GOOD, is_drive_of_ours=True, has_truth=True)) is None


@pytest.mark.parametrize(
    ('change', 'what'),
    [
        ({'frames_in': 49, 'frames_out': 49}, 'frames in'),
        ({'frames_out': 94}, 'frames out'),
        ({'latency_p95_ms': 100.0}, 'latency p95'),
        ({'latency_p95_ms': None}, 'latency p95'),
        ({'incomplete': 1}, 'stamps with depth, std and both camera_info'),
        ({'abs_rel': 0.3}, 'abs_rel'),
        ({'abs_rel': None}, 'abs_rel'),
    ],
)
def test_each_promise_can_be_missed(change: dict[str, float], what: str) -> None:
    assert missed(replace(GOOD, **change)) == [what]


def test_bag_of_a_user_may_be_short_and_without_truth() -> None:
    short = replace(GOOD, frames_in=5, frames_out=5, abs_rel=None)
    assert missed(short, ours=False, has_truth=False) == []
    assert missed(replace(short, frames_out=0), ours=False, has_truth=False) == ['frames out']
    assert missed(replace(short, frames_in=0, frames_out=0), ours=False, has_truth=False)


def test_verdict_names_everything_that_was_missed() -> None:
    bad = replace(GOOD, frames_out=10, abs_rel=0.5)
    sentence = verdict(bounds(bad, is_drive_of_ours=True, has_truth=True))
    assert sentence == (
        'missed: frames out 10 of 100 (must be at least 95% of the frames in); '
        'abs_rel 0.5 (must be below 0.3)'
    )
