# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
Starts a mono_depth_node for each of several cameras: one process, one model in memory.

    ros2 launch adu_depth_ros multi_camera.launch.py cameras:='front rear' rviz:=true
"""

from pathlib import Path

from launch import LaunchDescription
from launch_ros.actions import Node

from adu_depth_ros.launch_descriptions import (
    Arguments,
    Given,
    depth_node,
    described,
    mono_arguments,
    of_online_truth,
    rviz_of,
)

# Beside this folder, in the repository as in share/adu_depth_ros.
SHARE = Path(__file__).parent.parent
ARGUMENTS: Arguments = {
    'cameras': (None, 'namespaces of the cameras, with blanks between them: front rear'),
    **mono_arguments(SHARE),
    'image': ('image_rect', "topic of the rectified images in a camera's namespace"),
    'namespace': ('', "before the cameras' own namespaces"),
}


def generate_launch_description() -> LaunchDescription:
    """Declare the arguments; the nodes are made once their values are known."""
    return described(ARGUMENTS, nodes)


def nodes(given: Given) -> list[Node]:
    """Return the process of all cameras, and one RViz for each where it is wanted."""
    prefix, image = given['namespace'].strip('/'), given['image']
    cameras = [f'{prefix}/{camera.strip("/")}'.strip('/') for camera in given['cameras'].split()]
    # Relative names: each camera finds them in its namespace.
    topics, truth = {'image_rect': image}, of_online_truth(given)
    depth = depth_node('mono_depth_cameras', given, topics, truth, arguments=cameras)
    windows = (rviz_of(SHARE, given, camera, image) for camera in cameras)
    return [depth, *(node for window in windows for node in window)]
