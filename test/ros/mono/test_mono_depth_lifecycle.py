# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""States, transitions and parameters of the node."""

import gc
import os
import resource
import threading
import time
import weakref
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from lifecycle_msgs.msg import Transition
from lifecycle_msgs.srv import ChangeState
from rcl_interfaces.msg import ParameterDescriptor
from rclpy.exceptions import InvalidParameterValueException
from rclpy.parameter import Parameter

from adu_depth_core.errors import InputError
from adu_depth_core.inference.predictor import Predictor
from adu_depth_ros.mono.mono_parameters import MONO_DEPTH
from adu_depth_ros.nodes.parameters import Settable
from ros_world import FakePredictor, World

HEAVY_BYTES = 20_000_000
CYCLE = (
    ('configure', 'inactive'),
    ('activate', 'active'),
    ('deactivate', 'inactive'),
    ('cleanup', 'unconfigured'),
)


class Manager:
    """Drives a node through its service, as a lifecycle manager does."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.client = world.tester.create_client(ChangeState, '/mono_depth_node/change_state')
        world.spin_until(self.client.service_is_ready, 'the service is there')

    def change(self, label: str) -> bool:
        request = ChangeState.Request(transition=Transition(label=label))
        future = self.client.call_async(request)
        self.world.spin_until(future.done, f'the node answers to {label}')
        return bool(future.result().success)


def test_node_configures_and_activates_itself(world: World, predictor: FakePredictor) -> None:
    node = world.mono_depth(predictor)
    world.spin_until_state(node, 'active')
    assert predictor.warm_sizes == [(1242, 375)]
    assert world.said('model tiny runs on fake, cpu')


def test_autostart_works_where_simulated_time_stands_still(
    world: World, predictor: FakePredictor
) -> None:
    node = world.mono_depth(predictor, use_sim_time=True)
    world.spin_until_state(node, 'active')
    assert node.get_clock().now().nanoseconds == 0


def test_without_autostart_the_node_waits_for_its_manager(
    world: World, predictor: FakePredictor
) -> None:
    node = world.mono_depth(predictor, autostart=False)
    manager = Manager(world)
    assert world.state_of(node) == 'unconfigured'
    assert not predictor.warm_sizes
    for transition, state in CYCLE:
        assert manager.change(transition)
        assert world.state_of(node) == state


def test_nothing_is_subscribed_or_published_while_inactive(
    world: World, predictor: FakePredictor
) -> None:
    camera = world.camera()
    node = world.mono_depth(predictor, autostart=False)
    manager = Manager(world)
    assert manager.change('configure')
    assert node.count_publishers('/depth/image_rect') == 1
    assert camera.images.get_subscription_count() == 0
    assert manager.change('activate')
    camera.wait_for_node()
    assert manager.change('deactivate')
    world.spin_until(lambda: camera.images.get_subscription_count() == 0, 'the node leaves')


class HeavyModel:
    """Holds memory that a process notices when it is not given back."""

    runtime_name, device_name, precision, max_depth = 'fake', 'cpu', 'float32', 80.0
    parity = None

    def __init__(self) -> None:
        self.weights = np.ones(HEAVY_BYTES, np.uint8)

    def warm_up(self, width: int, height: int) -> None:
        pass


def test_fifty_cycles_leave_nothing_behind(world: World) -> None:
    node = world.mono_depth(load=lambda model, **options: HeavyModel(), autostart=False)
    manager = Manager(world)

    def held() -> tuple[int, ...]:
        gc.collect()
        entities = (node.subscriptions, node.publishers, node.timers, node._managed_entities)
        open_files = len(os.listdir('/proc/self/fd'))
        return (threading.active_count(), open_files, *(len(list(kind)) for kind in entities))

    def cycle() -> None:
        for transition, _state in CYCLE:
            assert manager.change(transition)

    for _ in range(5):  # after which allocators have what they keep
        cycle()
    before, bytes_before = held(), resident_bytes()
    for _ in range(50):
        cycle()
    assert held() == before
    assert resident_bytes() - bytes_before < HEAVY_BYTES


def resident_bytes() -> int:
    pages = int(Path('/proc/self/statm').read_text().split()[1])
    return pages * resource.getpagesize()


def test_cleanup_frees_the_model(world: World) -> None:
    made: list[weakref.ref] = []

    class Model:
        runtime_name, device_name, precision, max_depth = 'fake', 'cpu', 'float32', 80.0
        parity = None

        def __init__(self) -> None:
            made.append(weakref.ref(self))

        def warm_up(self, width: int, height: int) -> None:
            pass

    world.mono_depth(load=lambda model, **options: Model(), autostart=False)
    manager = Manager(world)
    for transition, _state in CYCLE:
        assert manager.change(transition)
    gc.collect()
    assert made[0]() is None


def test_deactivation_says_how_it_went_and_activation_counts_anew(
    world: World, predictor: FakePredictor
) -> None:
    live = world.live(predictor)
    live.camera.send()
    live.audience.wait_for(1)
    manager = Manager(world)
    assert manager.change('deactivate')
    assert world.said('images came') == [
        '1 images came, 1 depth images went out, 0 were dropped, 0 came while nobody listened'
    ]
    assert (live.node.frames_in, live.node.frames_out) == (1, 1)
    assert manager.change('activate')
    assert (live.node.frames_in, live.node.frames_out) == (0, 0)


def test_image_that_waits_at_deactivation_is_counted_as_dropped(
    world: World, predictor: FakePredictor
) -> None:
    live = world.live(predictor)
    predictor.gate.clear()
    for count in (1, 2):
        live.camera.send()
        world.spin_until(lambda count=count: live.node.frames_in == count, 'the image arrives')
        world.spin_until(lambda: predictor.images, 'work on the first image begins')
    worker = live.node._worker

    def let_go_once_the_node_waits() -> None:
        while not worker._stopping:
            time.sleep(0.005)
        predictor.gate.set()

    threading.Thread(target=let_go_once_the_node_waits).start()
    assert Manager(world).change('deactivate')
    assert (live.node.frames_in, live.node.frames_out, live.node.dropped) == (2, 1, 1)


def test_camera_info_from_before_the_activation_is_forgotten(
    world: World, predictor: FakePredictor
) -> None:
    live = world.live(predictor)
    manager = Manager(world)
    assert manager.change('deactivate')
    assert manager.change('activate')
    live.camera.wait_for_node()
    live.camera.send()
    world.spin_until(lambda: live.node.dropped == 1, 'the image is dropped')
    assert world.said('no camera_info on /camera_info yet')


@pytest.mark.parametrize('transitions', [[], ['configure'], ['configure', 'activate']])
def test_shutdown_works_from_every_state(world: World, transitions: list[str]) -> None:
    threads = threading.active_count()
    node = world.mono_depth(autostart=False)
    manager = Manager(world)
    for transition in transitions:
        assert manager.change(transition)
    assert manager.change('shutdown')
    assert world.state_of(node) == 'finalized'
    assert threading.active_count() == threads
    assert node.count_publishers('/depth/image_rect') == 0


@pytest.mark.parametrize('content', [None, b'', b'this is no model'])
def test_missing_or_corrupt_model_file_fails_with_a_sentence(
    world: World, tmp_path: Path, content: bytes | None
) -> None:
    path = tmp_path / 'model.onnx'
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError):  # and what it imports takes no time from the transition
        Predictor.load(str(path))
    node = world.mono_depth(load=Predictor.load, model=str(path), autostart=False)
    manager = Manager(world)
    assert not manager.change('configure')
    assert world.state_of(node) == 'unconfigured'
    said = world.said('cannot configure: ')
    assert len(said) == 1
    assert said[0].startswith(f'cannot configure: {path}: ')  # and no name of an exception
    assert '\n' not in said[0]


def test_autostart_with_a_bad_model_leaves_a_node_that_can_be_mended(
    world: World, predictor: FakePredictor
) -> None:
    def load(model: str, **options: Any) -> Any:
        if model == 'bad':
            raise InputError('bad: no such model file')
        return predictor

    node = world.mono_depth(load=load, model='bad')
    sentence = 'cannot configure: bad: no such model file'
    world.spin_until(lambda: any(log.msg == sentence for log in world.logs), sentence)
    assert world.state_of(node) == 'unconfigured'
    assert node.set_parameters([Parameter('model', value='good')])[0].successful
    manager = Manager(world)
    assert manager.change('configure')
    assert manager.change('activate')


def test_unexpected_error_of_a_transition_is_said_and_leaves_nothing_behind(
    world: World, predictor: FakePredictor
) -> None:
    overrides = {'qos_overrides./depth_std/camera_info.publisher.reliability': 'nonsense'}
    node = world.mono_depth(predictor, autostart=False, **overrides)
    publishers = len(list(node.publishers))
    assert not Manager(world).change('configure')
    assert world.state_of(node) == 'unconfigured'
    assert len(world.said('cannot configure: ')) == 1
    assert 'nonsense' in world.said('cannot configure: ')[0]
    assert len(list(node.publishers)) == publishers


def test_activation_that_fails_leaves_an_inactive_node_and_nothing_behind(
    world: World, predictor: FakePredictor
) -> None:
    overrides = {'qos_overrides./image_rect.subscription.reliability': 'nonsense'}
    node = world.mono_depth(predictor, autostart=False, **overrides)
    manager = Manager(world)
    assert manager.change('configure')
    before = threading.active_count(), len(list(node.subscriptions)), len(list(node.timers))
    assert not manager.change('activate')
    assert world.state_of(node) == 'inactive'
    assert 'nonsense' in world.said('cannot activate: ')[0]
    held = threading.active_count(), len(list(node.subscriptions)), len(list(node.timers))
    assert held == before


@pytest.mark.parametrize(
    ('name', 'other'),
    [
        ('model', 'other'),
        ('runtime', 'torch'),
        ('device', 'cuda'),
        ('precision', 'float32'),
        ('threads', 2),
        ('engine_cache', '/engines'),
        ('camera_size', '640x480'),
        ('input_size', '640x192'),
        ('output_size', 'network'),
        ('image_transport', 'compressed'),
        ('point_cloud', False),
    ],
)
def test_what_needs_a_new_start_is_refused_while_configured(
    world: World, predictor: FakePredictor, name: str, other: Any
) -> None:
    node = world.mono_depth(predictor)
    world.spin_until_state(node, 'active')
    before = node.get_parameter(name).value
    result = node.set_parameters([Parameter(name, value=other)])[0]
    assert not result.successful
    assert result.reason.startswith(f'{name}: cannot change while the node is configured;')
    assert node.get_parameter(name).value == before
    assert node.set_parameters([Parameter(name, value=before)])[0].successful
    manager = Manager(world)
    assert manager.change('deactivate')
    assert manager.change('cleanup')
    assert node.set_parameters([Parameter(name, value=other)])[0].successful


@pytest.mark.parametrize(
    ('name', 'value'),
    [
        ('max_depth', -1.0),
        ('max_depth', float('nan')),
        ('max_depth', 50),
        ('max_relative_std', 0.0),
        ('image_transport', 'theora'),
        ('runtime', 'tensorflow'),
        ('precision', 'int4'),
        ('threads', -1),
        ('output_size', 'huge'),
        ('points_stride', 0),
        ('points_stride', 2.0),
        ('points_max_std', -1.0),
        ('color_min_depth', 80.0),
        ('color_max_depth', 1.0),
        ('color_max_depth', 0.0),
        ('autostart', False),
        ('camera_size', '640*480'),
        ('camera_size', ''),
        ('input_size', '640x191'),
        ('point_cloud', 'maybe'),
    ],
)
def test_unfit_value_is_refused_with_a_reason(
    world: World, predictor: FakePredictor, name: str, value: Any
) -> None:
    node = world.mono_depth(predictor)
    before = node.get_parameter(name).value
    result = node.set_parameters([Parameter(name, value=value)])[0]
    assert not result.successful
    assert result.reason
    assert node.get_parameter(name).value == before


def test_unfit_value_at_the_start_is_an_error(world: World) -> None:
    with pytest.raises(InvalidParameterValueException, match='"theora" is not one of raw, comp'):
        world.mono_depth(image_transport='theora')
    with pytest.raises(InvalidParameterValueException, match='input_size: size "large" is not WI'):
        world.mono_depth(input_size='large')


def test_every_parameter_describes_itself(world: World, predictor: FakePredictor) -> None:
    node = world.mono_depth(predictor, autostart=False)
    for setting in MONO_DEPTH:
        descriptor: ParameterDescriptor = node.describe_parameter(setting.name)
        assert descriptor.description.endswith('.')
        assert setting.settable.value in descriptor.additional_constraints
        assert descriptor.read_only == (setting.settable is Settable.AT_START)
        assert len(descriptor.floating_point_range) == isinstance(setting.default, float)
        assert len(descriptor.integer_range) == (type(setting.default) is int)
