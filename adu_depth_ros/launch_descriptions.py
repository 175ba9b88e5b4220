# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What our launch files share: their arguments, overrides of parameters, and RViz."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from ament_index_python.packages import PackageNotFoundError, get_package_prefix
from launch.actions import DeclareLaunchArgument, OpaqueFunction, SetEnvironmentVariable
from launch.launch_context import LaunchContext
from launch.launch_description import LaunchDescription
from launch.substitutions import LaunchConfiguration
from launch_ros.actions import Node
from launch_ros.parameter_descriptions import ParameterValue

from adu_depth_core.bags.topics import base_topic
from adu_depth_core.errors import InputError
from adu_depth_ros.dds_profile import large_image_environment
from adu_depth_ros.mono.calibration_parameters import TRUTHS
from adu_depth_ros.mono.mono_parameters import MONO_DEPTH
from adu_depth_ros.nodes.parameters import Setting
from adu_depth_ros.stereo.stereo_parameters import STEREO_TEACHER

# {name: (default, description)}; without a default, an argument has to be given.
Arguments = Mapping[str, tuple[str | None, str]]
Given = Mapping[str, str]

FROM_FILE = 'empty for what params_file says'
BESIDE = "topic of their calibration; empty for camera_info beside the image's"
COMMON: Arguments = {
    'namespace': ('', 'namespace of the node and of what it publishes'),
    'use_sim_time': ('', f'true for the time of /clock; {FROM_FILE}'),
    'log_level': ('info', 'debug, info, warn, error or fatal'),
    'rviz': ('false', 'true to start RViz'),
    'fixed_frame': ('camera_optical_frame', "RViz's fixed frame: frame_id of the camera"),
}
LOG_LEVELS = ('debug', 'info', 'warn', 'error', 'fatal')
SWITCHES = ('true', '1', 'false', '0')
# What rviz/adu_depth.rviz shows, by absolute names, beside the image.
SHOWN = (
    'depth/image_rect',
    'depth/camera_info',
    'depth_std/image_rect',
    'depth_std/camera_info',
    'depth_color/image',
    'points',
)


def mono_arguments(share: Path) -> Arguments:
    """Return the arguments of a launch file of mono_depth_node; `share` holds config/."""
    return {
        'image': ('image_rect', 'topic of the rectified images'),
        'camera_info': ('', BESIDE),
        'truth_topic': ('', 'topic of what online_truth says: points or range'),
        'params_file': (str(share / 'config' / 'mono_depth.yaml'), 'parameters of the node'),
        **_arguments_of(MONO_DEPTH),
        **COMMON,
    }


def of_online_truth(given: Given) -> dict[str, str]:
    """
    Return the remapping of the truth of a mono node.

    Raises InputError where a topic is given and nobody says what is on it.
    """
    if not given['truth_topic']:
        return {}
    if given['online_truth'] not in TRUTHS:
        raise InputError(
            f'truth_topic: say by online_truth:= what is on it, {" or ".join(TRUTHS)}'
        )
    return {f'truth/{given["online_truth"]}': given['truth_topic']}


def stereo_arguments(share: Path) -> Arguments:
    """Return the arguments of a launch file of stereo_teacher_node; `share` holds config/."""
    return {
        'left_image': ('left/image_rect', 'topic of the rectified left images'),
        'right_image': ('right/image_rect', 'topic of the rectified right images'),
        'left_camera_info': ('', BESIDE),
        'right_camera_info': ('', 'the same for the right images'),
        'teacher_topic': ('', 'topic of what teacher disparity, depth or points says'),
        'confidence_topic': ('', 'topic of confidence images that come with teacher depth'),
        'params_file': (str(share / 'config' / 'stereo_teacher.yaml'), 'parameters of the node'),
        **_arguments_of(STEREO_TEACHER),
        **COMMON,
    }


def _arguments_of(settings: Iterable[Setting]) -> Arguments:
    """Return an argument of the same name for each parameter."""
    return {s.name: ('', f'{s.description} {FROM_FILE.capitalize()}') for s in settings}


def described(arguments: Arguments, actions: Callable[[Given], list[Any]]) -> LaunchDescription:
    """
    Return a description that declares arguments, and makes its actions when they are known.

    Large images get through from every process that it starts. What cannot be is said before
    anything is started: launch would leave running what it has started already.
    """

    def act(context: LaunchContext) -> list[Any]:
        given = {name: LaunchConfiguration(name).perform(context) for name in arguments}
        _check(given)
        return actions(given)

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


