# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
Starts stereo_teacher_node on a stereo rig's topics, and RViz on request.

    ros2 launch adu_depth_ros stereo_teacher.launch.py \
        left_image:=/stereo/left/image_rect right_image:=/stereo/right/image_rect \
        record_folder:=~/recordings

Another sensor can be the teacher, as the depth of an RGB-D camera beside its colour image:

    ros2 launch adu_depth_ros stereo_teacher.launch.py teacher:=depth \
        left_image:=/camera/color/image_raw left_camera_info:=/camera/color/camera_info \
        teacher_topic:=/camera/aligned_depth_to_color/image_raw record_folder:=~/recordings

A recording begins and ends by the node's services:

    ros2 service call /stereo_teacher_node/start_recording std_srvs/srv/Trigger
"""

from pathlib import Path

from launch import LaunchDescription
from launch_ros.actions import Node

from adu_depth_ros.launch_descriptions import (
    Given,
    depth_node,
    described,
    rviz_of,
    stereo_arguments,
)
from adu_depth_ros.stereo.sensor_launch import of_sensor

# Beside this folder, in the repository as in share/adu_depth_ros.
SHARE = Path(__file__).parent.parent
ARGUMENTS = stereo_arguments(SHARE)


def generate_launch_description() -> LaunchDescription:
    """Declare the arguments; the nodes are made once their values are known."""
    return described(ARGUMENTS, nodes)


def nodes(given: Given) -> list[Node]:
    """Return the teacher node, and RViz where it is wanted."""
    images = {f'{side}/image_rect': given[f'{side}_image'] for side in ('left', 'right')}
    namespace = given['namespace'].rstrip('/')
    place = {'name': 'stereo_teacher_node', 'namespace': namespace}
    given, of_teacher = of_sensor(given)
    teacher = depth_node('stereo_teacher_node', given, images, of_teacher, **place)
    return [teacher, *rviz_of(SHARE, given, namespace, given['left_image'])]
