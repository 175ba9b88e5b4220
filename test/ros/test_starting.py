# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What a node is started with: what cannot be is said in one sentence, what is ignored is told."""

import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from adu_depth_core.errors import InputError
from adu_depth_ros.messages.image_messages import image_topic
from adu_depth_ros.mono import mono_depth_node
from adu_depth_ros.mono.mono_parameters import MONO_DEPTH
from adu_depth_ros.nodes.parameters import Setting
from adu_depth_ros.nodes.run_node import unread_files
from adu_depth_ros.stereo.stereo_parameters import STEREO_TEACHER
from ros_world import World

NODE = '/front/mono_depth_node'


def started(*words: str, **environment: str) -> 'subprocess.CompletedProcess[str]':
    """Run the node as a process of its own, which is to end by itself."""
    module = 'adu_depth_ros.mono.mono_depth_node'
    return subprocess.run(
        [sys.executable, '-m', module, '--ros-args', *words],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=100,
    )


@pytest.mark.parametrize(
    ('words', 'environment', 'sentence'),
    [
        (['-r', '__ns:=/robot/'], {}, "namespace must not end with a '/', unless only"),
        (['-r', 'image_rect:=/my camera'], {}, 'names of topics have letters, digits, _ and /'),
        (['--log-level', 'loud'], {}, 'use debug, info, warn, error or fatal'),
        ([], {'ROS_DOMAIN_ID': 'abc'}, 'ROS_DOMAIN_ID is "abc"; set it to a number from 0 to 232'),
        ([], {'ROS_DOMAIN_ID': '999'}, 'ROS_DOMAIN_ID is "999"; set it to a number from 0 to 232'),
        ([], {'HOME': '', 'ROS_LOG_DIR': ''}, 'set ROS_LOG_DIR to a folder that can be written'),
        ([], {'ROS_LOG_DIR': '/proc/none'}, 'set ROS_LOG_DIR to a folder that can be written'),
        (['--params-file', '/no.yaml'], {}, 'check that it is there and that it is YAML'),
        (['-p', 'camera_size:=640*480'], {}, 'size "640*480" is not WIDTHxHEIGHT in px'),
    ],
)
def test_what_ros_refuses_is_one_sentence(
    words: list[str], environment: dict[str, str], sentence: str
) -> None:
    ended = started(*words, **environment)
    assert ended.returncode == 1
    assert 'Traceback' not in ended.stderr
    *_, last = ended.stderr.splitlines()  # rcl says a line of its own before
    assert last.startswith('cannot start: ')
    assert sentence in last


