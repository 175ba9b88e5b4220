# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What a node says of itself on /diagnostics, once a second by its own clock."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus, KeyValue
from rclpy.node import Node

from adu_depth_core.errors import escaped

TOPIC = '/diagnostics'
PERIOD_S = 1.0


@dataclass(frozen=True)
class Health:
    """
    How a node is.

    Parameters
    ----------
    level : bytes
        `DiagnosticStatus.OK`, `WARN` or `ERROR`.
    message : str
        One sentence.
    hardware : str
        What the model runs on.
    values : mapping
        Figures with their units in their names.

    """

    level: bytes
    message: str
    hardware: str
    values: Mapping[str, str]


class Diagnostics:
    """
    Publishes the health of a node for as long as the node lives.

    Parameters
    ----------
    node : Node
        By its clock once a second: where simulated time stands still, nothing is said.
    examine : callable
        Returns the health; called in the executor's thread.

    """

    def __init__(self, node: Node, examine: Callable[[], Health]) -> None:
        self._node, self._examine = node, examine
        # A plain publisher: it speaks in every state of a lifecycle node.
        self._publisher = Node.create_publisher(node, DiagnosticArray, TOPIC, 1)
        node.create_timer(PERIOD_S, self.publish)

    def publish(self) -> None:
        """Say how the node is now."""
        health = self._examine()
        status = DiagnosticStatus(
            level=health.level,
            name=f'{self._node.get_fully_qualified_name().lstrip("/")}: frames',
            message=escaped(health.message),
            hardware_id=health.hardware,
            values=[KeyValue(key=key, value=escaped(it)) for key, it in health.values.items()],
        )
        array = DiagnosticArray(status=[status])
        array.header.stamp = self._node.get_clock().now().to_msg()
        self._publisher.publish(array)
