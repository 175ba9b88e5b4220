# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A robot with a camera and another sensor, in the small ROS world."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from rclpy.node import Node
from rclpy.qos import QoSProfile
from sensor_msgs.msg import CameraInfo, Image, PointCloud2
from stereo_msgs.msg import DisparityImage

from adu_depth_ros.stereo.stereo_teacher_node import StereoTeacherNode
from stereo_world import StereoWorld

FRAME = 'left_optical_frame'
KINDS = {
    'disparity': {'teacher/disparity': DisparityImage},
    'depth': {'teacher/depth': Image},
    'points': {'teacher/points': PointCloud2},
}


class Robot:
    """A camera and another sensor, which publish as drivers do."""

    def __init__(self, stereo: StereoWorld, kinds: dict[str, type], infos: dict[str, CameraInfo]):
        self.stereo, self.infos, self.count = stereo, infos, 0
        world = stereo.world
        self.node = world.add(Node('robot', context=world.context))
        topics = {f'{side}/image_rect': Image for side in infos} | kinds
        topics |= {f'{side}/camera_info': CameraInfo for side in infos}
        self.publishers = {
            topic: self.node.create_publisher(kind, topic, QoSProfile(depth=10))
            for topic, kind in topics.items()
        }

    def meet(self, node: StereoTeacherNode) -> None:
        """Wait for the node's ears, and publish the calibrations."""
        self.stereo.spin_until(
            lambda: all(p.get_subscription_count() for p in self.publishers.values()),
            'the node subscribes to camera and sensor',
        )
        for side, info in self.infos.items():
            self.publishers[f'{side}/camera_info'].publish(info)
        inputs = node._stereo
        assert inputs is not None, 'the node is not active'
        self.stereo.spin_until(
            lambda: set(self.infos) <= set(inputs.cameras.infos), 'camera_info arrives'
        )

    def send(self, node: StereoTeacherNode, *, delay_ns: int = 0, **messages: Any) -> Image:
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
            self.stereo.spin_until(partial(_has_more, node, before), f'{topic} arrives')
        return left


def _has_more(node: StereoTeacherNode, images: int) -> bool:
    return node.images_in > images


def picture(seed: int) -> Image:
    """Return an rgb8 image of noise."""
    pixels = np.random.default_rng(seed).integers(0, 255, (4, 8, 3), np.uint8)
    message = Image(width=8, height=4, encoding='rgb8', step=24)
    message.data.frombytes(pixels.tobytes())
    return message


SensorNode = Callable[..., StereoTeacherNode]
Started = Callable[..., tuple[StereoTeacherNode, Robot]]
