# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What the mono node says of itself on /diagnostics, by the clock it is given."""

from typing import Any

import pytest
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from rclpy.node import Node
from rosgraph_msgs.msg import Clock

from adu_depth_core.errors import InputError
from ros_world import FakePredictor, World

OK, WARN, ERROR = DiagnosticStatus.OK, DiagnosticStatus.WARN, DiagnosticStatus.ERROR


class Reader:
    """Listens to /diagnostics."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.arrays: list[DiagnosticArray] = []
        node = world.add(Node('reader', context=world.context))
        node.create_subscription(DiagnosticArray, '/diagnostics', self.arrays.append, 10)

    def wait_for(self, level: bytes, message: str) -> dict[str, str]:
        """Return the figures of a status with this level and with `message` in its message."""

        def found() -> DiagnosticStatus | None:
            for array in reversed(self.arrays):
                for status in array.status:
                    if status.level == level and message in status.message:
                        return status
            return None

        self.world.spin_until(found, f'diagnostics say {message}')
        status = found()
        assert status is not None
        assert status.name == 'mono_depth_node: frames'
        return {value.key: value.value for value in status.values}


def test_node_at_work_says_how_fast_and_on_what(world: World, predictor: FakePredictor) -> None:
    reader, live = Reader(world), world.live(predictor)
    for count in range(1, 4):
        live.camera.send()
        live.audience.wait_for(count)
    reader.arrays.clear()
    figures = reader.wait_for(OK, 'at work')
    assert float(figures['input rate (Hz)']) > 0
    assert float(figures['output rate (Hz)']) > 0
    assert float(figures['inference p50 (ms)']) <= float(figures['inference p95 (ms)'])
    assert figures['images'] == figures['images answered'] == '3'
    assert figures['images dropped'] == figures['images unwatched'] == '0'
    assert (figures['runtime'], figures['device'], figures['precision']) == (
        'fake',
        'cpu',
        'float32',
    )
    assert figures['last error'] == 'none'


def test_what_is_wrong_is_a_warning_until_a_good_frame_comes(
    world: World, predictor: FakePredictor, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader, live = Reader(world), world.live(predictor)
    predictor.error = RuntimeError('out of memory')
    live.camera.send()
    figures = reader.wait_for(WARN, 'RuntimeError: out of memory')
    assert figures['images dropped'] == '1'
    predictor.error = None
    live.camera.send()
    live.audience.wait_for(1)
    reader.arrays.clear()
    assert reader.wait_for(OK, '')['last error'] == 'RuntimeError: out of memory'
    monkeypatch.setattr('adu_depth_ros.nodes.managed_depth_node.REMEMBERED_S', 0.0)
    reader.arrays.clear()
    assert reader.wait_for(OK, '')['last error'] == 'none'


def test_node_that_cannot_configure_says_so_and_why(world: World) -> None:
    reader = Reader(world)

    def load(model: str, **options: Any) -> Any:
        raise InputError(f'{model}: is no model')

    world.mono_depth(load=load)
    reader.wait_for(ERROR, 'cannot configure: tiny: is no model')


def test_input_that_does_not_come_is_a_warning(world: World, predictor: FakePredictor) -> None:
    reader = Reader(world)
    world.mono_depth(predictor, patience_s=0.1)
    reader.wait_for(WARN, 'no camera_info on /camera_info yet')


def test_diagnostics_keep_simulated_time(world: World, predictor: FakePredictor) -> None:
    reader = Reader(world)
    clock = world.add(Node('clock', context=world.context)).create_publisher(Clock, '/clock', 10)
    live = world.live(predictor, use_sim_time=True)
    world.spin_until(clock.get_subscription_count, 'the node listens to the clock')
    sent = live.camera.send()
    live.audience.wait_for(1)
    for second in range(sent.header.stamp.sec, sent.header.stamp.sec + 3):
        now = Clock()
        now.clock.sec = second
        clock.publish(now)
        world.spin_until(
            lambda second=second: live.node.get_clock().now().nanoseconds == second * 10**9,
            'time goes on',
        )
    world.spin_until(lambda: reader.arrays, 'diagnostics come')
    assert sent.header.stamp.sec <= reader.arrays[-1].header.stamp.sec < 10_000


@pytest.mark.parametrize('jump', [-500, 500])
def test_time_that_jumps_does_no_harm(world: World, predictor: FakePredictor, jump: int) -> None:
    clock = world.add(Node('clock', context=world.context)).create_publisher(Clock, '/clock', 10)
    live = world.live(predictor, use_sim_time=True)
    world.spin_until(clock.get_subscription_count, 'the node listens to the clock')
    for count, second in enumerate((1000, 1001, 1001 + jump, 1002 + jump), start=1):
        now = Clock()
        now.clock.sec = second
        clock.publish(now)
        world.spin_until(
            lambda second=second: live.node.get_clock().now().nanoseconds == second * 10**9,
            'the clock is set',
        )
        live.camera.send()
        live.audience.wait_for(count)
    world.spin_until(lambda: live.node.frames_out == 4, 'all are counted')
    assert live.node.dropped == 0
