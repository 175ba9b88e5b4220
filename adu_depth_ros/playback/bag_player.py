# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Publishes a bag in real time from the stored bytes, so that no message is rebuilt."""

import re
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from rclpy.duration import Duration
from rclpy.exceptions import NameValidationException
from rclpy.impl.implementation_singleton import rclpy_implementation
from rclpy.node import Node
from rclpy.publisher import Publisher
from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy
from rosgraph_msgs.msg import Clock

from adu_depth_core.bags import Bag, BagMessage, Topic
from adu_depth_core.errors import InputError, escaped

CLOCK_TOPIC = '/clock'
LONGEST_NAP_S = 0.05  # a request to stop is heard this soon
# What DDS does not tell: when a subscriber has found us as well as we it, and when one that does
# not acknowledge has taken the last message, which goes when we go.
GRACE_S = 0.5
LATCHED_DEPTH_LIMIT = 1000
# Nothing else is imported, whatever a recording names.
MESSAGE_TYPE = re.compile(r'[a-z][a-z0-9_]*/msg/[A-Za-z][A-Za-z0-9]*')
IMAGE_TYPES = ('sensor_msgs/msg/Image', 'sensor_msgs/msg/CompressedImage')


@dataclass(frozen=True)
class Schedule:
    """
    Tells when the messages of a bag are due; from one fixed start, so that delays do not add up.

    Parameters
    ----------
    bag_start_ns : int
        Bag time of the first message.
    started_ns : int
        When playing began, by the steady clock of `time.monotonic_ns`.
    rate : float
        Seconds of the bag that pass in one second.

    """

    bag_start_ns: int
    started_ns: int
    rate: float = 1.0

    def due_ns(self, bag_time_ns: int) -> int:
        """Return the steady time at which a message of this bag time is to be sent."""
        return self.started_ns + round((bag_time_ns - self.bag_start_ns) / self.rate)

    def bag_time_ns(self, steady_ns: int) -> int:
        """Return the bag time at a steady time: what /clock says."""
        return self.bag_start_ns + round((steady_ns - self.started_ns) * self.rate)


def message_class(msgtype: str) -> type | None:
    """Return the Python class of `sensor_msgs/msg/Image`; None where it is not installed."""
    if not MESSAGE_TYPE.fullmatch(msgtype):
        return None
    package, kind, name = msgtype.split('/')
    try:
        found: type | None = getattr(import_module(f'{package}.{kind}'), name, None)
    except ImportError:
        return None
    return found


def profile_of(topic: Topic) -> QoSProfile:
    """Return the QoS to publish a topic with: reliable, latched where it was in the recording."""
    if topic.latched:
        return QoSProfile(
            depth=min(max(topic.count, 1), LATCHED_DEPTH_LIMIT),
            reliability=ReliabilityPolicy.RELIABLE,
            durability=DurabilityPolicy.TRANSIENT_LOCAL,
        )
    depth = 1 if topic.msgtype in IMAGE_TYPES else 10
    return QoSProfile(depth=depth, reliability=ReliabilityPolicy.RELIABLE)


