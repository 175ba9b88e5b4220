# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The launch file under the real launch, where that is installed, and the files it names."""

import importlib.util
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import yaml

from adu_depth_core.errors import InputError
from adu_depth_core.weights import shipped_model
from adu_depth_ros.dds_profile import VARIABLES

ROOT = Path(__file__).parents[2]
LAUNCH_FILE = ROOT / 'launch' / 'mono_depth.launch.py'
RUN = f"""
import sys
from launch import LaunchDescription, LaunchService
from launch.actions import IncludeLaunchDescription
from launch.launch_description_sources import PythonLaunchDescriptionSource
arguments = [word.split(':=') for word in sys.argv[1:]]
source = PythonLaunchDescriptionSource({str(LAUNCH_FILE)!r})
service = LaunchService()
service.include_launch_description(
    LaunchDescription([IncludeLaunchDescription(source, launch_arguments=arguments)])
)
sys.exit(service.run())
"""


def is_installed(*modules: str) -> bool:
    """Look for submodules: our folder launch/ alone makes `import launch` succeed."""
    try:
        return all(importlib.util.find_spec(module) for module in modules)
    except ModuleNotFoundError:
        return False


needs_launch = pytest.mark.skipif(
    not is_installed('launch.actions', 'launch_ros.actions'),
    reason='launch and launch_ros are not installed',
)
needs_launch_testing = pytest.mark.skipif(
    not is_installed('launch_testing.actions', 'launch_ros.actions'),
    reason='launch_testing is not installed',
)

Fixture = Any  # World of conftest.py, which a test module cannot import
Start = Callable[..., 'subprocess.Popen[str]']


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """Lay what an installation lays, so that launch finds the executable of this source tree."""
    index = tmp_path / 'share/ament_index/resource_index/packages'
    index.mkdir(parents=True)
    (index / 'adu_depth_ros').touch()
    (tmp_path / 'lib').mkdir()
    (tmp_path / 'lib/adu_depth_ros').symlink_to(ROOT / 'executables')
    before = os.environ.get('AMENT_PREFIX_PATH', '')
    return {
        **os.environ,
        'AMENT_PREFIX_PATH': f'{tmp_path}{os.pathsep}{before}'.rstrip(os.pathsep),
        'PATH': f'{Path(sys.executable).parent}{os.pathsep}{os.environ["PATH"]}',
        'ROS_LOG_DIR': str(tmp_path / 'log'),
    }


@pytest.fixture
def start(environment: dict[str, str]) -> Iterator[Start]:
    processes: list[subprocess.Popen[str]] = []

    def start_launch(*arguments: str) -> 'subprocess.Popen[str]':
        process = subprocess.Popen(
            [sys.executable, '-c', RUN, *arguments],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        processes.append(process)
        return process

    yield start_launch
    for process in processes:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def said_until_end(process: 'subprocess.Popen[str]', fragment: str) -> str:
    """Read up to the line with `fragment`, send SIGINT as a terminal does, and read the rest."""
    assert process.stdout is not None
    said = ''
    while fragment not in said:
        line = process.stdout.readline()
        assert line, f'ended without "{fragment}": {said}'
        said += line
    os.killpg(process.pid, signal.SIGINT)
    rest, _ = process.communicate(timeout=30)
    return said + rest


@pytest.fixture
def launch_file() -> ModuleType:
    spec = importlib.util.spec_from_file_location('mono_depth_launch', LAUNCH_FILE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@needs_launch
def test_arguments_reach_the_node_and_ctrl_c_ends_it_cleanly(start: Start, tmp_path: Path) -> None:
    model = tmp_path / 'none.onnx'
    process = start(f'model:={model}', 'namespace:=robot')
    said = said_until_end(process, 'cannot configure: ')
    assert f'[robot.mono_depth_node]: cannot configure: {model}: no such model file' in said
    assert 'process has finished cleanly' in said
    assert process.returncode == 0


@needs_launch
def test_parameters_of_a_file_hold_where_no_argument_is_given(
    start: Start, tmp_path: Path
) -> None:
    parameters = {'model': str(tmp_path / 'from_file.onnx'), 'runtime': 'from_file'}
    file = tmp_path / 'mine.yaml'
    file.write_text(yaml.safe_dump({'/**': {'ros__parameters': parameters}}))
    said = said_until_end(start(f'params_file:={file}', 'runtime:=torch'), 'cannot configure: ')
    assert f'{tmp_path}/from_file.onnx: no such model file' in said


@needs_launch
def test_launched_node_answers_a_camera(world: Fixture, start: Start) -> None:
    try:
        shipped_model('tiny')
    except InputError as error:
        pytest.skip(str(error))
    audience = world.audience(reliable=False, name_space='/robot')
    camera = world.camera(name_space='/front')
    process = start('image:=/front/image_rect', 'namespace:=robot')
    camera.wait_for_node()
    camera.publish_info()
    camera.node.create_timer(0.2, lambda: (camera.publish_info(), camera.send()))
    audience.wait_for(1)
    said = said_until_end(process, 'waits for /front/image_rect and /front/camera_info')
    assert 'process has finished cleanly' in said
    depth = audience['depth/image_rect'][0]
    assert depth.header.frame_id == 'camera_optical_frame'
    assert np.frombuffer(depth.data, np.float32).size == depth.width * depth.height


@needs_launch
def test_large_image_profile_is_set_unless_the_user_has_one(
    launch_file: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    from launch.actions import SetEnvironmentVariable

    def set_variables() -> int:
        entities = launch_file.generate_launch_description().entities
        return sum(isinstance(entity, SetEnvironmentVariable) for entity in entities)

    for variable in VARIABLES:
        monkeypatch.delenv(variable, raising=False)
    assert set_variables() == len(VARIABLES)
    monkeypatch.setenv(VARIABLES[1], '/my/profile.xml')
    assert set_variables() == 0


@needs_launch
@pytest.mark.parametrize(
    ('image', 'camera_info'),
    [
        ('image_rect', 'camera_info'),
        ('/image_rect', '/camera_info'),
        ('/front/image_rect', '/front/camera_info'),
    ],
)
def test_camera_info_is_looked_for_beside_the_image(
    launch_file: ModuleType, image: str, camera_info: str
) -> None:
    assert launch_file.sibling(image) == camera_info


@needs_launch_testing
def test_launch_testing_agrees(environment: dict[str, str]) -> None:
    file = Path(__file__).parent / 'launched' / 'mono_depth.py'
    code = 'import sys; from launch_testing.launch_test import main; sys.exit(main())'
    finished = subprocess.run(
        [sys.executable, '-c', code, str(file)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr


def test_rviz_shows_topics_that_the_launch_file_remaps(world: Fixture) -> None:
    content = (ROOT / 'rviz' / 'adu_depth.rviz').read_text()
    displays = yaml.safe_load(content)['Visualization Manager']['Displays']
    topics = {display['Topic']['Value'] for display in displays if 'Topic' in display}
    topics |= {display['Depth Map Topic'] for display in displays if 'Depth Map Topic' in display}
    published = {f'/{topic}' for topic in world.audience().TOPICS}
    assert topics == {'/image_rect', '/depth/image_rect', '/depth_std/image_rect'}
    assert topics - {'/image_rect'} <= published