def _check(given: Given) -> None:
    for name in ('rviz', 'evaluate', *_switches()):
        value = given.get(name, '').strip().lower()
        if value and value not in SWITCHES:
            raise InputError(f'{name}: "{given[name]}" is not true or false')
    for name, kind in _kinds().items():
        if given.get(name):
            _value(name, given[name], kind)
    if given['log_level'].lower() not in LOG_LEVELS:
        raise InputError(f'log_level: "{given["log_level"]}" is not {COMMON["log_level"][1]}')
    if any(character.isspace() for name in _topics(given) for character in given[name]):
        raise InputError('a topic cannot have a blank in its name; rename it at its publisher')
    if is_true(given['rviz']):
        _check_rviz()


def _kinds() -> dict[str, type]:
    """Return the type of each parameter that can be an argument."""
    return {s.name: type(s.default) for s in (*MONO_DEPTH, *STEREO_TEACHER)} | {
        'use_sim_time': bool
    }


def _switches() -> list[str]:
    return [name for name, kind in _kinds().items() if kind is bool]


def _value(name: str, text: str, kind: type) -> str | bool | int | float:
    """Return an argument as its parameter takes it; InputError where it is no number."""
    if kind is bool:
        return is_true(text)
    try:
        return int(text) if kind is int else float(text) if kind is float else text
    except ValueError as error:
        wanted = 'whole number' if kind is int else 'number'
        raise InputError(f'{name}: "{text}" is not a {wanted}') from error


def _topics(given: Given) -> list[str]:
    return [name for name in given if name.endswith(('image', 'camera_info', '_topic'))]


def _check_rviz() -> None:
    try:
        prefix = Path(get_package_prefix('rviz2'))
    except PackageNotFoundError:
        prefix = Path()
    if not (prefix / 'lib' / 'rviz2' / 'rviz2').exists():
        raise InputError(
            'rviz: rviz2 is not installed; install it (apt install ros-$ROS_DISTRO-rviz2), or '
            'leave out rviz:=true'
        )


def depth_node(
    executable: str,
    given: Given,
    topics: Mapping[str, str],
    others: Mapping[str, str] = MappingProxyType({}),
    **options: Any,
) -> Node:
    """
    Return one of our nodes.

    Parameters
    ----------
    executable : str
    given : mapping
        Arguments; those that are not empty override what `params_file` says.
    topics : mapping
        What the node calls its images, and what they are called here: with /compressed at its
        end, a topic's images are taken in that form. Each has its camera_info beside it.
    others : mapping
        The same for topics that have no camera_info beside them.
    **options : Any
        For launch_ros's Node.

    """
    remappings = {**dict(_with_camera_infos(given, topics)), **others}
    if any(map(_is_compressed, topics.values())):
        given = {**given, 'image_transport': given['image_transport'] or 'compressed'}
    return Node(
        package='adu_depth_ros',
        executable=executable,
        parameters=[given['params_file'], overrides(given)],
        remappings=list(remappings.items()),
        ros_arguments=['--log-level', given['log_level']],
        output='screen',
        **options,
    )


def _with_camera_infos(given: Given, topics: Mapping[str, str]) -> Iterable[tuple[str, str]]:
    for ours, image in topics.items():
        yield ours, base_topic(image)
        info = ours.replace('image_rect', 'camera_info')
        yield info, given[info.replace('/', '_')] or sibling(image)


def _is_compressed(topic: str) -> bool:
    return base_topic(topic) != topic


def overrides(given: Given) -> dict[str, ParameterValue]:
    """Return the parameters that were given a value; text stays text, whatever YAML thinks."""
    return {
        name: ParameterValue(_value(name, given[name], kind), value_type=kind)
        for name, kind in _kinds().items()
        if given.get(name)
    }


def rviz_of(share: Path, given: Given, namespace: str, image: str) -> list[Node]:
    """Return RViz on the topics of a node, or nothing where it is not wanted."""
    if not is_true(given['rviz']):
        return []
    remappings = [('/image_rect', base_topic(image)), *((f'/{topic}', topic) for topic in SHOWN)]
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
    folder, slash, _ = base_topic(image).rpartition('/')
    return f'{folder}{slash}camera_info'


def is_true(text: str) -> bool:
    """Read true or false, as launch does."""
    return text.strip().lower() in ('true', '1')
