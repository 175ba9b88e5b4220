# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
Plays a bag to one of the nodes by the bag's own time, and ends after it.

    ros2 launch adu_depth_ros replay.launch.py bag:=drive rviz:=true
    ros2 launch adu_depth_ros replay.launch.py bag:=drive evaluate:=true output:=report

Playing begins when the node listens, so that it gets the bag from its first image on. With
rviz:=true all stays open after the bag until Ctrl-C. The report of evaluate:=true is that of
`ros2 run adu_depth_ros evaluate_bag`, which predicts every frame. What fails, be it the node, the
player or the evaluation, ends all at once with an exit code other than 0.
"""

from pathlib import Path
from typing import Any

from launch import LaunchContext, LaunchDescription
from launch.actions import (
    EmitEvent,
    ExecuteProcess,
    IncludeLaunchDescription,
    RegisterEventHandler,
)
from launch.event_handlers import OnProcessExit
from launch.events import Shutdown
from launch.events.process import ProcessExited
from launch.launch_description_sources import PythonLaunchDescriptionSource
from launch_ros.substitutions import ExecutableInPackage

from adu_depth_core.errors import InputError
from adu_depth_ros.launch_descriptions import COMMON, Arguments, Given, described, is_true
from adu_depth_ros.replay import mono_replay, stereo_replay

HERE = Path(__file__).parent
LAUNCH_FILES = {'mono': 'mono_depth.launch.py', 'stereo': 'stereo_teacher.launch.py'}
# A first start may take a while to load a model.
PATIENCE_S = '120'

ARGUMENTS: Arguments = {
    'bag': (None, 'what to play: a folder or a file of a recording'),
    'rate': ('1.0', '2.0 plays twice as fast'),
    'node': ('mono', 'mono for mono_depth_node, stereo for stereo_teacher_node'),
    'image': ('', 'topic of the images, of the left ones for stereo; empty to find it'),
    'right_image': ('', 'topic of the right images for stereo; empty to find it'),
    'camera_info': ('', 'topic of their calibration for mono; empty to find it'),
    'model': ('', "name or file of the model; empty for what the node's parameter file says"),
    **{name: COMMON[name] for name in ('namespace', 'log_level', 'rviz')},
    'evaluate': ('false', 'true to evaluate the model on the bag afterwards; for mono'),
    'output': ('out/replay', 'folder of the report of evaluate'),
}


def generate_launch_description() -> LaunchDescription:
    """Declare the arguments; the rest is made once their values are known."""
    return described(ARGUMENTS, replay)


def replay(given: Given) -> list[Any]:
    """Return the node's launch file, the player, and what happens when that has ended."""
    _check(given)
    path = Path(given['bag']).expanduser()
    if given['node'] == 'mono':
        found = mono_replay(path, given['image'], given['camera_info'])
    else:
        found = stereo_replay(path, given['image'], given['right_image'])
    passed_on = ('model', 'namespace', 'log_level', 'rviz')
    arguments = {
        **found.arguments,
        **{name: given[name] for name in passed_on},
        'use_sim_time': 'true',
        'exit_on_failure': 'true',
    }
    source = PythonLaunchDescriptionSource(str(HERE / LAUNCH_FILES[given['node']]))
    node = IncludeLaunchDescription(source, launch_arguments=arguments.items())
    player = program(
        'play_bag',
        *(str(path), '--rate', given['rate'], '--clock'),
        *('--wait-for-subscribers', PATIENCE_S, '--topics', *found.played),
    )

    def afterwards(event: ProcessExited, _context: LaunchContext) -> list[Any]:
        return [] if event.returncode else ending(given, path, found.played)

    end = RegisterEventHandler(OnProcessExit(target_action=player, on_exit=afterwards))
    return [RegisterEventHandler(OnProcessExit(on_exit=judge)), node, end, player]


def judge(event: ProcessExited, context: LaunchContext) -> None:
    """
    Raise where a process failed, which ends all and gives launch an exit code that says so.

    What ends with the others after a Ctrl-C has not failed.
    """
    if event.returncode != 0 and not context.is_shutdown:
        name = event.process_name
        raise InputError(f'{name} ended with exit code {event.returncode}; it said why above')


def ending(given: Given, path: Path, played: tuple[str, ...]) -> list[Any]:
    """Return the evaluation where it is wanted, and the end unless RViz is open."""
    is_open = is_true(given['rviz'])
    shutdown = [] if is_open else [EmitEvent(event=Shutdown(reason='the bag has been played'))]
    if not is_true(given['evaluate']):
        return shutdown
    image, camera_info = played
    model = ['--model', given['model']] if given['model'] else []
    evaluation = program(
        'evaluate_bag',
        *(str(path), '--output', given['output'], *model),
        *('--image-topic', image, '--camera-info-topic', camera_info),
    )
    end = RegisterEventHandler(OnProcessExit(target_action=evaluation, on_exit=shutdown))
    return [end, evaluation]


def program(name: str, *words: str) -> ExecuteProcess:
    """Return one of our programs as a process: these take no ROS arguments."""
    command = [ExecutableInPackage(name, 'adu_depth_ros'), *words]
    return ExecuteProcess(cmd=command, output='screen', name=name)


def _check(given: Given) -> None:
    if given['node'] not in LAUNCH_FILES:
        raise InputError(f'node: "{given["node"]}" is not one of {", ".join(LAUNCH_FILES)}')
    if given['node'] != 'mono' and is_true(given['evaluate']):
        raise InputError('evaluate: goes with node:=mono; a teacher is not evaluated on a bag')
    try:
        is_rate = 0 < float(given['rate']) < float('inf')
    except ValueError:
        is_rate = False
    if not is_rate:
        raise InputError(f'rate: "{given["rate"]}" is not a positive number')
