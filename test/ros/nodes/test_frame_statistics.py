# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Rates, durations and ages for diagnostics."""

import pytest

from adu_depth_ros.nodes.frame_statistics import FrameStatistics, Rate

SECOND = 10**9


def test_rate_is_that_of_the_last_five_seconds() -> None:
    rate = Rate(0)
    for tenth in range(100):
        rate.count(tenth * SECOND // 10)
    assert rate.hz(10 * SECOND) == pytest.approx(10, rel=0.03)
    assert rate.hz(12 * SECOND) == pytest.approx(6, rel=0.05)
    assert rate.hz(16 * SECOND) == 0


def test_rate_of_a_young_node_is_not_an_exaggeration() -> None:
    rate = Rate(0)
    rate.count(1000)
    assert rate.hz(2000) == 1.0
    rate.count(2 * SECOND)
    assert rate.hz(2 * SECOND) == 1.0


def test_clock_that_goes_back_begins_anew() -> None:
    rate = Rate(100 * SECOND)
    for _ in range(10):
        rate.count(101 * SECOND)
    rate.count(3 * SECOND)
    assert rate.hz(3 * SECOND) == 1.0
    assert rate.hz(5 * SECOND) == 0.5


def test_clock_that_goes_back_without_an_event_begins_anew_too() -> None:
    rate = Rate(100 * SECOND)
    assert rate.hz(50 * SECOND) == 0
    for _ in range(4):
        rate.count(51 * SECOND)
    assert rate.hz(52 * SECOND) == 2.0


def test_figures_are_unknown_until_there_are_some() -> None:
    statistics = FrameStatistics(lambda: 0)
    assert statistics.values() == {
        'input rate (Hz)': '0.0',
        'output rate (Hz)': '0.0',
        'inference p50 (ms)': 'unknown',
        'inference p95 (ms)': 'unknown',
        'age when published (ms)': 'unknown',
    }


def test_figures_have_the_units_that_they_say() -> None:
    now = [0]
    statistics = FrameStatistics(lambda: now[0])
    for tenth in range(20):
        now[0] = tenth * SECOND // 10
        statistics.came()
        statistics.inferred(0.001 * (tenth + 1))
    statistics.went(now[0] - SECOND // 4)
    now[0] = 2 * SECOND
    found = statistics.values()
    assert (found['input rate (Hz)'], found['output rate (Hz)']) == ('10.0', '0.5')
    assert (found['inference p50 (ms)'], found['inference p95 (ms)']) == ('10.5', '19.1')
    assert found['age when published (ms)'] == '250.0'
    statistics.reset()
    assert statistics.values()['inference p50 (ms)'] == 'unknown'


@pytest.mark.parametrize(
    ('age_s', 'shown'),
    [
        (0.25, '250.0'),
        (-0.5, '-500.0'),  # the clock of another machine
        (3600.0, '3600000.0'),
        (7200.0, "unknown: stamps are 2.0 h before the node's clock; set use_sim_time where"),
        (-36000.0, "unknown: stamps are 10.0 h after the node's clock; set use_sim_time where"),
    ],
)
def test_age_by_another_clock_is_none(age_s: float, shown: str) -> None:
    statistics = FrameStatistics(lambda: 10**6 * SECOND)
    statistics.went(10**6 * SECOND - round(age_s * SECOND))
    assert statistics.values()['age when published (ms)'].startswith(shown)