class BagPlayer:
    """
    Publishers for the topics of a bag, and the loop that feeds them.

    Parameters
    ----------
    node : Node
        Publishes; remappings of its context apply.
    bag : Bag
        What is played.
    topics : collection of str, optional
        Only these; InputError when one is not in the bag.
    clock_hz : float, optional
        Publish bag time on /clock so often; a /clock in the bag is then left out.
    should_stop : callable
        Asked often; playing and waiting end early when it says True.

    """

    def __init__(
        self,
        node: Node,
        bag: Bag,
        *,
        topics: Collection[str] | None = None,
        clock_hz: float | None = None,
        should_stop: Callable[[], bool] = lambda: False,
    ) -> None:
        self._node, self._bag, self._should_stop = node, bag, should_stop
        self.publishers: Mapping[str, Publisher[Any]] = {
            topic.name: publisher
            for topic in _chosen(bag, topics)
            if not (clock_hz and topic.name == CLOCK_TOPIC)
            and (publisher := self._publisher(topic)) is not None
        }
        self._clock = node.create_publisher(Clock, CLOCK_TOPIC, 10) if clock_hz else None
        self._tick_ns = round(1e9 / clock_hz) if clock_hz else 0
        self._next_tick_ns = 0

    @property
    def message_count(self) -> int:
        """Messages that one pass publishes."""
        return sum(self._bag.topics[name].count for name in self.publishers)

    def wait_for_subscribers(self, timeout_s: float) -> None:
        """
        Wait until every topic has a subscriber, and that one has had time to find us as well.

        Raises InputError when some have none after `timeout_s` seconds.
        """
        deadline = time.monotonic() + timeout_s
        while lonely := [n for n, p in self.publishers.items() if not p.get_subscription_count()]:
            if self._ends():
                return
            if time.monotonic() > deadline:
                raise InputError(
                    f'nobody subscribed to {", ".join(lonely)} within {timeout_s:g} s; '
                    'start the subscriber first or choose topics with --topics'
                )
            time.sleep(LONGEST_NAP_S)
        self.wait(GRACE_S)

    def wait(self, seconds: float) -> None:
        """Wait, or until it is time to stop."""
        self._sleep_until(time.monotonic_ns() + round(seconds * 1e9))

    def play(
        self,
        *,
        rate: float = 1.0,
        duration_ns: int | None = None,
        on_published: Callable[[BagMessage, int], None],
    ) -> None:
        """
        Publish every message once, each at its time; late ones at once.

        Parameters
        ----------
        rate : float
            Seconds of the bag that pass in one second.
        duration_ns : int, optional
            Leave out what comes later than this after the first message.
        on_published : callable
            Told each message and the wall time in nanoseconds just before it was handed to DDS.

        """
        schedule = None
        for message in self._bag.messages(self.publishers):
            if schedule is None:
                schedule = Schedule(message.time_ns, time.monotonic_ns(), rate)
                self._next_tick_ns = schedule.started_ns
            if duration_ns is not None and message.time_ns > schedule.bag_start_ns + duration_ns:
                return
            self._sleep_until(schedule.due_ns(message.time_ns), schedule)
            if self._ends():
                return
            published_ns = time.time_ns()
            if not self._publish(self.publishers[message.topic], message.data):
                return
            on_published(message, published_ns)

    def flush(self, timeout_s: float = 1.0) -> None:
        """Wait until subscribers, reliable and best effort, have what was sent."""
        for publisher in self.publishers.values():
            publisher.wait_for_all_acked(Duration(seconds=timeout_s))
        self.wait(GRACE_S)

    def _publisher(self, topic: Topic) -> 'Publisher[Any] | None':
        kind = message_class(topic.msgtype)
        if kind is None:
            self._leave_out(topic, f'its type {topic.msgtype} is not installed')
            return None
        try:
            return self._node.create_publisher(kind, topic.name, profile_of(topic))
        except NameValidationException:  # as ROS 1 and others' writers have them
            self._leave_out(topic, 'that is no name of a topic in ROS 2')
            return None

    def _leave_out(self, topic: Topic, reason: str) -> None:
        self._node.get_logger().warning(escaped(f'{topic.name} is left out: {reason}'))

    def _publish(self, publisher: 'Publisher[Any]', message: Any) -> bool:
        """Publish; False where ROS was shut down meanwhile, which is no fault of ours."""
        try:
            publisher.publish(message)
        except rclpy_implementation.RCLError:
            if self._node.context.ok():
                raise
            return False
        return True

    def _ends(self) -> bool:
        return self._should_stop() or not self._node.context.ok()

    def _sleep_until(self, due_ns: int, schedule: Schedule | None = None) -> None:
        while not self._ends():
            now_ns = time.monotonic_ns()
            wake_ns = due_ns
            if self._clock and schedule:
                self._tick(now_ns, schedule)
                wake_ns = min(due_ns, self._next_tick_ns)
            if now_ns >= due_ns:
                return
            time.sleep(min((wake_ns - now_ns) / 1e9, LONGEST_NAP_S))

    def _tick(self, now_ns: int, schedule: Schedule) -> None:
        if self._clock is None or now_ns < self._next_tick_ns:
            return
        seconds, nanoseconds = divmod(schedule.bag_time_ns(now_ns), 1_000_000_000)
        clock = Clock()
        clock.clock.sec, clock.clock.nanosec = seconds, nanoseconds
        self._publish(self._clock, clock)
        missed = (now_ns - self._next_tick_ns) // self._tick_ns
        self._next_tick_ns += (missed + 1) * self._tick_ns


def _chosen(bag: Bag, topics: Collection[str] | None) -> list[Topic]:
    if topics is None:
        return sorted(bag.topics.values(), key=lambda topic: topic.name)
    return [bag.require(name) for name in topics]
