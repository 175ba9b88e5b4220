# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Full-size images reach best-effort subscribers in another process, thanks to our profile."""

import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import rclpy
from rclpy.context import Context
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rclpy.qos import QoSProfile, ReliabilityPolicy
from sensor_msgs.msg import Image

from adu_depth_core.bags import header_stamp_ns, write_bag
from adu_depth_core.samples.sample import StereoSample
from adu_depth_core.synthetic.drive import KITTI_CAMERA
from adu_depth_ros.dds_profile import FAST_DDS_2, FAST_DDS_3, TRANSPORTS

TOPICS = ('/stereo/left/image_rect', '/stereo/ground_truth/depth/image_rect')
FRAMES = 10


pytestmark = pytest.mark.real_time


def full_size_samples() -> list[StereoSample]:
    camera = KITTI_CAMERA
    image = np.random.default_rng(0).integers(0, 256, (375, 1242, 3), np.uint8)
    depth_m = np.full((375, 1242), 12.5, np.float32)
    return [
        StereoSample(f'drive/{index}', index * 50_000_000, image, camera, depth_m=depth_m)
        for index in range(FRAMES)
    ]


def test_every_best_effort_image_of_full_size_arrives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in (FAST_DDS_2, FAST_DDS_3, TRANSPORTS):
        monkeypatch.delenv(variable, raising=False)
    write_bag(tmp_path / 'bag', full_size_samples())
    words = [str(tmp_path / 'bag'), '--wait-for-subscribers', '30', '--topics', *TOPICS]
    player = subprocess.Popen([sys.executable, '-m', 'adu_depth_core', 'play-bag', *words])
    try:
        stamps = stamps_until_end_of(player)
    finally:
        player.kill()
        player.wait()
    for topic in TOPICS:
        assert stamps[topic] == [index * 50_000_000 for index in range(FRAMES)]


def stamps_until_end_of(player: 'subprocess.Popen[bytes]') -> dict[str, list[int]]:
    """Listen until the player has ended; the queue bridges a busy machine, not the transport."""
    stamps: dict[str, list[int]] = {topic: [] for topic in TOPICS}
    context = Context()
    rclpy.init(context=context)
    node = Node('listener', context=context)
    qos = QoSProfile(depth=FRAMES, reliability=ReliabilityPolicy.BEST_EFFORT)
    for topic in TOPICS:

        def note(data: bytes, topic: str = topic) -> None:
            stamps[topic].append(header_stamp_ns(data))

        node.create_subscription(Image, topic, note, qos, raw=True)
    executor = SingleThreadedExecutor(context=context)
    executor.add_node(node)
    deadline = time.monotonic() + 60
    while player.poll() is None and time.monotonic() < deadline:
        executor.spin_once(timeout_sec=0.1)
    executor.shutdown()
    node.destroy_node()
    rclpy.shutdown(context=context)
    assert player.returncode == 0
    return stamps
