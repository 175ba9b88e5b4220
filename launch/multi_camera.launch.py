# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
Starts a mono_depth_node for each of several cameras: one process, one model in memory.

    ros2 launch adu_depth_ros multi_camera.launch.py cameras:='front rear' rviz:=true
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
    'cameras': (None, 'namespaces of the cameras, with blanks between them: front rear'),
    'image': ('image_rect', "topic of the images in a camera's namespace"),
    'camera_info': ('', "topic of their calibration; empty for camera_info beside the image's"),
    'params_file': (str(SHARE / 'config' / 'mono_depth.yaml'), 'parameters of the nodes'),
    'model': ('', 'name or file of the model; empty for what params_file says'),
    'runtime': ('', f'{RUNTIMES_IN_WORDS}; empty for what params_file says'),
    'device': ('', f'{DEVICES_IN_WORDS}; empty for what params_file says'),
    'precision': ('', 'float32, bfloat16, float16 or auto; empty for what params_file says'),
    'camera_size': ('', "size of the camera's images as 640x480; empty for what params_file says"),
    'point_cloud': ('', 'whether to offer points; empty for what params_file says'),
    **COMMON,
    'namespace': ('', "before the cameras' own namespaces"),
}


def generate_launch_description() -> LaunchDescription:
    """Declare the arguments; the nodes are made once their values are known."""
    return described(ARGUMENTS, nodes)


def nodes(given: Given) -> list[Node]:
    """Return the process of all cameras, and one RViz for each where it is wanted."""
    image = given['image']
    # Relative names: each camera finds them in its namespace.
    topics = {
        'image_rect': image,
        'camera_info': given['camera_info'] or sibling(image),
    }
    prefix = given['namespace'].strip('/')
    cameras = [f'{prefix}/{camera.strip("/")}'.strip('/') for camera in given['cameras'].split()]
    depth = depth_node('mono_depth_cameras', given, topics, arguments=cameras)
    windows = (rviz_of(SHARE, given, camera, image) for camera in cameras)
    return [depth, *(node for window in windows for node in window)]
