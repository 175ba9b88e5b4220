# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
Starts stereo_teacher_node on a stereo rig's topics, and RViz on request.

    ros2 launch adu_depth_ros stereo_teacher.launch.py model:=teacher.safetensors \
        left_image:=/stereo/left/image_rect right_image:=/stereo/right/image_rect \
        record_folder:=~/recordings

A recording begins and ends by the node's services:

    ros2 service call /stereo_teacher_node/start_recording std_srvs/srv/Trigger
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
    'left_image': ('left/image_rect', 'topic of the left images, without /compressed at its end'),
    'right_image': ('right/image_rect', 'topic of the right images, as that of the left ones'),
    'left_camera_info': (
        '',
        "topic of their calibration; empty for camera_info beside the image's",
    ),
    'right_camera_info': ('', 'the same for the right images'),
    'params_file': (str(SHARE / 'config' / 'stereo_teacher.yaml'), 'parameters of the node'),
    'model': ('', 'model file of a stereo teacher; empty for what params_file says'),
    'runtime': ('', f'{RUNTIMES_IN_WORDS}; empty for what params_file says'),
    'device': ('', f'{DEVICES_IN_WORDS}; empty for what params_file says'),
    'record_folder': ('', 'folder of recordings; empty for what params_file says'),
    **COMMON,
}


def generate_launch_description() -> LaunchDescription:
    """Declare the arguments; the nodes are made once their values are known."""
    return described(ARGUMENTS, nodes)


def nodes(given: Given) -> list[Node]:
    """Return the teacher node, and RViz where it is wanted."""
    topics = {}
    for side in ('left', 'right'):
        image = given[f'{side}_image']
        topics[f'{side}/image_rect'] = image
        topics[f'{side}/camera_info'] = given[f'{side}_camera_info'] or sibling(image)
    place = {'name': 'stereo_teacher_node', 'namespace': given['namespace']}
    teacher = depth_node('stereo_teacher_node', given, topics, **place)
    return [teacher, *rviz_of(SHARE, given, given['namespace'], given['left_image'])]
