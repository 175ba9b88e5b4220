# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
How our nodes talk, by REP 2003, and how a user may change it.

Each function makes a new profile: rclpy writes the user's overrides into the one it is given.
"""

from rclpy.qos import HistoryPolicy, QoSProfile, ReliabilityPolicy
from rclpy.qos_overriding_options import QoSOverridingOptions


def newest_only() -> QoSProfile:
    """For subscriptions: best effort matches every publisher, depth 1 keeps what is fresh."""
    return QoSProfile(
        history=HistoryPolicy.KEEP_LAST, depth=1, reliability=ReliabilityPolicy.BEST_EFFORT
    )


def for_everyone() -> QoSProfile:
    """For publishers: reliable matches every subscriber, depth 1 holds no stale frames."""
    return QoSProfile(
        history=HistoryPolicy.KEEP_LAST, depth=1, reliability=ReliabilityPolicy.RELIABLE
    )


def overridable() -> QoSOverridingOptions:
    """Let parameters qos_overrides.TOPIC.* set history, depth and reliability."""
    return QoSOverridingOptions.with_default_policies()
