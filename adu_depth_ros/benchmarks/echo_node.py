# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
A node that sends each image back as it is: what the transport alone costs a node in Python.

    python -m adu_depth_ros.benchmarks.echo_node

It receives and publishes as the depth node does: best effort and newest only in, reliable out.
"""

import sys
from collections.abc import Sequence

from rclpy.node import Node
from sensor_msgs.msg import Image

from adu_depth_ros.benchmarks.timed_camera import IMAGE_TOPIC
from adu_depth_ros.nodes import qos
from adu_depth_ros.nodes.run_node import run_node

ECHO_TOPIC = 'echo/image'


class EchoNode(Node):
    """Publishes each image that it receives."""

    def __init__(self) -> None:
        super().__init__('echo_node')
        publisher = self.create_publisher(Image, ECHO_TOPIC, qos.for_everyone())
        self.create_subscription(Image, IMAGE_TOPIC, publisher.publish, qos.newest_only())


def main(args: Sequence[str] | None = None) -> int:
    """Run the node until SIGINT or SIGTERM; returns the exit code."""
    return run_node(EchoNode, args)


if __name__ == '__main__':
    sys.exit(main())
