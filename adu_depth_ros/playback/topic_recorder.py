# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
Writes topics to an mcap bag as they arrive, best effort, with the wall time of receipt.

    python -m adu_depth_ros.playback.topic_recorder OUT TOPIC=sensor_msgs/msg/Image ...

SIGINT or SIGTERM ends the recording; the bag is written whole or not at all.
"""

import argparse
import queue
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from rclpy.context import Context
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rclpy.qos import QoSProfile, ReliabilityPolicy

from adu_depth_core.bags import BagMessage, bag_writer
from adu_depth_core.commands import run
from adu_depth_core.errors import InputError
from adu_depth_core.messages.types import modern_type
from adu_depth_ros.malloc_thresholds import raise_malloc_thresholds
from adu_depth_ros.nodes.stop_signals import stop_requested
from adu_depth_ros.playback.bag_player import message_class
from adu_depth_ros.ros_start import ros

Arrivals = queue.SimpleQueue[BagMessage]
NAP_S = 0.05
DEPTH = 100  # messages that a topic may be behind: three seconds of a camera at 30 Hz


class TopicRecorder(Node):
    """
    Subscribes to topics and hands on their bytes, without a look into them.

    Parameters
    ----------
    topics : mapping
        {name: type}, as {'/depth/image_rect': 'sensor_msgs/msg/Image'}.
    arrivals : queue
        Where every message is put, its time that of receipt.
    context : Context
        Of ROS.

    """

    def __init__(self, topics: Mapping[str, str], arrivals: Arrivals, context: Context) -> None:
        super().__init__('topic_recorder', context=context, start_parameter_services=False)
        qos = QoSProfile(depth=DEPTH, reliability=ReliabilityPolicy.BEST_EFFORT)
        for topic, msgtype in topics.items():
            kind = message_class(msgtype)
            if kind is None:
                raise InputError(f'{topic}: the type {msgtype} is not installed')

            def note(data: bytes, topic: str = topic, msgtype: str = msgtype) -> None:
                arrivals.put(BagMessage(topic, msgtype, data, time.time_ns()))

            self.create_subscription(kind, topic, note, qos, raw=True)


def main(argv: Sequence[str] | None = None) -> int:
    """Record until a signal comes, and return 0."""
    parser = argparse.ArgumentParser(prog='topic_recorder', description='record topics to mcap')
    parser.add_argument('output', type=Path, help='folder that will be the bag')
    parser.add_argument('topics', nargs='+', metavar='NAME=TYPE')
    parser.add_argument('--force', action='store_true', help='replace a bag that is there')
    options = parser.parse_args(argv)
    topics = dict(_named_type(words) for words in options.topics)
    raise_malloc_thresholds()
    with stop_requested() as stop, bag_writer(options.output, overwrite=options.force) as bag:
        with arrivals_of(topics) as arrivals:
            while not stop():
                for message in _waiting(arrivals):
                    bag.write(message.topic, message.msgtype, message.data, message.time_ns)
        for message in _waiting(arrivals):
            bag.write(message.topic, message.msgtype, message.data, message.time_ns)
    return 0


@contextmanager
def arrivals_of(topics: Mapping[str, str]) -> Iterator[Arrivals]:
    """Receive in a thread, so that the time of receipt does not wait for the disk."""
    arrivals: Arrivals = queue.SimpleQueue()
    context = Context()
    with ros([], context):
        node = TopicRecorder(topics, arrivals, context)
        executor = SingleThreadedExecutor(context=context)
        executor.add_node(node)
        ended = threading.Event()
        thread = threading.Thread(target=_spin_until, args=(executor, ended))
        thread.start()
        try:
            yield arrivals
        finally:
            ended.set()
            thread.join()
            executor.shutdown()
            node.destroy_node()


def _spin_until(executor: SingleThreadedExecutor, ended: threading.Event) -> None:
    """Look up now and then: an executor that is shut down by another thread may wait for ever."""
    while not ended.is_set():
        executor.spin_once(timeout_sec=NAP_S)


def _waiting(arrivals: Arrivals) -> Iterator[BagMessage]:
    """Yield what has arrived, having waited a moment for the first."""
    try:
        yield arrivals.get(timeout=NAP_S)
        while True:
            yield arrivals.get_nowait()
    except queue.Empty:
        return


def _named_type(words: str) -> tuple[str, str]:
    name, separator, msgtype = words.partition('=')
    msgtype = modern_type(msgtype)
    if not separator or msgtype.count('/') != 2:
        raise InputError(f'{words}: write NAME=TYPE, as /depth/image_rect=sensor_msgs/msg/Image')
    return name, msgtype


if __name__ == '__main__':
    sys.exit(run(main))
