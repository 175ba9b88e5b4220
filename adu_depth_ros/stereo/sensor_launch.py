# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What a launch file is told of a sensor that is the teacher: its topics."""

from collections.abc import Mapping

from adu_depth_core.errors import InputError
from adu_depth_ros.stereo.sensor_parameters import NETWORK, TEACHERS


def of_sensor(given: Mapping[str, str]) -> tuple[Mapping[str, str], dict[str, str]]:
    """
    Return the arguments, and the remappings of a node whose teacher is another sensor.

    Raises InputError where a topic is given and nobody says what is on it.
    """
    teacher, topics = given['teacher'], {}
    if given['teacher_topic']:
        sensors = [kind for kind in TEACHERS if kind != NETWORK]
        if teacher not in sensors:
            raise InputError(
                f'teacher_topic: say by teacher:= what is on it, {", ".join(sensors)}'
            )
        topics[f'teacher/{teacher}'] = given['teacher_topic']
    if given['confidence_topic']:
        if teacher != 'depth':
            raise InputError('confidence_topic: goes with teacher:=depth')
        given = {**given, 'use_confidence': 'true'}
        topics['teacher/confidence'] = given['confidence_topic']
    return given, topics
