# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""play-bag over real DDS: what arrives, when, under which name, and how it ends."""

import itertools
import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
import rclpy
from rclpy.context import Context
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rclpy.qos import QoSProfile
from rosgraph_msgs.msg import Clock
from sensor_msgs.msg import CameraInfo, Image

from adu_depth_core.bags import bag_writer, header_stamp_ns, open_bag, write_bag
from adu_depth_core.bags.reader import Topic
from adu_depth_core.camera import Camera
from adu_depth_core.errors import InputError
from adu_depth_core.samples.sample import StereoSample
from adu_depth_ros.commands import play_bag
from adu_depth_ros.playback.bag_player import BagPlayer, Schedule, message_class, profile_of

IMAGE, INFO = '/stereo/left/image_rect', '/stereo/left/camera_info'
START_NS = 1_317_046_405_000_000_000
FRAME_NS = 100_000_000
WAIT = ['--wait-for-subscribers', '20']


class Received(NamedTuple):
    topic: str
    data: bytes
    monotonic_s: float


@pytest.fixture
def bag(tmp_path: Path) -> Path:
    write_drive(tmp_path / 'drive', frames=4)
    return tmp_path / 'drive'


def write_drive(path: Path, frames: int) -> None:
    camera = Camera(8, 6, fx=10.0, fy=10.0, cx=3.5, cy=2.5)
    pixels = [np.full((6, 8, 3), index % 256, np.uint8) for index in range(frames)]
    write_bag(
        path,
        (
            StereoSample(f'drive/{index}', START_NS + index * FRAME_NS, image, camera)
            for index, image in enumerate(pixels)
        ),
    )


@contextmanager
def listening(topics: dict[str, type], qos: QoSProfile | int = 50) -> Iterator[list[Received]]:
    """Collect the raw messages of topics, in a thread, until the block ends."""
    received: list[Received] = []
    context = Context()
    rclpy.init(context=context)
    node = Node('listener', context=context)
    for topic, kind in topics.items():

        def note(data: bytes, topic: str = topic) -> None:
            received.append(Received(topic, data, time.monotonic()))

        node.create_subscription(kind, topic, note, qos, raw=True)
    executor = SingleThreadedExecutor(context=context)
    executor.add_node(node)
    thread = threading.Thread(target=executor.spin)
    thread.start()
    try:
        yield received
    finally:
        executor.shutdown()
        thread.join()
        node.destroy_node()
        rclpy.shutdown(context=context)


def wait_for(received: list[Received], count: int, timeout_s: float = 10.0) -> None:
    deadline = time.monotonic() + timeout_s
    while len(received) < count and time.monotonic() < deadline:
        time.sleep(0.01)
    assert len(received) >= count


@contextmanager
def playing(*words: str) -> Iterator[subprocess.Popen[str]]:
    """Run play-bag as a process that is ended at the latest with the block."""
    command = [sys.executable, '-m', 'adu_depth_core', 'play-bag', *words]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def test_stored_bytes_arrive_in_order_and_in_real_time(bag: Path) -> None:
    with listening({IMAGE: Image, INFO: CameraInfo}) as received:
        assert play_bag.main([str(bag), *WAIT]) == 0
        wait_for(received, 8)
    with open_bag(bag) as recording:
        stored = [(message.topic, message.data) for message in recording.messages()]
    for topic in (IMAGE, INFO):
        arrived = [message.data for message in received if message.topic == topic]
        assert arrived == [data for name, data in stored if name == topic]
    images = [message for message in received if message.topic == IMAGE]
    assert images[3].monotonic_s - images[0].monotonic_s == pytest.approx(0.3, abs=0.15)


def test_rate_stretches_time(bag: Path) -> None:
    with listening({IMAGE: Image}) as received:
        play_bag.main([str(bag), *WAIT, '--topics', IMAGE, '--rate', '0.5'])
        wait_for(received, 4)
    assert received[3].monotonic_s - received[0].monotonic_s == pytest.approx(0.6, abs=0.2)


def test_schedule_has_no_drift() -> None:
    schedule = Schedule(bag_start_ns=5_000, started_ns=100, rate=2.0)
    assert [schedule.due_ns(5_000 + 20 * index) for index in range(3)] == [100, 110, 120]
    assert schedule.bag_time_ns(schedule.due_ns(7_000)) == 7_000


def test_remapped_topics_are_published_under_their_new_name(bag: Path) -> None:
    with listening({'/front/image_rect': Image, IMAGE: Image, INFO: CameraInfo}) as received:
        play_bag.main([str(bag), *WAIT, '--rate', '4', '--remap', f'{IMAGE}:=/front/image_rect'])
        wait_for(received, 8)
    assert {message.topic for message in received} == {'/front/image_rect', INFO}


