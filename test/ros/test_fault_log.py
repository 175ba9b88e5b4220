# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What is wrong is said once."""

from adu_depth_ros.nodes.fault_log import FaultLog


def test_a_fault_is_said_once_until_something_good_came() -> None:
    said: list[str] = []
    faults = FaultLog(said.append)
    faults.report('no data')
    faults.report('no data')
    assert said == ['no data']
    faults.clear()
    faults.report('no data')
    assert said == ['no data', 'no data']


def test_another_fault_is_said_between_two_of_the_first() -> None:
    said: list[str] = []
    faults = FaultLog(said.append)
    for sentence in ('no data', 'no camera', 'no data'):
        faults.report(sentence)
    assert said == ['no data', 'no camera']


def test_faults_that_differ_in_numbers_are_one_fault() -> None:
    said: list[str] = []
    faults = FaultLog(said.append)
    for length in (7, 19, 1000):
        faults.report(f'data has {length} bytes')
    assert said == ['data has 7 bytes']
