# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
Starts mono_depth_node on a camera's topics, and RViz on request.

    ros2 launch adu_depth_ros mono_depth.launch.py image:=/camera/image_rect rviz:=true
"""

from pathlib import Path

from launch import LaunchDescription
from launch_ros.actions import Node

from adu_depth_ros.launch_descriptions import (
    Given,
    depth_node,
    described,
    mono_arguments,
    of_online_truth,
    rviz_of,
)

# Beside this folder, in the repository as in share/adu_depth_ros.
SHARE = Path(__file__).parent.parent
ARGUMENTS = mono_arguments(SHARE)


def generate_launch_description() -> LaunchDescription:
    """Declare the arguments; the nodes are made once their values are known."""
    return described(ARGUMENTS, nodes)


def nodes(given: Given) -> list[Node]:
    """Return the depth node, and RViz where it is wanted."""
    image, namespace = given['image'], given['namespace'].rstrip('/')
    place = {'name': 'mono_depth_node', 'namespace': namespace}
    truth = of_online_truth(given)
    depth = depth_node('mono_depth_node', given, {'image_rect': image}, truth, **place)
    return [depth, *rviz_of(SHARE, given, namespace, image)]
