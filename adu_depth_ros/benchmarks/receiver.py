# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
Notes when messages arrive, in a process of its own, and looks at nothing but their stamps.

    python -m adu_depth_ros.benchmarks.receiver LOG.json depth/image_rect=sensor_msgs/msg/Image

LOG.json has for each topic the stamps and the wall times of receipt, in nanoseconds.
"""

import argparse
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from rclpy.node import Node
from rclpy.qos import QoSProfile, ReliabilityPolicy

from adu_depth_core.bags import header_stamp_ns
from adu_depth_core.commands import run
from adu_depth_ros.benchmarks.stamps import write_log
from adu_depth_ros.nodes.run_node import run_node
from adu_depth_ros.playback.bag_player import message_class

Receipts = dict[str, list[tuple[int, int]]]


class Receiver(Node):
    """
    Subscribes to topics, best effort, and keeps stamp and time of receipt of each message.

    Parameters
    ----------
    topics : mapping
        {name: type}, as {'depth/image_rect': 'sensor_msgs/msg/Image'}.
    receipts : dict
        Where they are kept.

    """

    def __init__(self, topics: Mapping[str, str], receipts: Receipts) -> None:
        super().__init__('benchmark_receiver', start_parameter_services=False)
        profile = QoSProfile(depth=10, reliability=ReliabilityPolicy.BEST_EFFORT)
        for topic, msgtype in topics.items():
            kind = message_class(msgtype)
            assert kind is not None, f'{msgtype} is not installed'
            receipts[topic] = []

            def note(data: bytes, topic: str = topic) -> None:
                receipts[topic].append((header_stamp_ns(data), time.time_ns()))

            self.create_subscription(kind, topic, note, profile, raw=True)


def main(argv: Sequence[str] | None = None) -> int:
    """Receive until SIGINT or SIGTERM, write the log and return 0."""
    parser = argparse.ArgumentParser(prog='receiver', description=__doc__.splitlines()[0])
    parser.add_argument('log', type=Path)
    parser.add_argument('topics', nargs='+', metavar='NAME=TYPE')
    options = parser.parse_args(argv)
    topics = dict(words.split('=') for words in options.topics)
    receipts: Receipts = {}
    code = run_node(lambda: Receiver(topics, receipts), ['receiver'])
    write_log(options.log, receipts)
    return code


if __name__ == '__main__':
    sys.exit(run(main))
