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
from rclpy.publisher import Publisher
from rclpy.serialization import serialize_message
from sensor_msgs.msg import Image

from adu_depth_core.bags import open_bag
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


def send_numbered(publisher: Publisher) -> tuple[list[bytes], list[int]]:
    """Publish 20 messages in 0.4 s; returns their bytes and when each was sent."""
    sent, times_ns = [], []
    for number in range(20):
        message = Image(encoding='mono8', height=1, width=4, step=4, data=[number] * 4)
        # Serialised once: what lies between the fields may differ from one time to the next.
        sent.append(bytes(serialize_message(message)))
        times_ns.append(time.time_ns())
        publisher.publish(sent[-1])
        time.sleep(0.02)
    return sent, times_ns


def test_messages_are_stored_as_they_came_when_a_signal_ends_the_recording(tmp_path: Path) -> None:
    with recording(tmp_path / 'bag') as process, own_node() as node:
        publisher = node.create_publisher(Image, TOPIC, 10)
        wait_until(publisher.get_subscription_count)
        # Best effort: the first may come before the recorder has found the publisher, too.
        sent, times_ns = send_numbered(publisher)
        time.sleep(0.2)
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
        ended_ns = time.time_ns()
    with open_bag(tmp_path / 'bag') as bag:
        stored = list(bag.messages())
    data = [message.data for message in stored]
    assert 1 <= len(data) <= 20
    assert data == sent[-len(data) :]
    assert {message.topic for message in stored} == {TOPIC}
    heard_ns = [message.time_ns for message in stored]
    assert heard_ns == sorted(heard_ns)
    assert heard_ns[-1] < ended_ns
    times_ns = times_ns[-len(data) :]
    assert all(then < heard for then, heard in zip(times_ns, heard_ns, strict=True))
    assert heard_ns[-1] - heard_ns[0] == pytest.approx(times_ns[-1] - times_ns[0], abs=0.3e9)


def test_recorder_that_is_held_up_misses_nothing(tmp_path: Path) -> None:
    with recording(tmp_path / 'bag') as process, own_node() as node:
        publisher = node.create_publisher(Image, TOPIC, 10)
        wait_until(publisher.get_subscription_count)
        send_numbered(publisher)  # by the end of these, both have found each other
        process.send_signal(signal.SIGSTOP)
        sent, _ = send_numbered(publisher)
        process.send_signal(signal.SIGCONT)
        time.sleep(0.5)
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    with open_bag(tmp_path / 'bag') as bag:
        stored = [message.data for message in bag.messages()]
    assert stored[-len(sent) :] == sent


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
