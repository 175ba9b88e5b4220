# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Run by launch_testing (test_launch_files.py starts it): a sensor as the teacher of the node."""

import unittest
from pathlib import Path
from typing import Any

import launch_testing
from launch import LaunchDescription
from launch.actions import IncludeLaunchDescription
from launch.launch_description_sources import PythonLaunchDescriptionSource
from launch_testing.actions import ReadyToTest

LAUNCH_FILE = Path(__file__).parents[3] / 'launch' / 'stereo_teacher.launch.py'
ARGUMENTS = {
    'teacher': 'depth',
    'teacher_topic': '/camera/depth/image_raw',
    'confidence_topic': '/camera/confidence',
    'left_image': '/camera/color/image_raw',
    'namespace': 'robot',
}


def generate_test_description() -> LaunchDescription:
    node = IncludeLaunchDescription(
        PythonLaunchDescriptionSource(str(LAUNCH_FILE)), launch_arguments=ARGUMENTS.items()
    )
    return LaunchDescription([node, ReadyToTest()])


class TestWhileItRuns(unittest.TestCase):
    def test_arguments_reach_the_node(self, proc_output: Any) -> None:
        sentence = (
            'waits for /camera/color/image_raw, /camera/depth/image_raw, /camera/confidence, '
            '/camera/color/camera_info'
        )
        proc_output.assertWaitFor(f'[robot.stereo_teacher_node]: {sentence}', timeout=30)


@launch_testing.post_shutdown_test()
class TestAfterwards(unittest.TestCase):
    def test_node_ends_with_0(self, proc_info: Any) -> None:
        launch_testing.asserts.assertExitCodes(proc_info)
