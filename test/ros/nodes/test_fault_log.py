# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What is wrong is said once, whatever comes."""

import pytest

from adu_depth_ros.nodes.fault_log import MOST_KINDS, PAUSE_S, FaultLog


class Said:
    """A log that keeps what is said, and a clock that is set by hand."""

    def __init__(self) -> None:
        self.sentences: list[str] = []
        self.now_s = 100.0
        self.faults = FaultLog(self.sentences.append, lambda: self.now_s)


def test_a_fault_is_said_once_until_something_good_came() -> None:
    said = Said()
    said.faults.report('no data')
    said.now_s += 2 * PAUSE_S
    said.faults.report('no data')
    assert said.sentences == ['no data']
    said.faults.clear()
    said.faults.report('no data')
    assert said.sentences == ['no data', 'no data']


def test_another_fault_is_said_between_two_of_the_first() -> None:
    said = Said()
    for sentence in ('no data', 'no camera', 'no data'):
        said.faults.report(sentence)
    assert said.sentences == ['no data', 'no camera']


@pytest.mark.parametrize(
    'sentences',
    [
        [f'data has {length} bytes' for length in (7, 19, 1000)],
        [f'/image: encoding "{name}" is not supported' for name in ('a', 'b"c"', 'd "e', 'f7')],
    ],
)
def test_faults_that_differ_in_numbers_or_foreign_words_are_one(sentences: list[str]) -> None:
    said = Said()
    for sentence in sentences:
        said.faults.report(sentence)
    assert said.sentences == sentences[:1]


def test_good_and_bad_frames_by_turns_are_no_flood() -> None:
    said = Said()
    for frame in range(300):
        said.now_s = 100.0 + frame / 30
        said.faults.report('no data')
        said.faults.clear()
    assert len(said.sentences) == 2  # in ten seconds


def test_faults_without_number_are_no_flood() -> None:
    said = Said()
    for frame in range(3000):
        said.now_s = 100.0 + frame / 300
        word = ''.join(chr(ord('a') + int(digit)) for digit in str(frame))
        said.faults.report(f'cv_bridge says {word}')
    assert len(said.sentences) <= 3 * MOST_KINDS