def test_ros_arguments_are_understood_as_well(bag: Path) -> None:
    with listening({'/front/image_rect': Image, INFO: CameraInfo}) as received:
        rule = f'{IMAGE}:=/front/image_rect'
        play_bag.main([str(bag), *WAIT, '--rate', '4', '--ros-args', '-r', rule])
        wait_for(received, 8)
    assert {message.topic for message in received} == {'/front/image_rect', INFO}


def test_playing_ends_after_the_duration_asked_for(bag: Path) -> None:
    with listening({IMAGE: Image, INFO: CameraInfo}) as received:
        play_bag.main([str(bag), *WAIT, '--rate', '4', '--playback-duration', '0.1'])
        wait_for(received, 4)
    last = START_NS + FRAME_NS
    assert sorted(header_stamp_ns(message.data) for message in received) == [
        *(START_NS, START_NS),
        *(last, last),
    ]


def test_only_chosen_topics_are_published(bag: Path) -> None:
    with listening({IMAGE: Image, INFO: CameraInfo}) as received:
        play_bag.main([str(bag), *WAIT, '--rate', '4', '--topics', INFO])
        wait_for(received, 4)
    assert {message.topic for message in received} == {INFO}


def test_clock_follows_the_bag_at_its_rate(bag: Path) -> None:
    with listening({IMAGE: Image, '/clock': Clock}) as received:
        play_bag.main([str(bag), *WAIT, '--topics', IMAGE, '--clock', '100', '--rate', '0.5'])
        wait_for(received, 30)
    ticks = [header_stamp_ns(message.data) for message in received if message.topic == '/clock']
    assert len(ticks) > 30
    assert ticks == sorted(ticks)
    assert ticks[0] == pytest.approx(START_NS, abs=0.05e9)
    assert ticks[-1] == pytest.approx(START_NS + 3 * FRAME_NS, abs=0.05e9)
    for previous, message in itertools.pairwise(received):
        if message.topic == IMAGE and previous.topic == '/clock':
            behind_ns = header_stamp_ns(message.data) - header_stamp_ns(previous.data)
            assert behind_ns < 0.05e9


def test_loop_begins_anew_and_so_does_the_clock(bag: Path) -> None:
    with (
        listening({IMAGE: Image, '/clock': Clock}) as received,
        playing(str(bag), *WAIT, '--topics', IMAGE, '--loop', '--clock', '--rate', '4') as player,
    ):
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            if sum(message.topic == IMAGE for message in list(received)) >= 9:
                break
            time.sleep(0.02)
        player.send_signal(signal.SIGINT)
        assert player.wait(timeout=10) == 0
    stamps = [header_stamp_ns(message.data) for message in received if message.topic == IMAGE]
    one_pass = [START_NS + index * FRAME_NS for index in range(4)]
    assert stamps[:9] == [*one_pass, *one_pass, START_NS]
    ticks = [header_stamp_ns(message.data) for message in received if message.topic == '/clock']
    assert any(later < earlier for earlier, later in itertools.pairwise(ticks))


@pytest.mark.parametrize('number', [signal.SIGTERM, signal.SIGINT])
def test_signal_ends_playing_at_once_with_success_and_a_log(
    tmp_path: Path, number: signal.Signals
) -> None:
    write_drive(tmp_path / 'long', frames=300)
    log = tmp_path / 'log.json'
    with (
        listening({IMAGE: Image, INFO: CameraInfo}) as received,
        playing(str(tmp_path / 'long'), *WAIT, '--publish-log', str(log)) as player,
    ):
        wait_for(received, 2, timeout_s=20)
        asked = time.monotonic()
        player.send_signal(number)
        assert player.wait(timeout=10) == 0
        assert time.monotonic() - asked < 5
        assert player.stderr is not None
        assert 'Traceback' not in player.stderr.read()
    assert 1 <= len(json.loads(log.read_text())[IMAGE]) < 300


def test_publish_log_holds_stamp_and_wall_time_of_every_image(bag: Path, tmp_path: Path) -> None:
    log = tmp_path / 'log.json'
    before = time.time_ns()
    play_bag.main([str(bag), '--rate', '4', '--publish-log', str(log)])
    after = time.time_ns()
    times = json.loads(log.read_text())
    assert list(times) == [IMAGE]
    stamps, published = zip(*times[IMAGE], strict=True)
    assert list(stamps) == [START_NS + index * FRAME_NS for index in range(4)]
    assert before < published[0] < published[1] < published[2] < published[3] < after


