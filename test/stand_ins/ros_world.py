# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
A small ROS world inside the test process: real nodes, real DDS.

Tests wait for what they expect (`World.spin_until`), never for time to pass.
"""

import gc
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
import rclpy
from numpy.typing import NDArray
from rcl_interfaces.msg import Log
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rclpy.parameter import Parameter
from rclpy.publisher import Publisher
from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy
from sensor_msgs.msg import CameraInfo, Image, LaserScan, PointCloud2
from std_msgs.msg import Header

from adu_depth_core.camera import Camera
from adu_depth_core.inference.factors import Factors
from adu_depth_core.inference.prediction import Prediction, new_prediction
from adu_depth_ros.mono.mono_depth_node import MonoDepthNode
from adu_depth_ros.nodes.depth_outputs import is_heard
from adu_depth_ros.nodes.managed_depth_node import ManagedDepthNode

WIDTH, HEIGHT = 8, 4
DEADLINE_S = 30.0


class FakePredictor:
    """
    Answers with depth = row + 1 and std = 0.1 m, except for one pixel that is unknown.

    It remembers what it was asked; a closed `gate` holds it at work, as a slow model would be.
    """

    runtime_name, device_name, precision = 'fake', 'cpu', 'float32'
    parity = None

    def __init__(self) -> None:
        self.max_depth: float = 80.0
        self.max_relative_std = 0.5
        self.factors = Factors()
        self.model_sha256 = 'ab' * 32
        self.warm_sizes: list[tuple[int, int]] = []
        self.images: list[NDArray[np.uint8]] = []
        self.cameras: list[Camera] = []
        self.limits: list[tuple[float, float]] = []
        self.error: Exception | None = None
        self.gate = threading.Event()
        self.gate.set()

    def warm_up(self, width: int, height: int) -> None:
        self.warm_sizes.append((width, height))

    def output_camera(self, camera: Camera) -> Camera:
        return camera

    def __call__(
        self, image: NDArray[np.uint8], camera: Camera, out: Prediction | None = None
    ) -> Prediction:
        self.images.append(image)
        self.cameras.append(camera)
        self.limits.append((self.max_depth, self.max_relative_std))
        assert self.gate.wait(DEADLINE_S), 'the test forgot to open the gate'
        if self.error is not None:
            raise self.error
        out = new_prediction(self.output_camera(camera)) if out is None else out
        out.depth_m[:] = np.arange(1, len(out.depth_m) + 1, dtype=np.float32)[:, None]
        out.std_m[:] = 0.1
        out.depth_m[0, 0] = out.std_m[0, 0] = np.nan
        return out


class World:
    """Nodes of one test and the executor that they share."""

    def __init__(self) -> None:
        self.context = rclpy.Context()
        rclpy.init(context=self.context)
        self.executor = SingleThreadedExecutor(context=self.context)
        self.nodes: list[Node] = []
        self.logs: list[Log] = []
        self.marks = 0
        self.tester = self.add(Node('tester', context=self.context))
        rosout = QoSProfile(
            depth=1000,
            reliability=ReliabilityPolicy.RELIABLE,
            durability=DurabilityPolicy.TRANSIENT_LOCAL,
        )
        self.tester.create_subscription(Log, '/rosout', self.logs.append, rosout)

    def add(self, node: Node) -> Node:
        self.nodes.append(node)
        self.executor.add_node(node)
        return node

    def remove(self, node: Node) -> None:
        self.executor.remove_node(node)
        self.nodes.remove(node)
        node.destroy_node()

    def mono_depth(
        self,
        predictor: FakePredictor | None = None,
        *,
        load: Callable[..., Any] | None = None,
        patience_s: float = 60.0,
        name_space: str | None = None,
        cli_args: list[str] | None = None,
        **parameters: Any,
    ) -> MonoDepthNode:
        """Return a node with a fake model that spins in this world."""
        loaded = predictor or FakePredictor()

        def load_given(model: str, **options: Any) -> Any:
            return loaded

        node = MonoDepthNode(
            load_predictor=load or load_given,
            patience_s=patience_s,
            context=self.context,
            namespace=name_space,
            cli_args=cli_args,
            parameter_overrides=[
                Parameter(name, value=value) for name, value in parameters.items()
            ],
        )
        self.add(node)
        return node

    @property
    def everything(self) -> dict[str, type]:
        """All topics that a mono node publishes."""
        return Audience.TOPICS | Audience.VIEWS

    def camera(self, **options: Any) -> 'FakeCamera':
        return FakeCamera(self, **options)

    def audience(self, **options: Any) -> 'Audience':
        return Audience(self, **options)

    def live(
        self,
        predictor: FakePredictor,
        *,
        topics: Mapping[str, type] = MappingProxyType({}),
        camera_options: Mapping[str, Any] = MappingProxyType({}),
        reliable: bool = True,
        **parameters: Any,
    ) -> 'Live':
        """
        Return an active node with a calibrated camera before it and an audience behind it.

        The audience listens to `topics`, or to depth and its standard deviation.
        """
        audience = self.audience(topics=topics or Audience.TOPICS, reliable=reliable)
        camera = self.camera(**camera_options)
        node = self.mono_depth(predictor, **parameters)
        self.spin_until_state(node, 'active')
        camera.wait_for_node()
        audience.wait_for_node(node)
        camera.send_info(node)
        return Live(node, camera, audience)

    def spin_until(self, happened: Callable[[], object], what: str) -> None:
        """Let the nodes work until `happened()`; fail, saying `what`, when it does not."""
        deadline = time.monotonic() + DEADLINE_S
        while not happened():
            assert time.monotonic() < deadline, f'did not happen: {what}'
            self.executor.spin_once(timeout_sec=0.02)

    def spin_during(self, wait: Callable[[], object], what: str) -> None:
        """Let the nodes work while `wait` blocks in a thread; raises what it raises."""
        with ThreadPoolExecutor() as pool:
            future = pool.submit(wait)
            self.spin_until(future.done, what)
        future.result()

    def spin_until_state(self, node: ManagedDepthNode, label: str) -> None:
        self.spin_until(lambda: self.state_of(node) == label, f'{node.get_name()} is {label}')

    @staticmethod
    def state_of(node: ManagedDepthNode) -> str:
        return str(node._state_machine.current_state[1])

    def said(self, fragment: str) -> list[str]:
        """Return what was logged and has `fragment` in it; waits for all that is on its way."""
        self.marks += 1
        mark = f'mark {self.marks}'
        node = next(n for n in self.nodes if isinstance(n, MonoDepthNode))
        node.get_logger().info(mark)
        self.spin_until(lambda: any(log.msg == mark for log in self.logs), 'the log arrives')
        return [log.msg for log in self.logs if fragment in log.msg]

    def close(self) -> None:
        while self.nodes:
            self.remove(self.nodes[-1])
        self.executor.shutdown()
        self.context.try_shutdown()
        del self.tester, self.executor
        # A lifecycle node holds its handle until it is collected; until then rcl would send the
        # log of the next node of that name to it.
        gc.collect()


class FakeCamera:
    """Publishes images and camera_info as a driver does, stamp by stamp."""

    def __init__(
        self,
        world: World,
        *,
        reliable: bool = True,
        image: str = 'image_rect',
        kind: type = Image,
        name_space: str = '',
    ) -> None:
        reliability = ReliabilityPolicy.RELIABLE if reliable else ReliabilityPolicy.BEST_EFFORT
        qos = QoSProfile(depth=10, reliability=reliability)
        self.world = world
        self.node = world.add(Node('camera', context=world.context, namespace=name_space))
        self.images: Publisher[Any] = self.node.create_publisher(kind, image, qos)
        self.infos = self.node.create_publisher(CameraInfo, 'camera_info', qos)
        self.sent = 0

    def header(self) -> Header:
        self.sent += 1
        header = Header(frame_id='camera_optical_frame')
        header.stamp.sec, header.stamp.nanosec = 1000 + self.sent, 123456789
        return header

    def wait_for_node(self) -> None:
        publishers = (self.images, self.infos)
        self.world.spin_until(
            lambda: all(publisher.get_subscription_count() for publisher in publishers),
            'the node subscribes to the camera',
        )

    def publish_info(self, **fields: Any) -> CameraInfo:
        message = camera_info(**fields)
        message.header = self.header()
        self.infos.publish(message)
        return message

    def send_info(self, node: MonoDepthNode, **fields: Any) -> CameraInfo:
        """Publish a calibration and see it arrive."""
        before = node._camera_info
        message = self.publish_info(**fields)
        self.world.spin_until(lambda: node._camera_info is not before, 'camera_info arrives')
        return message

    def send(self, message: Any | None = None) -> Any:
        """Publish an image, a good one unless given."""
        message = message or rgb_image()
        message.header = self.header()
        self.images.publish(message)
        return message


class Received:
    """Keeps what came on each topic."""

    def __init__(self, world: World, topics: Iterable[str]) -> None:
        self.world = world
        self.received: dict[str, list[Any]] = {topic: [] for topic in topics}

    def wait_for(self, count: int) -> None:
        self.world.spin_until(
            lambda: all(len(messages) >= count for messages in self.received.values()),
            f'{count} messages on each of the outputs',
        )

    def __getitem__(self, topic: str) -> list[Any]:
        return self.received[topic]


class Audience(Received):
    """Subscribes to all that a depth node publishes and keeps it."""

    TOPICS = MappingProxyType(
        {
            'depth/image_rect': Image,
            'depth/camera_info': CameraInfo,
            'depth_std/image_rect': Image,
            'depth_std/camera_info': CameraInfo,
        }
    )

    # What is made only for those who ask for it by name.
    VIEWS = MappingProxyType(
        {
            'depth/image_raw': Image,
            'depth_color/image': Image,
            'rectified_image': Image,
            'laser_scan': LaserScan,
            'points': PointCloud2,
        }
    )

    def __init__(
        self,
        world: World,
        *,
        reliable: bool = True,
        name_space: str = '',
        topics: Mapping[str, type] = TOPICS,
    ) -> None:
        reliability = ReliabilityPolicy.RELIABLE if reliable else ReliabilityPolicy.BEST_EFFORT
        qos = QoSProfile(depth=10, reliability=reliability)
        super().__init__(world, topics)
        self.node = world.add(Node('audience', context=world.context))
        self.subscriptions = [
            self.node.create_subscription(
                kind, f'{name_space}/{topic}', self.received[topic].append, qos
            )
            for topic, kind in topics.items()
        ]

    def wait_for_node(self, node: MonoDepthNode) -> None:
        outputs = node._outputs
        assert outputs is not None
        topics = {subscription.topic_name for subscription in self.subscriptions}
        self.world.spin_until(
            lambda: topics <= {p.topic_name for p in outputs._publishers if is_heard(p)},
            'the node sees its audience',
        )


@dataclass
class Live:
    """A node at work."""

    node: MonoDepthNode
    camera: FakeCamera
    audience: Audience


def rgb_image(width: int = WIDTH, height: int = HEIGHT) -> Image:
    """Return an rgb8 image whose bytes count up."""
    data = bytes(i % 251 for i in range(width * height * 3))
    message = Image(width=width, height=height, encoding='rgb8', step=width * 3)
    message.data.frombytes(data)
    return message


def camera_info(**fields: Any) -> CameraInfo:
    """Return the calibration of a left rectified camera; K and P differ, P[3] is not zero."""
    message = CameraInfo(width=WIDTH, height=HEIGHT, distortion_model='rational_polynomial')
    message.d = [0.1] * 8
    message.k = [10.0, 0.0, 3.0, 0.0, 11.0, 2.0, 0.0, 0.0, 1.0]
    message.r = [0.0, 1.0, 0.0, -1.0, 0.0, 0.0, 0.0, 0.0, 1.0]
    message.p = [9.0, 0.0, 3.5, 4.5, 0.0, 9.5, 1.5, 0.0, 0.0, 0.0, 1.0, 0.0]
    for name, value in fields.items():
        setattr(message, name, value)
    return message