@pytest.mark.parametrize(
    ('module', 'parameters'),
    [
        ('mono.mono_depth_node', MONO_DEPTH),
        ('mono.mono_depth_cameras', MONO_DEPTH),
        ('stereo.stereo_teacher_node', STEREO_TEACHER),
    ],
)
def test_help_lists_the_parameters_and_starts_nothing(
    module: str, parameters: tuple[Setting, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    node = import_module(f'adu_depth_ros.{module}')
    with pytest.raises(SystemExit) as ended:
        node.main([module, '--help'])
    assert ended.value.code == 0
    told = capsys.readouterr().out
    assert '--ros-args [-p NAME:=VALUE ...]' in told
    assert [p.name for p in parameters if f'\n  {p.name} (' not in told] == []


@pytest.mark.parametrize('words', [['-p', 'max_depth:=50.0'], ['model:=base'], ['front']])
def test_a_word_that_ros_would_ignore_is_refused(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    ros = ['--ros-args', '-r', '__ns:=/front', '--']
    with pytest.raises(SystemExit) as ended:
        mono_depth_node.main(['mono_depth_node', *ros, *words])
    assert ended.value.code == 2
    *_, last = capsys.readouterr().err.splitlines()
    assert f'"{words[0]}" is not understood' in last
    assert last.endswith('as --ros-args -p NAME:=VALUE, and see --help for them')


def test_middleware_that_is_not_installed_is_named() -> None:
    """Rcl ends the process as it is loaded, before a line of ours."""
    ended = started(RMW_IMPLEMENTATION='rmw_none_cpp')
    assert ended.returncode != 0
    assert 'Traceback' not in ended.stderr
    assert "'rmw_none_cpp'" in ended.stderr


def test_node_that_cannot_configure_ends_with_1_where_it_is_told_to(tmp_path: Path) -> None:
    model = tmp_path / 'none.onnx'
    ended = started('-p', f'model:={model}', '-p', 'exit_on_failure:=true')
    assert ended.returncode == 1
    assert f'cannot configure: {model}: no such model file' in ended.stderr
    assert 'Traceback' not in ended.stderr


def test_parameter_that_is_none_is_warned_of_with_the_one_that_is_meant(world: World) -> None:
    world.mono_depth(autostart=False, max_dpeth=5.0, colour='red')
    world.spin_until(lambda: len(world.logs) >= 2, 'it is said')
    assert [log.msg for log in world.logs[:2]] == [
        'there is no parameter "colour"; it changes nothing',
        'there is no parameter "max_dpeth"; did you mean max_depth?',
    ]


@pytest.mark.parametrize(
    ('content', 'names'),
    [
        ('/camera:\n  ros__parameters: {rate: 5}', '/camera'),
        ('mono_depth_node:\n  ros__parameters: {max_depth: 5.0}', '/mono_depth_node'),
        ('rear:\n  mono_depth_node:\n    ros__parameters: {max_depth: 5.0}', '/rear/mono_depth'),
        ('/*:\n  ros__parameters: {max_depth: 5.0}', '/*'),
        ('max_depth: 5.0', 'no node'),
        ('', 'no node'),
    ],
)
def test_file_without_parameters_for_the_node_is_told(
    tmp_path: Path, content: str, names: str
) -> None:
    file = tmp_path / 'mine.yaml'
    file.write_text(content)
    (sentence,) = unread_files(['node', '--ros-args', '--params-file', str(file)], [NODE])
    assert sentence.startswith(f'{file} has parameters for {names}')
    assert sentence.endswith(f'none for {NODE}; begin it with {NODE}: or /**:')


@pytest.mark.parametrize(
    'name',
    ['/**', '/front/mono_depth_node', 'front/mono_depth_node', '/*/mono_depth_node', '/front/*',
     '/**/mono_depth_node'],
)  # fmt: skip
def test_names_with_wildcards_mean_the_node(tmp_path: Path, name: str) -> None:
    file = tmp_path / 'mine.yaml'
    file.write_text(f'{name}:\n  ros__parameters: {{max_depth: 5.0}}')
    assert list(unread_files(['node', '--params-file', str(file)], [NODE])) == []


def test_parts_of_a_name_may_be_nested(tmp_path: Path) -> None:
    file = tmp_path / 'mine.yaml'
    file.write_text('front:\n  mono_depth_node:\n    ros__parameters: {max_depth: 5.0}')
    assert list(unread_files(['node', '--params-file', str(file)], [NODE])) == []


def test_file_for_one_of_several_nodes_is_read(tmp_path: Path) -> None:
    file = tmp_path / 'mine.yaml'
    file.write_text(f'{NODE}:\n  ros__parameters: {{max_depth: 5.0}}')
    words = ['cameras', '--params-file', str(file)]
    assert list(unread_files(words, ['/rear/mono_depth_node', NODE])) == []


def test_topics_of_images_are_taken_with_their_ending_or_without() -> None:
    assert image_topic('/front/image', 'raw') == '/front/image'
    assert image_topic('/front/image', 'compressed') == '/front/image/compressed'
    assert image_topic('/front/image/compressed', 'compressed') == '/front/image/compressed'
    with pytest.raises(InputError, match='set image_transport to compressed'):
        image_topic('/front/image/compressed', 'raw')