def test_latched_topic_reaches_a_late_subscriber() -> None:
    assert profile_of(Topic('/tf_static', 'tf2_msgs/msg/TFMessage', 3, True)).depth == 3
    latched = profile_of(Topic('/map', 'nav_msgs/msg/OccupancyGrid', 1, True))
    plain = profile_of(Topic('/imu', 'sensor_msgs/msg/Imu', 1, False))
    assert latched.durability is rclpy.qos.DurabilityPolicy.TRANSIENT_LOCAL
    assert (plain.durability, plain.depth) == (rclpy.qos.DurabilityPolicy.VOLATILE, 10)
    assert profile_of(Topic('/image', 'sensor_msgs/msg/Image', 9, False)).depth == 1


def test_types_are_found_by_name_or_not_at_all() -> None:
    assert message_class('sensor_msgs/msg/Image') is Image
    assert message_class('no_such_msgs/msg/Thing') is None
    assert message_class('sensor_msgs/msg/NoSuchThing') is None


def test_topics_that_cannot_be_published_are_left_out_with_a_warning(
    tmp_path: Path,
) -> None:
    with bag_writer(tmp_path / 'bag') as writer:
        message = b'\x00\x01\x00\x00' + bytes(8)
        writer.write('/clock_of_bag', 'rosgraph_msgs/msg/Clock', message, START_NS)
        writer.write('/path', 'nav_msgs/msg/GridCells', message, START_NS)
        writer.write('/no name\n!', 'rosgraph_msgs/msg/Clock', message, START_NS)
    with playing(str(tmp_path / 'bag')) as player:
        assert player.stderr is not None
        words = player.stderr.read()
        assert player.wait(timeout=20) == 0
    assert words.count('/path is left out: its type nav_msgs/msg/GridCells') == 1
    assert words.count(r'/no name\n! is left out: that is no name of a topic in ROS 2') == 1


def test_topic_that_is_not_in_the_bag_is_refused(bag: Path) -> None:
    with pytest.raises(InputError, match='has no topic /camera; it has /stereo'):
        play_bag.main([str(bag), '--topics', '/camera'])


def test_remapping_that_is_none_is_refused(bag: Path) -> None:
    with pytest.raises(InputError, match='FROM:=TO'):
        play_bag.main([str(bag), '--remap', '/camera'])
    with pytest.raises(InputError, match='cannot start: '):
        play_bag.main([str(bag), '--remap', f'{IMAGE}:=/a topic'])


def test_absence_of_subscribers_is_told_when_they_are_waited_for(bag: Path) -> None:
    with pytest.raises(InputError, match=f'nobody subscribed to .*{IMAGE} within 0.2 s'):
        play_bag.main([str(bag), '--wait-for-subscribers', '0.2'])


def test_shutdown_of_ros_ends_playing_quietly(bag: Path) -> None:
    context = Context()
    rclpy.init(context=context)
    node = Node('player', context=context)
    with open_bag(bag) as recording:
        player = play_bag.BagPlayer(node, recording)
        published: list[int] = []

        def shut_down_after_one(_message: object, published_ns: int) -> None:
            published.append(published_ns)
            rclpy.shutdown(context=context)

        player.play(on_published=shut_down_after_one)
    assert len(published) == 1


@pytest.mark.real_data
def test_foreign_recording_is_played_as_far_as_its_types_are_installed(
    data_root: Path, tmp_path: Path
) -> None:
    log = tmp_path / 'log.json'
    recording = data_root / 'bags' / 'rosbag2_2025_09_10-13_03_56_0.mcap'
    assert play_bag.main([str(recording), '--rate', '100', '--publish-log', str(log)]) == 0
    assert sum(len(times) for times in json.loads(log.read_text()).values()) >= 2


@pytest.mark.parametrize('name', ['os/path/join', 'json/decoder', 'a/b/c/d', '../msg/Image', ''])
def test_nothing_is_imported_that_is_no_message(name: str) -> None:
    assert message_class(name) is None


def test_topic_that_ros_does_not_allow_is_left_out(tmp_path: Path) -> None:
    write_drive(tmp_path / 'drive', frames=1)
    with bag_writer(tmp_path / 'odd') as odd, open_bag(tmp_path / 'drive') as drive:
        for message in drive.messages():
            odd.write(*message)
            for name in ('/no good', '/1st', '/a//b'):
                odd.write(name, message.msgtype, message.data, message.time_ns)
    context = Context()
    rclpy.init(context=context)
    node = Node('player', context=context)
    try:
        with open_bag(tmp_path / 'odd') as bag:
            assert set(BagPlayer(node, bag).publishers) == {IMAGE, INFO}
    finally:
        node.destroy_node()
        rclpy.shutdown(context=context)
