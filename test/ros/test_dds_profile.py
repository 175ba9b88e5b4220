# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Which variable names the profile for large images, and whose word counts."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from adu_depth_ros.dds_profile import large_image_environment

NEW, OLD = 'FASTDDS_DEFAULT_PROFILES_FILE', 'FASTRTPS_DEFAULT_PROFILES_FILE'
START = """
from adu_depth_ros.dds_profile import apply_large_image_profile
import rclpy
apply_large_image_profile()
rclpy.init()
node = rclpy.create_node('listener')
print('there')
node.destroy_node()
rclpy.shutdown()
"""


@pytest.mark.parametrize(
    ('distribution', 'variable'),
    [
        *(('humble', OLD), ('jazzy', OLD)),
        *(('kilted', NEW), ('lyrical', NEW), ('rolling', NEW), ('', NEW)),
    ],
)
def test_the_variable_is_that_of_the_distribution(distribution: str, variable: str) -> None:
    found = large_image_environment({'ROS_DISTRO': distribution})
    assert list(found) == [variable]
    assert Path(found[variable]).is_file()


@pytest.mark.parametrize(
    ('distribution', 'set_by_user'),
    [
        *(('jazzy', OLD), ('kilted', NEW), ('kilted', OLD)),  # Fast DDS 3 reads the old one, too
        *(('humble', 'FASTDDS_BUILTIN_TRANSPORTS'), ('kilted', 'FASTDDS_BUILTIN_TRANSPORTS')),
    ],
)
def test_what_the_user_has_set_stays(distribution: str, set_by_user: str) -> None:
    environment = {'ROS_DISTRO': distribution, set_by_user: '/mine'}
    assert large_image_environment(environment) == {}


def test_a_variable_that_fast_dds_2_does_not_read_switches_nothing_off() -> None:
    assert list(large_image_environment({'ROS_DISTRO': 'humble', NEW: '/mine'})) == [OLD]


def test_processes_here_start_without_a_warning_of_a_deprecated_variable() -> None:
    unset = {name: value for name, value in os.environ.items() if name not in (NEW, OLD)}
    finished = subprocess.run(
        [sys.executable, '-c', START], env=unset, capture_output=True, text=True, timeout=60
    )
    assert 'there' in finished.stdout
    assert 'deprecated' not in finished.stderr


def test_a_shell_takes_the_profile_for_a_camera_driver() -> None:
    line = 'eval "$("$0" -m adu_depth_ros.dds_profile)"; echo "$FASTRTPS_DEFAULT_PROFILES_FILE"'
    environment = {**os.environ, 'ROS_DISTRO': 'jazzy'} | dict.fromkeys((NEW, OLD), '')
    words = ['sh', '-c', line, sys.executable]
    said = subprocess.run(words, env=environment, capture_output=True, text=True, timeout=60)
    assert Path(said.stdout.strip()).name == 'fastdds_large_images.xml'
