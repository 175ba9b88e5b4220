# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Launch files under the real launch, where that is installed, and the files they name."""

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
from sensor_msgs.msg import Image, PointCloud2

from adu_depth_core.bags import write_bag
from adu_depth_core.camera import Camera, StereoRig
from adu_depth_core.errors import InputError
from adu_depth_core.samples.sample import StereoSample
from adu_depth_core.weights import shipped_model
from adu_depth_ros.dds_profile import FAST_DDS_2, FAST_DDS_3
from adu_depth_ros.mono.mono_parameters import MONO_DEPTH
from adu_depth_ros.replay import mono_replay, stereo_replay
from adu_depth_ros.stereo.stereo_parameters import STEREO_TEACHER
from ros_world import FakePredictor, World

PARAMETERS = {setting.name: setting for setting in (*STEREO_TEACHER, *MONO_DEPTH)}
ROOT = Path(__file__).parents[2]
LAUNCH_FILES = sorted((ROOT / 'launch').glob('*.launch.py'))
RUN = """
import sys
from launch import LaunchDescription, LaunchService
from launch.actions import IncludeLaunchDescription
from launch.launch_description_sources import PythonLaunchDescriptionSource
arguments = [word.split(':=') for word in sys.argv[2:]]
source = PythonLaunchDescriptionSource(sys.argv[1])
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

Start = Callable[..., 'subprocess.Popen[str]']


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """Lay what an installation lays, so that launch finds the executable of this source tree."""
    index = tmp_path / 'share/ament_index/resource_index/packages'
    index.mkdir(parents=True)
    (index / 'adu_depth_ros').touch()
    (index / 'rviz2').touch()
    (tmp_path / 'lib/rviz2').mkdir(parents=True)
    (tmp_path / 'lib/rviz2/rviz2').symlink_to('/bin/true')
    (tmp_path / 'lib/adu_depth_ros').symlink_to(ROOT / 'executables')
    before = os.environ.get('AMENT_PREFIX_PATH', '')
    return {
        **os.environ,
        'AMENT_PREFIX_PATH': f'{tmp_path}{os.pathsep}{before}'.rstrip(os.pathsep),
        'PATH': f'{Path(sys.executable).parent}{os.pathsep}{os.environ["PATH"]}',
        'ROS_LOG_DIR': str(tmp_path / 'log'),
    }


@pytest.fixture
def installed(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Have this process find what `environment` lays."""
    monkeypatch.setenv('AMENT_PREFIX_PATH', environment['AMENT_PREFIX_PATH'])


