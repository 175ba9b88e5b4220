# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Run by launch_testing (test_launch_files.py starts it): a bag, played to the node."""

import os
import unittest
from pathlib import Path
from typing import Any

import launch_testing
from launch import LaunchDescription
from launch.actions import IncludeLaunchDescription
from launch.launch_description_sources import PythonLaunchDescriptionSource
from launch_testing.actions import ReadyToTest

LAUNCH_FILE = Path(__file__).parents[3] / 'launch' / 'replay.launch.py'


def generate_test_description() -> LaunchDescription:
    arguments = {'bag': os.environ['DRIVE'], 'namespace': 'robot'}
    replay = IncludeLaunchDescription(
        PythonLaunchDescriptionSource(str(LAUNCH_FILE)), launch_arguments=arguments.items()
    )
    return LaunchDescription([replay, ReadyToTest()])


class TestWhileItRuns(unittest.TestCase):
    def test_bag_is_played_and_all_ends(self, proc_info: Any, proc_output: Any) -> None:
        proc_output.assertWaitFor('waits for /stereo/left/image_rect', timeout=60)
        proc_info.assertWaitForShutdown(process='play_bag', timeout=60)


@launch_testing.post_shutdown_test()
class TestAfterwards(unittest.TestCase):
    def test_all_end_with_0(self, proc_info: Any) -> None:
        launch_testing.asserts.assertExitCodes(proc_info)
