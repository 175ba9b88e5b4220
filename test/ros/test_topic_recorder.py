# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The recorder writes what it hears, as it is, with the time of hearing."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import rclpy
from rclpy.context import Context
from rclpy.node import Node
from rclpy.serialization import serialize_message
from sensor_msgs.msg import Image

from adu_depth_core.data.bags import open_bag
from adu_depth_core.errors import InputError
from adu_depth_ros.playback import topic_recorder

TOPIC, TYPE = '/depth/image_rect', 'sensor_msgs/msg/Image'


@contextmanager
def recording(output: Path) -> Iterator['subprocess.Popen[bytes]']:
    command = [sys.executable, '-m', 'adu_depth_ros.playback.topic_recorder', str(output)]
    with subprocess.Popen([*command, f'{TOPIC}={TYPE}']) as process:
        try:
            yield process
        finally:
            process.kill()


@contextmanager
def own_node() -> Iterator[Node]:
    context = Context()
    rclpy.init(context=context)
    node = Node('publisher', context=context)
    yield node
    node.destroy_node()
    rclpy.shutdown(context=context)


def wait_until(happened: Callable[[], object]) -> None:
    deadline = time.monotonic() + 20
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_messages_are_stored_as_they_came_when_a_signal_ends_the_recording(tmp_path: Path) -> None:
    with recording(tmp_path / 'bag') as process, own_node() as node:
        publisher = node.create_publisher(Image, TOPIC, 10)
        wait_until(publisher.get_subscription_count)
        sent = []
        before = time.time_ns()
        # Best effort: the first may come before the recorder has found the publisher, too.
        for number in range(20):
            message = Image(encoding='mono8', height=1, width=4, step=4, data=[number] * 4)
            # Serialised once: what lies between the fields may differ from one time to the next.
            sent.append(bytes(serialize_message(message)))
            publisher.publish(sent[-1])
            time.sleep(0.02)
        time.sleep(0.2)
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    with open_bag(tmp_path / 'bag') as bag:
        stored = list(bag.messages())
    data = [message.data for message in stored]
    assert 1 <= len(data) <= 20
    assert data == sent[-len(data) :]
    assert {message.topic for message in stored} == {TOPIC}
    times = [message.time_ns for message in stored]
    assert before < times[0]
    assert times == sorted(times)
    assert times[-1] - times[0] == pytest.approx((len(data) - 1) * 0.02e9, abs=0.3e9)


def test_recording_in_which_nothing_was_heard_is_a_bag_without_topics(tmp_path: Path) -> None:
    with recording(tmp_path / 'bag') as process, own_node() as node:
        wait_until(lambda: node.count_subscribers(TOPIC))
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0
    with open_bag(tmp_path / 'bag') as bag:
        assert list(bag.messages()) == []


def test_topic_needs_a_type_that_is_installed(tmp_path: Path) -> None:
    with pytest.raises(InputError, match='write NAME=TYPE'):
        topic_recorder.main([str(tmp_path / 'bag'), '/depth'])
    with pytest.raises(InputError, match='no_such_msgs/msg/Thing is not installed'):
        topic_recorder.main([str(tmp_path / 'bag'), '/depth=no_such_msgs/msg/Thing'])
    assert list(tmp_path.iterdir()) == []
