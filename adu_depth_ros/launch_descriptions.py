# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What our launch files share: their arguments, overrides of parameters, and RViz."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from launch.actions import DeclareLaunchArgument, OpaqueFunction, SetEnvironmentVariable
from launch.launch_context import LaunchContext
from launch.launch_description import LaunchDescription
from launch.substitutions import LaunchConfiguration
from launch_ros.actions import Node
from launch_ros.parameter_descriptions import ParameterValue

from adu_depth_ros.dds_profile import large_image_environment

# {name: (default, description)}; without a default, an argument has to be given.
Arguments = Mapping[str, tuple[str | None, str]]
Given = Mapping[str, str]

COMMON: Arguments = {
    'namespace': ('', 'namespace of the node and of what it publishes'),
    'image_transport': ('', 'raw or compressed; empty for what params_file says'),
    'use_sim_time': ('', 'true for the time of /clock; empty for what params_file says'),
    'log_level': ('info', 'debug, info, warn, error or fatal'),
    'rviz': ('false', 'whether to start RViz'),
    'fixed_frame': ('camera_optical_frame', "RViz's fixed frame: frame_id of the camera"),
}
# Type of the parameter that an argument of the same name overrides.
OVERRIDES: Mapping[str, type] = {
    'model': str,
    'runtime': str,
    'device': str,
    'precision': str,
    'camera_size': str,
    'image_transport': str,
    'point_cloud': bool,
    'record_folder': str,
    'use_sim_time': bool,
}
# What rviz/adu_depth.rviz shows, by absolute names, beside the image.
SHOWN = (
    'depth/image_rect',
    'depth/camera_info',
    'depth_std/image_rect',
    'depth_std/camera_info',
    'depth_color/image',
    'points',
)


def described(arguments: Arguments, actions: Callable[[Given], list[Any]]) -> LaunchDescription:
    """
    Return a description that declares arguments, and makes its actions when they are known.

    Large images get through from every process that it starts.
    """

    def act(context: LaunchContext) -> list[Any]:
        return actions({name: LaunchConfiguration(name).perform(context) for name in arguments})

    environment = large_image_environment().items()
    return LaunchDescription(
        [
            *(
                DeclareLaunchArgument(name, default_value=default, description=description)
                for name, (default, description) in arguments.items()
            ),
            *(SetEnvironmentVariable(name, value) for name, value in environment),
            OpaqueFunction(function=act),
        ]
    )


def depth_node(executable: str, given: Given, topics: Mapping[str, str], **options: Any) -> Node:
    """
    Return one of our nodes.

    Parameters
    ----------
    executable : str
    given : mapping
        Arguments; those that are not empty override what `params_file` says.
    topics : mapping
        What the node calls them, and what they are called here.
    **options : Any
        For launch_ros's Node.

    """
    return Node(
        package='adu_depth_ros',
        executable=executable,
        parameters=[given['params_file'], overrides(given)],
        remappings=list(topics.items()),
        ros_arguments=['--log-level', given['log_level']],
        output='screen',
        **options,
    )


def overrides(given: Given) -> dict[str, ParameterValue]:
    """Return the parameters that were given a value; text stays text, whatever YAML thinks."""
    return {
        name: ParameterValue(
            is_true(given[name]) if kind is bool else given[name], value_type=kind
        )
        for name, kind in OVERRIDES.items()
        if given.get(name)
    }


def rviz_of(share: Path, given: Given, namespace: str, image: str) -> list[Node]:
    """Return RViz on the topics of a node, or nothing where it is not wanted."""
    if not is_true(given['rviz']):
        return []
    remappings = [('/image_rect', image), *((f'/{topic}', topic) for topic in SHOWN)]
    config = str(share / 'rviz' / 'adu_depth.rviz')
    return [
        Node(
            package='rviz2',
            executable='rviz2',
            name='rviz',
            namespace=namespace,
            arguments=['-d', config, '-f', given['fixed_frame']],
            parameters=[overrides({'use_sim_time': given['use_sim_time']})],
            remappings=remappings,
        )
    ]


def sibling(image: str) -> str:
    """Return the camera_info that belongs to an image topic, as image_transport has it."""
    folder, slash, _ = image.rpartition('/')
    return f'{folder}{slash}camera_info'


def is_true(text: str) -> bool:
    """Read true or false, as launch does."""
    return text.strip().lower() in ('true', '1')
