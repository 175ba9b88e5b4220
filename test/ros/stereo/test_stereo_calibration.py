# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Factors that reach the teacher of the node: from a file, as parameters, at any time."""

from pathlib import Path
from typing import Any

import pytest
from rclpy.parameter import Parameter

from adu_depth_core.inference.factors import Factors, write_factors

Fixture = Any  # StereoWorld and FakeTeacher of conftest.py, which a test module cannot import


@pytest.fixture
def file(tmp_path: Path, teacher: Fixture) -> str:
    path = tmp_path / 'calibration.yaml'
    write_factors(path, Factors(1.2, 0.5), teacher.model_sha256, {})
    return str(path)


def test_factors_of_the_file_and_of_the_parameters_reach_the_teacher(
    stereo: Fixture, teacher: Fixture, file: str
) -> None:
    node, rig = stereo.active(teacher, calibration=file, std_scale=3.0)
    audience = stereo.audience(node, 'depth/image_rect')
    rig.send(node)
    audience.wait_for(1)
    assert teacher.factors == Factors(1.2, 1.5)
    (result,) = node.set_parameters([Parameter('depth_scale', value=0.5)])
    assert result.successful
    rig.send(node)
    audience.wait_for(2)
    assert teacher.factors == Factors(0.6, 1.5)


@pytest.mark.parametrize('name', ['depth_scale', 'std_scale'])
def test_factor_of_a_wrong_unit_is_refused(stereo: Fixture, teacher: Fixture, name: str) -> None:
    node = stereo.node(teacher, autostart=False)
    for value in (0.0, -1.0, 1000.0, float('nan')):
        (result,) = node.set_parameters([Parameter(name, value=value)])
        assert not result.successful


def test_file_of_another_model_keeps_the_node_unconfigured(
    stereo: Fixture, teacher: Fixture, file: str
) -> None:
    teacher.model_sha256 = 'cd' * 32
    node = stereo.node(teacher, calibration=file)
    sentence = 'was made for the model abababababab, and this is cdcdcdcdcdcd'
    stereo.spin_until(lambda: stereo.said(node, sentence), 'it is said')
    assert stereo.world.state_of(node) == 'unconfigured'
