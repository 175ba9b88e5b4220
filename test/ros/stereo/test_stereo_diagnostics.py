# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What the stereo node says of itself on /diagnostics."""

from typing import Any

from diagnostic_msgs.msg import DiagnosticStatus
from rosgraph_msgs.msg import Clock

from adu_depth_core.errors import InputError
from stereo_world import FakeTeacher, StereoWorld


def values(status: DiagnosticStatus) -> dict[str, str]:
    return {item.key: item.value for item in status.values}


def test_figures_of_a_node_at_work_are_there(stereo: StereoWorld, teacher: FakeTeacher) -> None:
    stereo.listen_to_diagnostics()
    node, rig = stereo.active(teacher)
    audience = stereo.audience(node)
    rig.send(node)
    audience.wait_for(1)  # or a newer pair might take its place
    rig.send(node, delay_ns=10**7)
    rig.send(node)
    audience.wait_for(2)
    status = stereo.status(lambda s: values(s)['pairs worked on'] == '2', 'pairs are counted')
    assert status.name == 'stereo_teacher_node: frames'
    assert status.hardware_id == 'cpu'
    found = values(status)
    assert (found['images'], found['pairs'], found['images without partner']) == ('6', '2', '2')
    assert (found['pairs dropped'], found['pairs not wanted']) == ('0', '0')
    assert (found['runtime'], found['device'], found['recording']) == ('fake', 'cpu', 'off')
    assert found['last error'] == 'none'
    for name in ('inference p50 (ms)', 'inference p95 (ms)'):
        assert float(found[name]) >= 0
    # The fixture's stamps are of 1970.
    assert found['age when published (ms)'].startswith('unknown: stamps are')


def test_levels_follow_what_happens(stereo: StereoWorld, teacher: FakeTeacher) -> None:
    stereo.listen_to_diagnostics()
    node = stereo.node(teacher, autostart=False)
    status = stereo.status(lambda s: s.message == 'unconfigured', 'the node waits')
    assert status.level == DiagnosticStatus.OK
    node.trigger_configure()
    stereo.status(lambda s: s.message == 'inactive', 'the node is configured')
    node.trigger_activate()
    status = stereo.status(lambda s: s.message == 'no pairs come', 'nothing comes')
    assert status.level == DiagnosticStatus.WARN
    rig = stereo.rig()
    rig.wait_for_node()
    rig.send_infos(node)
    rig.send(node)
    stereo.status(lambda s: s.message == 'nobody listens', 'pairs come, and nobody listens')
    stereo.audience(node)
    teacher.error = InputError('the teacher is tired')
    rig.send(node)
    status = stereo.status(lambda s: s.message == 'the teacher is tired', 'a pair fails')
    assert status.level == DiagnosticStatus.WARN
    teacher.error = None
    rig.send(node)
    status = stereo.status(lambda s: s.message == 'at work', 'all is well')
    assert status.level == DiagnosticStatus.OK
    assert values(status)['last error'] == 'the teacher is tired'


def test_failed_configuration_is_an_error(stereo: StereoWorld, teacher: FakeTeacher) -> None:
    def load(model: str, **options: str) -> Any:
        raise InputError('no such file')

    stereo.listen_to_diagnostics()
    stereo.node(teacher, load=load)
    status = stereo.status(lambda s: 'no such file' in s.message, 'the failure is told')
    assert status.level == DiagnosticStatus.ERROR
    assert status.message == 'cannot configure: no such file'


def test_rates_and_age_are_by_simulated_time(stereo: StereoWorld, teacher: FakeTeacher) -> None:
    stereo.listen_to_diagnostics()
    clock = stereo.world.tester.create_publisher(Clock, '/clock', 10)
    node, rig = stereo.active(teacher, use_sim_time=True)
    audience = stereo.audience(node)

    def it_is(seconds: float) -> None:
        message = Clock()
        message.clock.sec, message.clock.nanosec = divmod(round(seconds * 1e9), 10**9)
        clock.publish(message)
        now_ns = round(seconds * 1e9)
        stereo.spin_until(
            lambda: node.get_clock().now().nanoseconds == now_ns, f'it is {seconds} s'
        )

    stereo.spin_until(lambda: clock.get_subscription_count() >= 1, 'the node hears the clock')
    it_is(1000.0)
    for count in range(1, 5):
        it_is(1000.0 + count)
        rig.send(node, stamp_ns=round((1000.0 + count - 0.25) * 1e9))
        audience.wait_for(count)
    it_is(1005.0)
    status = stereo.status(lambda s: values(s)['pairs'] == '4', 'pairs are counted')
    found = values(status)
    # Four pairs in five seconds, as old as they were at that time.
    assert (found['input rate (Hz)'], found['output rate (Hz)']) == ('0.8', '0.8')
    assert found['age when published (ms)'] == '250.0'
