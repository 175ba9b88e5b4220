# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Brings a depth node in another process to life, and counts what it publishes."""

import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from lifecycle_msgs.srv import ChangeState
from rclpy.client import Client
from rclpy.context import Context
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rclpy.qos import QoSProfile, ReliabilityPolicy
from sensor_msgs.msg import CameraInfo

from adu_depth_ros.ros_start import ros

NAP_S = 0.05


class NodeSupervisor:
    """
    Changes the states of a lifecycle node, and counts the messages on one of its topics.

    Parameters
    ----------
    node : Node
        Ours, to talk through.
    target : str
        Full name of the lifecycle node: '/demo/mono_depth_node'.
    counted_topic : str
        A camera_info topic of it; each message is counted.
    check : callable
        Called often while waiting; raises to end that.

    """

    def __init__(
        self, node: Node, target: str, counted_topic: str, check: Callable[[], None]
    ) -> None:
        self._node, self._check = node, check
        self._change_state: Client[Any, Any] = node.create_client(
            ChangeState, f'{target}/change_state'
        )
        self._executor = SingleThreadedExecutor(context=node.context)
        self._executor.add_node(node)
        self.count = 0
        qos = QoSProfile(depth=10, reliability=ReliabilityPolicy.BEST_EFFORT)
        node.create_subscription(CameraInfo, counted_topic, self._count, qos, raw=True)

    def wait_until(self, happened: Callable[[], object], timeout_s: float) -> bool:
        """Let messages come in until `happened()`; False when it did not in time."""
        deadline = time.monotonic() + timeout_s
        while not happened():
            if time.monotonic() > deadline:
                return False
            self._check()
            self._executor.spin_once(timeout_sec=NAP_S)
        return True

    def change_state(self, transition: int, timeout_s: float) -> bool:
        """Ask for a transition of `lifecycle_msgs/Transition`; return whether it succeeded."""
        if not self.wait_until(self._change_state.service_is_ready, timeout_s):
            return False
        request = ChangeState.Request()
        request.transition.id = transition
        future = self._change_state.call_async(request)
        if not self.wait_until(future.done, timeout_s):
            return False
        response = future.result()
        return response is not None and bool(response.success)

    def wait_for_subscribers(self, topics: Collection[str], timeout_s: float) -> bool:
        """Wait until every topic has a subscriber; return whether all have."""
        return self.wait_until(
            lambda: all(self._node.count_subscribers(topic) for topic in topics), timeout_s
        )

    def wait_until_quiet(self, complete: Callable[[], bool], quiet_s: float) -> None:
        """Wait until `complete()`, or nothing was counted for some seconds."""
        while not complete():
            since = self.count
            news = partial(self._has_news, since, complete)
            if not self.wait_until(news, quiet_s):
                return

    def close(self) -> None:
        """Let go of the executor."""
        self._executor.shutdown()

    def _has_news(self, since: int, complete: Callable[[], bool]) -> bool:
        return complete() or self.count != since

    def _count(self, _data: bytes) -> None:
        self.count += 1


@contextmanager
def supervising(
    target: str, counted_topic: str, *, domain: int, check: Callable[[], None]
) -> Iterator[NodeSupervisor]:
    """Supervise a node in a ROS domain for the time of the block."""
    context = Context()
    with ros([], context, domain=domain):
        node = Node('node_supervisor', context=context, start_parameter_services=False)
        supervisor = NodeSupervisor(node, target, counted_topic, check)
        yield supervisor
        supervisor.close()
        node.destroy_node()
