# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A timer that goes off once, also where simulated time stands still."""

from collections.abc import Callable

from rclpy.clock import Clock, ClockType  # Humble has no rclpy.clock_type
from rclpy.node import Node
from rclpy.timer import Timer


def once(node: Node, seconds: float, callback: Callable[[], None]) -> Timer:
    """Return a timer that calls back once; its owner destroys it."""

    def fire() -> None:
        timer.cancel()
        callback()

    timer = node.create_timer(seconds, fire, clock=Clock(clock_type=ClockType.STEADY_TIME))
    return timer
