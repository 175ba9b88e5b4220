# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Who may import whom, and what stays out of memory where only inference is wanted."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import packages_distributions, requires
from importlib.util import find_spec
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
CORE = REPOSITORY / 'adu_depth_core'
ROS_SIDE = REPOSITORY / 'adu_depth_ros'

# A room imports itself and rooms of lower floors; only those that use a model also meet.
FLOORS = [
    {'', 'errors'},
    {'regular_files', 'camera', 'configs', 'machine', 'user_paths'},
    {'atomic_files', 'weights'},
    {'bounded_yaml', 'folder_lock', 'losses', 'models', 'samples'},
    {'atomic_folders', 'distillation', 'messages', 'recording', 'synthetic'},
    {'bags', 'datasets'},
    {'evaluation', 'inference', 'training'},
    {'benchmarks', 'viewing'},
    {'commands'},
    {'__main__'},
]
MEETING_FLOOR = 6
# Neither side knows of the other: data without networks, networks without data.
DATA = {'bags', 'datasets', 'messages', 'recording', 'samples', 'synthetic'}
NETWORKS = {'distillation', 'losses', 'models'}
ROS_MODULE = re.compile(
    r'(rclpy|rosidl_.*|rcl_.*|ament_.*|launch(_.*)?|cv_bridge|sensor_msgs_py|tf2_.*|rosbag2_.*'
    r'|message_filters|.*_msgs|.*_srvs|.*_interfaces|adu_depth_ros)'
)
HEAVY = {'lightning', 'pytorch_lightning', 'timm', 'torch'}
needs_ros = pytest.mark.skipif(find_spec('rclpy') is None, reason='rclpy is not installed')


def imported_modules(file: Path) -> Iterator[str]:
    """Every module that `file` imports at any depth, in dotted form."""
    for node in ast.walk(ast.parse(file.read_text(encoding='utf-8'))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f'{file}:{node.lineno}: imports are absolute here'
            assert node.module is not None
            yield node.module
            yield from (f'{node.module}.{alias.name}' for alias in node.names)


def imports_below(folder: Path) -> list[tuple[Path, str]]:
    return [
        (file.relative_to(REPOSITORY), module)
        for file in sorted(folder.rglob('*.py'))
        for module in imported_modules(file)
    ]


def top(module: str) -> str:
    return module.partition('.')[0]


def room_of_module(module: str) -> str | None:
    """Second part of a dotted name below adu_depth_core; '' for what its __init__ defines."""
    parts = module.split('.')
    if parts[0] != 'adu_depth_core':
        return None
    is_room = len(parts) > 1 and (
        (CORE / parts[1]).is_dir() or (CORE / f'{parts[1]}.py').is_file()
    )
    return parts[1] if is_room else ''


def room_of_file(file: Path) -> str:
    inside = file.relative_to('adu_depth_core')
    name = inside.parts[0].removesuffix('.py')
    return '' if name == '__init__' else name


def floor_of(room: str) -> int:
    floors = [number for number, rooms in enumerate(FLOORS) if room in rooms]
    assert floors, f'adu_depth_core/{room} stands on no floor: give it one in FLOORS'
    return floors[0]


def may_import(room: str, other: str) -> bool:
    here, there = floor_of(room), floor_of(other)
    if (room in DATA and other in NETWORKS) or (room in NETWORKS and other in DATA):
        return False
    return room == other or there < here or here == there == MEETING_FLOOR


def test_the_core_imports_nothing_of_ros() -> None:
    found = [(f, m) for f, m in imports_below(CORE) if ROS_MODULE.fullmatch(top(m))]
    assert found == []


@pytest.mark.parametrize('name', ['rclpy', 'sensor_msgs', 'launch', 'launch_ros', 'cv_bridge'])
def test_the_rule_about_ros_knows_its_names(name: str) -> None:
    assert ROS_MODULE.fullmatch(name)
    assert not ROS_MODULE.fullmatch('rosbags')


def test_the_ros_side_leaves_tensors_to_the_core() -> None:
    assert [(f, m) for f, m in imports_below(ROS_SIDE) if top(m) in HEAVY] == []


def test_imports_in_the_core_lead_downwards() -> None:
    upward = [
        f'{file} imports {module}'
        for file, module in imports_below(CORE)
        if (room := room_of_module(module)) is not None
        and not may_import(room_of_file(file), room)
    ]
    assert upward == []


def test_every_package_that_the_core_imports_is_a_declared_requirement() -> None:
    declared = {
        re.split(r'[^\w.-]', line)[0].lower().replace('_', '-')
        for line in requires('adu_depth_ros') or ()
    }
    # These may not be installed.
    providers = {'PIL': ['pillow'], 'rerun': ['rerun-sdk'], **packages_distributions()}
    undeclared = {
        module
        for module in {top(m) for _, m in imports_below(CORE)} - set(sys.stdlib_module_names)
        if module != 'adu_depth_core'
        and not declared & {d.lower().replace('_', '-') for d in providers.get(module, [module])}
    }
    assert undeclared == set()


@pytest.mark.parametrize(
    'module',
    [
        'adu_depth_core.camera',
        'adu_depth_core.bags',
        'adu_depth_core.samples',
        'adu_depth_core.evaluation.metrics',
        'adu_depth_core.inference.predictor',
        pytest.param('adu_depth_ros.mono.mono_depth_node', marks=needs_ros),
    ],
)
def test_inference_runs_without_the_training_libraries(module: str) -> None:
    program = f'import sys, {module}; print(*sorted({HEAVY!r} & set(sys.modules)))'
    done = subprocess.run([sys.executable, '-c', program], capture_output=True, text=True)
    assert (done.returncode, done.stdout.strip()) == (0, ''), done.stderr
