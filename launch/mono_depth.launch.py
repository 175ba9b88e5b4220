# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
Starts mono_depth_node on a camera's topics, and RViz on request.

    ros2 launch adu_depth_ros mono_depth.launch.py image:=/camera/image_rect rviz:=true
"""

from pathlib import Path

from launch import LaunchDescription
from launch_ros.actions import Node

from adu_depth_core.inference.runtimes.table import DEVICES_IN_WORDS, RUNTIMES_IN_WORDS
from adu_depth_ros.launch_descriptions import (
    COMMON,
    Arguments,
    Given,
    depth_node,
    described,
    rviz_of,
    sibling,
)

# Beside this folder, in the repository as in share/adu_depth_ros.
SHARE = Path(__file__).parent.parent

ARGUMENTS: Arguments = {
    'image': ('image_rect', 'topic of the rectified images, without /compressed at its end'),
    'camera_info': ('', "topic of their calibration; empty for camera_info beside the image's"),
    'params_file': (str(SHARE / 'config' / 'mono_depth.yaml'), 'parameters of the node'),
    'model': ('', 'name or file of the model; empty for what params_file says'),
    'runtime': ('', f'{RUNTIMES_IN_WORDS}; empty for what params_file says'),
    'device': ('', f'{DEVICES_IN_WORDS}; empty for what params_file says'),
    'precision': ('', 'float32, bfloat16, float16 or auto; empty for what params_file says'),
    'camera_size': ('', "size of the camera's images as 640x480; empty for what params_file says"),
    'point_cloud': ('', 'whether to offer points; empty for what params_file says'),
    **COMMON,
}


def generate_launch_description() -> LaunchDescription:
    """Declare the arguments; the nodes are made once their values are known."""
    return described(ARGUMENTS, nodes)


def nodes(given: Given) -> list[Node]:
    """Return the depth node, and RViz where it is wanted."""
    image = given['image']
    topics = {
        'image_rect': image,
        'camera_info': given['camera_info'] or sibling(image),
    }
    place = {'name': 'mono_depth_node', 'namespace': given['namespace']}
    depth = depth_node('mono_depth_node', given, topics, **place)
    return [depth, *rviz_of(SHARE, given, given['namespace'], image)]
