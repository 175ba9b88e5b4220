# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Topics of a sensor as launch arguments."""

import pytest

from adu_depth_core.errors import InputError
from adu_depth_ros.stereo.sensor_launch import of_sensor

NOTHING = {'teacher': '', 'teacher_topic': '', 'confidence_topic': ''}


def test_topics_follow_the_teacher_and_confidence_is_used_where_it_is_given() -> None:
    assert of_sensor(NOTHING) == (NOTHING, {})
    _, topics = of_sensor({**NOTHING, 'teacher': 'points', 'teacher_topic': '/lidar'})
    assert topics == {'teacher/points': '/lidar'}
    given = {**NOTHING, 'teacher': 'depth', 'teacher_topic': '/d', 'confidence_topic': '/c'}
    found, topics = of_sensor(given)
    assert topics == {'teacher/depth': '/d', 'teacher/confidence': '/c'}
    assert found['use_confidence'] == 'true'


@pytest.mark.parametrize(
    ('given', 'sentence'),
    [
        ({'teacher_topic': '/d'}, 'say by teacher:= what is on it, disparity, depth, points'),
        ({'teacher_topic': '/d', 'teacher': 'network'}, 'say by teacher:= what is on it'),
        ({'confidence_topic': '/c', 'teacher': 'points'}, 'goes with teacher:=depth'),
    ],
)
def test_topic_of_nobody_knows_what_is_refused(given: dict[str, str], sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        of_sensor({**NOTHING, **given})