@pytest.fixture
def start(environment: dict[str, str]) -> Iterator[Start]:
    processes: list[subprocess.Popen[str]] = []

    def start_launch(name: str, *arguments: str) -> 'subprocess.Popen[str]':
        file = ROOT / 'launch' / f'{name}.launch.py'
        process = subprocess.Popen(
            [sys.executable, '-c', RUN, str(file), *arguments],
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


def load(name: str) -> ModuleType:
    """Import a launch file by its path, as launch does."""
    spec = importlib.util.spec_from_file_location(
        f'{name}_launch', ROOT / 'launch' / f'{name}.launch.py'
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def executed(name: str, **arguments: str) -> list[Any]:
    """Execute a description as launch does, and return what would be started."""
    from launch import LaunchContext

    context = LaunchContext()
    context.launch_configurations.update(arguments)
    entities, found = [load(name).generate_launch_description()], []
    while entities:
        entity = entities.pop(0)
        if hasattr(entity, 'node_executable') or hasattr(entity, 'process_description'):
            found.append(entity)
        elif type(entity).__name__ != 'RegisterEventHandler':
            entities[:0] = entity.visit(context) or []
    for action in found:
        if hasattr(action, 'node_executable'):
            action._perform_substitutions(context)
    return found


def write_drive(path: Path, frames: int = 4, *, right: bool = False) -> Path:
    camera = Camera(64, 32, fx=60.0, fy=60.0, cx=31.5, cy=15.5)
    rig = StereoRig(camera, camera, 0.5) if right else None
    image = np.random.default_rng(0).integers(0, 256, (32, 64, 3), np.uint8)
    write_bag(
        path,
        (
            StereoSample(
                f'drive/{index}',
                1_000_000_000 + index * 100_000_000,
                image,
                camera,
                right=image if right else None,
                rig=rig,
                depth_m=np.full((32, 64), 10.0, np.float32),
            )
            for index in range(frames)
        ),
    )
    return path


@needs_launch
@pytest.mark.parametrize(
    ('name', 'arguments', 'sentence'),
    [
        (
            'mono_depth',
            ['model:=/no/model.onnx', 'namespace:=robot'],
            '[robot.mono_depth_node]: cannot configure: /no/model.onnx: no such model file',
        ),
        (
            'mono_depth',
            ['calibration:=/no/factors.yaml', 'runtime:=onnxruntime', 'precision:=float32'],
            '[mono_depth_node]: cannot configure: /no/factors.yaml: cannot be read',
        ),
        (
            'stereo_teacher',
            ['model:=/no/teacher.safetensors', 'namespace:=robot'],
            '[robot.stereo_teacher_node]: cannot configure: /no/teacher.safetensors: no such',
        ),
        (
            'stereo_teacher',
            ['teacher:=points', 'extrinsics:=/no/extrinsics.yaml', 'namespace:=robot'],
            '[robot.stereo_teacher_node]: cannot configure: /no/extrinsics.yaml',
        ),
        (
            'multi_camera',
            ['model:=/no/model.onnx', 'cameras:=rear', 'namespace:=robot'],
            '[robot.rear.mono_depth_node]: cannot configure: /no/model.onnx: no such model file',
        ),
    ],
)
def test_arguments_reach_the_node_and_ctrl_c_ends_it_cleanly(
    start: Start, name: str, arguments: list[str], sentence: str
) -> None:
    process = start(name, *arguments)
    said = said_until_end(process, 'cannot configure: ')
    assert sentence in said
    assert 'process has finished cleanly' in said
    assert process.returncode == 0


@needs_launch
def test_parameter_that_cannot_be_ends_the_node_with_a_sentence(start: Start) -> None:
    process = start('mono_depth', 'camera_size:=large')
    said = said_until_end(process, 'cannot start: ')
    assert 'camera_size: size "large" is not WIDTHxHEIGHT' in said


@needs_launch
def test_parameters_of_a_file_hold_where_no_argument_is_given(
    start: Start, tmp_path: Path
) -> None:
    parameters = {'model': str(tmp_path / 'from_file.onnx'), 'runtime': 'from_file'}
    file = tmp_path / 'mine.yaml'
    file.write_text(yaml.safe_dump({'/**': {'ros__parameters': parameters}}))
    process = start('mono_depth', f'params_file:={file}', 'runtime:=torch')
    said = said_until_end(process, 'cannot configure: ')
    assert f'{tmp_path}/from_file.onnx: no such model file' in said


@needs_launch
def test_launched_node_answers_a_camera(world: World, start: Start) -> None:
    shipped_model_or_skip()
    audience = world.audience(reliable=False, name_space='/robot')
    camera = world.camera(name_space='/front')
    process = start('mono_depth', 'image:=/front/image_rect', 'namespace:=robot')
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
def test_launched_node_rectifies_what_comes_raw(world: World, start: Start) -> None:
    shipped_model_or_skip()
    audience = world.audience(reliable=False, name_space='/robot')
    camera = world.camera(name_space='/front', image='image_raw')
    arguments = 'image:=/front/image_raw', 'namespace:=robot', 'rectified_fov:=90.0'
    process = start('mono_depth', *arguments, 'rectify:=auto')
    camera.wait_for_node()
    camera.node.create_timer(0.2, lambda: (camera.publish_info(), camera.send()))
    audience.wait_for(1)
    said = said_until_end(process, 'waits for /front/image_raw and /front/camera_info')
    assert 'process has finished cleanly' in said
    # 90 degrees on 8 columns.
    assert audience['depth/camera_info'][0].p[0] == pytest.approx(4.0)


@needs_launch
def test_several_cameras_answer_from_one_process(world: World, start: Start) -> None:
    shipped_model_or_skip()
    names = ('/front', '/rear')
    audiences = [world.audience(name_space=name) for name in names]
    cameras = [world.camera(name_space=name, image='image') for name in names]
    process = start('multi_camera', 'cameras:=front rear', 'image:=image', 'point_cloud:=false')
    for camera in cameras:
        camera.wait_for_node()
        camera.node.create_timer(0.2, lambda c=camera: (c.publish_info(), c.send()))
    for audience in audiences:
        audience.wait_for(1)
    assert world.tester.count_publishers('/front/points') == 0
    said = said_until_end(process, 'waits for /rear/image')
    assert said.count('process started with pid') == 1
    assert process.returncode == 0


@needs_launch
def test_replay_plays_a_bag_to_the_node_and_evaluates_it(
    world: World, start: Start, tmp_path: Path
) -> None:
    shipped_model_or_skip()
    bag = write_drive(tmp_path / 'drive', frames=40)  # so long may we take to find each other
    audience = world.audience()
    output = tmp_path / 'report'
    process = start('replay', f'bag:={bag}', 'rate:=2.0', 'evaluate:=true', f'output:={output}')
    audience.wait_for(1)
    said, _ = process.communicate(timeout=90)
    assert process.returncode == 0, said
    assert (output / 'result.json').is_file(), said
    assert 'waits for /stereo/left/image_rect and /stereo/left/camera_info' in said
    assert {m.header.frame_id for m in audience['depth/image_rect']} == {frame_of(bag)}
    assert 'ready for images of 64x32' in said
    # The audience may have been late; the node was not.
    assert '40 images came' in said
    assert all(1 <= m.header.stamp.sec <= 4 for m in audience['depth/image_rect'])


def shipped_model_or_skip() -> None:
    try:
        shipped_model('tiny')
    except InputError as error:
        pytest.skip(str(error))


def frame_of(bag: Path) -> str:
    return mono_replay(bag).arguments['fixed_frame']


@needs_launch
@pytest.mark.parametrize('node', ['mono', 'stereo'])
def test_replay_to_a_model_that_cannot_load_ends_at_once(
    start: Start, tmp_path: Path, node: str
) -> None:
    bag = write_drive(tmp_path / 'drive', right=True)
    process = start('replay', f'bag:={bag}', f'node:={node}', 'model:=/no/model.safetensors')
    said, _ = process.communicate(timeout=90)  # the player would wait for 120 s
    assert process.returncode == 1, said
    assert 'cannot configure: /no/model.safetensors' in said
    assert 'ended with exit code 1' in said
    assert 'Traceback' not in said


@needs_launch
def test_replay_whose_evaluation_fails_says_so_by_its_exit_code(
    start: Start, tmp_path: Path
) -> None:
    shipped_model_or_skip()
    bag = write_drive(tmp_path / 'drive')
    (tmp_path / 'taken').touch()  # a file, where the folder of the report would be
    process = start('replay', f'bag:={bag}', 'evaluate:=true', f'output:={tmp_path / "taken"}')
    said, _ = process.communicate(timeout=110)
    assert process.returncode == 1, said
    assert 'evaluate_bag' in said
    assert 'ended with exit code' in said


@needs_launch
@pytest.mark.parametrize(
    ('arguments', 'sentence'),
    [
        (['bag:=/no/bag'], '/no/bag'),
        (['bag:=/no/bag', 'node:=lidar'], 'node: "lidar" is not one of mono, stereo'),
        (['bag:=/no/bag', 'node:=stereo', 'evaluate:=true'], 'evaluate: goes with node:=mono'),
        (['bag:=/no/bag', 'rate:=0'], 'rate: "0" is not a positive number'),
        (['bag:=/no/bag', 'rate:=fast'], 'rate: "fast" is not a positive number'),
    ],
)
def test_replay_of_what_cannot_be_ends_with_a_sentence(
    start: Start, arguments: list[str], sentence: str
) -> None:
    process = start('replay', *arguments)
    said, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    assert sentence in said


def test_replay_finds_topics_form_and_frame_in_the_bag(tmp_path: Path) -> None:
    bag = write_drive(tmp_path / 'drive', right=True)
    mono, stereo = mono_replay(bag), stereo_replay(bag)
    assert mono.played == ('/stereo/left/image_rect', '/stereo/left/camera_info')
    assert mono.arguments['image'] == '/stereo/left/image_rect'
    assert mono.arguments['image_transport'] == 'raw'
    assert mono.arguments['fixed_frame'].endswith('_optical_frame')
    assert mono.arguments['camera_size'] == stereo.arguments['camera_size'] == '64x32'
    assert stereo.arguments['right_camera_info'] == '/stereo/right/camera_info'
    assert len(stereo.played) == 4


# What each launch file needs, and what it starts then: executables and programs.
STARTED = {
    'mono_depth': ({'rviz': 'true'}, ['mono_depth_node', 'rviz2']),
    'stereo_teacher': ({'rviz': 'true'}, ['stereo_teacher_node', 'rviz2']),
    'multi_camera': (
        {'cameras': 'front rear', 'rviz': 'true'},
        ['mono_depth_cameras', 'rviz2', 'rviz2'],
    ),
    'replay': ({'rviz': 'true'}, ['mono_depth_node', 'rviz2', 'play_bag']),
}


@needs_launch
@pytest.mark.parametrize('name', [file.name.partition('.')[0] for file in LAUNCH_FILES])
@pytest.mark.usefixtures('installed')
def test_description_starts_what_it_says(name: str, tmp_path: Path) -> None:
    arguments, expected = STARTED[name]
    if name == 'replay':
        arguments = {**arguments, 'bag': str(write_drive(tmp_path / 'drive'))}
    found = executed(name, **arguments)
    started = [getattr(e, 'node_executable', None) or 'play_bag' for e in found]
    assert started == expected


@needs_launch
@pytest.mark.parametrize('name', [file.name.partition('.')[0] for file in LAUNCH_FILES])
def test_every_argument_is_described_and_used(name: str) -> None:
    module = load(name)
    description = module.generate_launch_description()
    declared = {argument.name: argument for argument in description.get_launch_arguments()}
    assert set(declared) == set(module.ARGUMENTS)
    code = (ROOT / 'launch' / f'{name}.launch.py').read_text()
    code += (ROOT / 'adu_depth_ros' / 'launch_descriptions.py').read_text()
    code += (ROOT / 'adu_depth_ros' / 'stereo' / 'sensor_launch.py').read_text()
    for argument in declared.values():
        assert argument.description
        is_built = argument.name.partition('_')[2] in ('image', 'camera_info')
        is_read = is_built or argument.name in PARAMETERS or code.count(f"'{argument.name}'") > 1
        assert is_read, f'{argument.name} is read nowhere'


@needs_launch
def test_arguments_for_parameters_say_what_the_parameters_say() -> None:
    for name, settings in (('mono_depth', MONO_DEPTH), ('stereo_teacher', STEREO_TEACHER)):
        declared = load(name).ARGUMENTS
        for setting in settings:
            default, description = declared[setting.name]
            assert default == ''
            assert description.startswith(setting.description)


def parameters_of(node: Any) -> dict[str, Any]:
    """Return what launch hands a node beside its file of parameters."""
    files = [content for content, _ in node._Node__expanded_parameter_arguments]
    (given,) = [yaml.safe_load(Path(f).read_text()) for f in files if 'launch_params' in f]
    (of_node,) = given.values()
    found: dict[str, Any] = of_node['ros__parameters']
    return found


@needs_launch
def test_topic_with_compressed_at_its_end_is_taken_in_that_form() -> None:
    (node,) = executed('mono_depth', image='/front/image_rect/compressed')
    assert dict(node.expanded_remapping_rules) == {
        'image_rect': '/front/image_rect',
        'camera_info': '/front/camera_info',
    }
    assert parameters_of(node)['image_transport'] == 'compressed'


@needs_launch
def test_online_truth_reaches_the_node() -> None:
    (node,) = executed('mono_depth', online_truth='range', truth_topic='/bumper/range')
    assert dict(node.expanded_remapping_rules)['truth/range'] == '/bumper/range'
    assert parameters_of(node)['online_truth'] == 'range'


@needs_launch
def test_numbers_reach_the_node_as_numbers() -> None:
    (node,) = executed('mono_depth', threads='2', rectified_fov='90', model='7')
    found = parameters_of(node)
    assert (found['threads'], found['rectified_fov'], found['model']) == (2, 90.0, '7')
    assert isinstance(found['rectified_fov'], float)
    (node,) = executed('stereo_teacher', teacher='depth', depth_baseline='0.05')
    assert parameters_of(node)['depth_baseline'] == 0.05
    (node,) = executed('mono_depth', depth_scale='2', autostart='false', output_size='network')
    found = parameters_of(node)
    assert (found['depth_scale'], found['autostart']) == (2.0, False)
    assert found['output_size'] == 'network'


@needs_launch
@pytest.mark.parametrize(
    ('name', 'arguments', 'sentence'),
    [
        ('mono_depth', ['log_level:=loud'], 'log_level: "loud" is not debug, info, warn, error'),
        ('mono_depth', ['truth_topic:=/range'], 'say by online_truth:= what is on it, points or'),
        ('mono_depth', ['threads:=two'], 'threads: "two" is not a whole number'),
        ('stereo_teacher', ['depth_baseline:=5 cm'], 'depth_baseline: "5 cm" is not a number'),
        ('mono_depth', ['point_cloud:=maybe'], 'point_cloud: "maybe" is not true or false'),
        (
            'mono_depth',
            ['image:=/my camera/image_rect'],
            'a topic cannot have a blank in its name',
        ),
        ('stereo_teacher', ['left_image:=/my camera/image'], 'a topic cannot have a blank'),
        (
            'multi_camera',
            ['cameras:=front', 'use_sim_time:=maybe'],
            '"maybe" is not true or false',
        ),
    ],
)
def test_argument_that_cannot_be_starts_nothing(
    start: Start, name: str, arguments: list[str], sentence: str
) -> None:
    process = start(name, *arguments)
    said, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    assert sentence in said
    assert 'process started' not in said


@needs_launch
@pytest.mark.parametrize('name', ['mono_depth', 'replay'])
def test_rviz_that_is_not_installed_leaves_nothing_running(
    start: Start, tmp_path: Path, name: str
) -> None:
    (tmp_path / 'lib/rviz2/rviz2').unlink()
    bag = [f'bag:={write_drive(tmp_path / "drive")}'] if name == 'replay' else []
    process = start(name, 'rviz:=true', *bag)
    said, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    assert 'rviz: rviz2 is not installed; install it' in said
    assert 'process started' not in said


@needs_launch
@pytest.mark.usefixtures('installed')
@pytest.mark.parametrize('namespace', ['robot', '/robot', 'robot/'])
def test_topics_are_remapped_for_the_node_and_for_rviz(namespace: str) -> None:
    node, rviz = executed('mono_depth', image='/front/image', namespace=namespace, rviz='true')
    assert dict(node.expanded_remapping_rules) == {
        'image_rect': '/front/image',
        'camera_info': '/front/camera_info',
    }
    rules = dict(rviz.expanded_remapping_rules)
    assert rules['/image_rect'] == '/front/image'
    assert rules['/points'] == 'points'  # relative: in the namespace that RViz is in
    assert rviz.expanded_node_namespace == node.expanded_node_namespace == '/robot'


@needs_launch
def test_both_cameras_of_a_rig_are_remapped() -> None:
    (node,) = executed('stereo_teacher', left_image='/s/l/image', right_camera_info='/right_info')
    assert dict(node.expanded_remapping_rules) == {
        'left/image_rect': '/s/l/image',
        'left/camera_info': '/s/l/camera_info',
        'right/image_rect': 'right/image_rect',
        'right/camera_info': '/right_info',
    }


@needs_launch
@pytest.mark.parametrize('name', ['mono_depth', 'replay'])
def test_large_image_profile_is_set_unless_the_user_has_one(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    from launch.actions import SetEnvironmentVariable

    def set_variables() -> int:
        entities = load(name).generate_launch_description().entities
        return sum(isinstance(entity, SetEnvironmentVariable) for entity in entities)

    for variable in (FAST_DDS_2, FAST_DDS_3):
        monkeypatch.delenv(variable, raising=False)
    assert set_variables() == 1
    monkeypatch.setenv(FAST_DDS_2, '/my/profile.xml')
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
def test_camera_info_is_looked_for_beside_the_image(image: str, camera_info: str) -> None:
    from adu_depth_ros.launch_descriptions import sibling

    assert sibling(image) == camera_info


@needs_launch_testing
@pytest.mark.parametrize(
    'name', [*(file.name.partition('.')[0] for file in LAUNCH_FILES), 'sensor_teacher']
)
def test_launch_testing_agrees(environment: dict[str, str], tmp_path: Path, name: str) -> None:
    if name == 'replay':
        shipped_model_or_skip()
    write_drive(tmp_path / 'drive')
    file = Path(__file__).parent / 'launched' / f'{name}.py'
    code = 'import sys; from launch_testing.launch_test import main; sys.exit(main())'
    finished = subprocess.run(
        [sys.executable, '-c', code, str(file)],
        env={**environment, 'DRIVE': str(tmp_path / 'drive')},
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr


RVIZ_TYPES = {
    'rviz_default_plugins/Image': Image,
    'rviz_default_plugins/PointCloud2': PointCloud2,
}


def test_rviz_shows_what_the_node_publishes_by_name_and_type(
    world: World, predictor: FakePredictor
) -> None:
    node = world.mono_depth(predictor)
    world.spin_until_state(node, 'active')
    published = {p.topic_name: p.msg_type for p in node._outputs._publishers}
    content = (ROOT / 'rviz' / 'adu_depth.rviz').read_text()
    displays = yaml.safe_load(content)['Visualization Manager']['Displays']
    shown = {d['Topic']['Value']: RVIZ_TYPES[d['Class']] for d in displays if 'Topic' in d}
    assert shown.pop('/image_rect') is Image
    assert shown == {topic: published[topic] for topic in shown}
    assert set(shown) == {
        '/depth/image_rect',
        '/depth_std/image_rect',
        '/depth_color/image',
        '/points',
    }


@needs_launch
def test_launch_files_remap_all_that_rviz_shows() -> None:
    from adu_depth_ros.launch_descriptions import SHOWN

    content = (ROOT / 'rviz' / 'adu_depth.rviz').read_text()
    displays = yaml.safe_load(content)['Visualization Manager']['Displays']
    shown = {display['Topic']['Value'] for display in displays if 'Topic' in display}
    assert shown <= {'/image_rect', *(f'/{topic}' for topic in SHOWN)}
