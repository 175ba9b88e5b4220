# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A stereo node whose teacher is another sensor, and the robot before it."""

from pathlib import Path
from typing import Any

import pytest
from sensor_msgs.msg import Image

from adu_depth_ros.stereo.stereo_teacher_node import StereoTeacherNode
from sensor_robot import FRAME, KINDS, Robot, SensorNode, Started
from stereo_world import StereoWorld, left_info, right_info


def no_network(model: str, **options: Any) -> Any:
    raise AssertionError('a sensor needs no network')


@pytest.fixture
def sensor_node(stereo: StereoWorld) -> SensorNode:
    """Return a function of parameters that makes a node which must not load a network."""
    return lambda **options: stereo.node(None, load=no_network, **options)


@pytest.fixture
def started(stereo: StereoWorld, sensor_node: SensorNode) -> Started:
    """Return a function that brings up a node for a kind of teacher, and the robot before it."""

    def start(
        kind: str, *, right: bool = False, **parameters: Any
    ) -> tuple[StereoTeacherNode, Robot]:
        node = sensor_node(teacher=kind, **parameters)
        stereo.world.spin_until_state(node, 'active')
        kinds = dict(KINDS[kind])
        if parameters.get('use_confidence'):
            kinds['teacher/confidence'] = Image
        infos = {'left': left_info(), **({'right': right_info()} if right else {})}
        robot = Robot(stereo, kinds, infos)
        robot.meet(node)
        return node, robot

    return start


@pytest.fixture
def extrinsics(tmp_path: Path) -> str:
    """A scanner in the place of the camera, x ahead and z up."""
    path = tmp_path / 'extrinsics.yaml'
    path.write_text(
        f'- parent: {FRAME}\n  child: laser\n  translation: [0.0, 0.0, 0.0]\n'
        '  rotation: [0.5, -0.5, 0.5, 0.5]\n'
    )
    return str(path)
