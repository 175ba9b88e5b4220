# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A robot with a camera and another sensor, in the small ROS world of the conftests above."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rclpy.node import Node
from rclpy.qos import QoSProfile
from sensor_msgs.msg import CameraInfo, Image, PointCloud2
from stereo_msgs.msg import DisparityImage

Fixture = Any  # StereoWorld of conftest.py above, which cannot be imported
FRAME = 'left_optical_frame'
KINDS = {
    'disparity': {'teacher/disparity': DisparityImage},
    'depth': {'teacher/depth': Image},
    'points': {'teacher/points': PointCloud2},
}


class Robot:
    """A camera and another sensor, which publish as drivers do."""

    def __init__(self, stereo: Fixture, kinds: dict[str, type], infos: dict[str, CameraInfo]):
        self.stereo, self.infos, self.count = stereo, infos, 0
        world = stereo.world
        self.node = world.add(Node('robot', context=world.context))
        topics = {f'{side}/image_rect': Image for side in infos} | kinds
        topics |= {f'{side}/camera_info': CameraInfo for side in infos}
        self.publishers = {
            topic: self.node.create_publisher(kind, topic, QoSProfile(depth=10))
            for topic, kind in topics.items()
        }

    def meet(self, node: Any) -> None:
        """Wait for the node's ears, and publish the calibrations."""
        self.stereo.spin_until(
            lambda: all(p.get_subscription_count() for p in self.publishers.values()),
            'the node subscribes to camera and sensor',
        )
        for side, info in self.infos.items():
            self.publishers[f'{side}/camera_info'].publish(info)
        self.stereo.spin_until(
            lambda: set(self.infos) <= set(node._stereo._infos), 'camera_info arrives'
        )

    def send(self, node: Any, *, delay_ns: int = 0, **messages: Any) -> Image:
        """Publish messages of one moment by topic, `__` for a slash; see each arrive."""
        self.count += 1
        stamp_ns = 10**12 + self.count * 10**8
        left = messages.setdefault('left__image_rect', picture(self.count))
        left = messages.pop('left__image_rect')
        for name, message in {'left__image_rect': left, **messages}.items():
            topic = name.replace('__', '/')
            own_ns = stamp_ns + (delay_ns if 'teacher' in topic else 0)
            if not message.header.frame_id:
                message.header.frame_id = FRAME
            message.header.stamp.sec, message.header.stamp.nanosec = divmod(own_ns, 10**9)
            before = node.images_in
            self.publishers[topic].publish(message)
            self.stereo.spin_until(lambda b=before: node.images_in > b, f'{topic} arrives')
        return left


def picture(seed: int) -> Image:
    """Return an rgb8 image of noise."""
    pixels = np.random.default_rng(seed).integers(0, 255, (4, 8, 3), np.uint8)
    message = Image(width=8, height=4, encoding='rgb8', step=24)
    message.data.frombytes(pixels.tobytes())
    return message


def no_network(model: str, **options: Any) -> Any:
    raise AssertionError('a sensor needs no network')


@pytest.fixture
def make_picture() -> Callable[[int], Image]:
    return picture


@pytest.fixture
def robot_of(stereo: Fixture) -> Callable[..., Robot]:
    """Return a function of topics with their types, and of calibrations by side."""
    return lambda kinds, infos: Robot(stereo, kinds, infos)


@pytest.fixture
def sensor_node(stereo: Fixture) -> Callable[..., Any]:
    """Return a function of parameters that makes a node which must not load a network."""
    return lambda **options: stereo.node(None, load=no_network, **options)


@pytest.fixture
def started(
    stereo: Fixture,
    sensor_node: Fixture,
    left_info: Callable[..., CameraInfo],
    make_right_info: Callable[..., Any],
) -> Callable[..., tuple[Any, Robot]]:
    """Return a function that brings up a node for a kind of teacher, and the robot before it."""

    def start(kind: str, *, right: bool = False, **parameters: Any) -> tuple[Any, Robot]:
        node = sensor_node(teacher=kind, **parameters)
        stereo.world.spin_until_state(node, 'active')
        kinds = dict(KINDS[kind])
        if parameters.get('use_confidence'):
            kinds['teacher/confidence'] = Image
        infos = {'left': left_info(), **({'right': make_right_info()} if right else {})}
        robot = Robot(stereo, kinds, infos)
        robot.meet(node)
        return node, robot

    return start


@pytest.fixture
def extrinsics(tmp_path: Path) -> str:
    """A scanner in the place of the camera, x ahead and z up."""
    path = tmp_path / 'extrinsics.yaml'
    path.write_text(
        f'- parent: {FRAME}\n  child: laser\n  translation: [0.0, 0.0, 0.0]\n'
        '  rotation: [0.5, -0.5, 0.5, 0.5]\n'
    )
    return str(path)
