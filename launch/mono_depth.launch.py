# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
Starts mono_depth_node on a camera's topics, and RViz on request.

    ros2 launch adu_depth_ros mono_depth.launch.py image:=/camera/image_rect rviz:=true
"""

from pathlib import Path

from launch import LaunchContext, LaunchDescription
from launch.actions import DeclareLaunchArgument, OpaqueFunction, SetEnvironmentVariable
from launch.conditions import IfCondition
from launch.substitutions import LaunchConfiguration
from launch_ros.actions import Node
from launch_ros.parameter_descriptions import ParameterValue

from adu_depth_ros.dds_profile import large_image_environment

# Beside this folder, in the repository as in share/adu_depth_ros.
SHARE = Path(__file__).parent.parent

ARGUMENTS = {
    'image': ('image_rect', 'topic of the rectified images, without /compressed at its end'),
    'camera_info': ('', "topic of their calibration; empty for camera_info beside the image's"),
    'namespace': ('', 'namespace of the node and of what it publishes'),
    'params_file': (str(SHARE / 'config' / 'mono_depth.yaml'), 'parameters of the node'),
    'model': ('', 'name or file of the model; empty for what params_file says'),
    'runtime': ('', 'onnxruntime, torch or auto; empty for what params_file says'),
    'device': ('', 'cpu, cuda, cuda:1 or auto; empty for what params_file says'),
    'image_transport': ('', 'raw or compressed; empty for what params_file says'),
    'log_level': ('info', 'debug, info, warn, error or fatal'),
    'rviz': ('false', 'whether to start RViz'),
}
OVERRIDES = ('model', 'runtime', 'device', 'image_transport')


def generate_launch_description() -> LaunchDescription:
    """Declare the arguments; the nodes are made once their values are known."""
    return LaunchDescription(
        [
            *(
                DeclareLaunchArgument(name, default_value=default, description=description)
                for name, (default, description) in ARGUMENTS.items()
            ),
            *(
                SetEnvironmentVariable(name, value)
                for name, value in large_image_environment().items()
            ),
            OpaqueFunction(function=nodes),
        ]
    )


def nodes(context: LaunchContext) -> list[Node]:
    """Return the depth node and RViz, with topics and parameters filled in."""
    given = {name: LaunchConfiguration(name).perform(context) for name in ARGUMENTS}
    image = given['image']
    camera_info = given['camera_info'] or sibling(image)
    overrides = {name: text(given[name]) for name in OVERRIDES if given[name]}
    depth = Node(
        package='adu_depth_ros',
        executable='mono_depth_node',
        name='mono_depth_node',
        namespace=given['namespace'],
        parameters=[given['params_file'], overrides],
        remappings=[('image_rect', image), ('camera_info', camera_info)],
        ros_arguments=['--log-level', given['log_level']],
        output='screen',
    )
    rviz = Node(
        condition=IfCondition(given['rviz']),
        package='rviz2',
        executable='rviz2',
        name='rviz',
        namespace=given['namespace'],
        arguments=['-d', str(SHARE / 'rviz' / 'adu_depth.rviz')],
        remappings=[('/image_rect', image), *((f'/{topic}', topic) for topic in DEPTH_TOPICS)],
    )
    return [depth, rviz]


DEPTH_TOPICS = (
    'depth/image_rect',
    'depth/camera_info',
    'depth_std/image_rect',
    'depth_std/camera_info',
)


def sibling(image: str) -> str:
    """Return the camera_info that belongs to an image topic, as image_transport has it."""
    folder, slash, _ = image.rpartition('/')
    return f'{folder}{slash}camera_info'


def text(value: str) -> ParameterValue:
    """Keep a value a string, whatever YAML would make of it."""
    return ParameterValue(value, value_type=str)
