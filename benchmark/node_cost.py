# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
What mono_depth_node itself costs per frame, beside the forward pass of the network.

    python benchmark/node_cost.py

A camera in a process of its own sends images of KITTI's size and listens to the outputs. Measured
is the wall time from the entry of the image's callback to the return of the last publish, less
what the runtime took: resizing, unknown pixels, messages, DDS and waiting for the interpreter.
CPU time of the thread that does it tells more where other programs share the machine.
"""

import argparse
import json
import multiprocessing
import os
import platform
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import rclpy
from numpy.typing import NDArray
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rclpy.qos import QoSProfile, ReliabilityPolicy
from rclpy.serialization import deserialize_message
from sensor_msgs.msg import CameraInfo, Image, PointCloud2

from adu_depth_core.atomic_files import written_whole
from adu_depth_core.inference.predictor import Predictor
from adu_depth_core.messages.stamped import camera_info_message, image_message
from adu_depth_core.synthetic.drive import KITTI_CAMERA
from adu_depth_ros.dds_profile import apply_large_image_profile
from adu_depth_ros.mono.mono_depth_node import MonoDepthNode
from adu_depth_ros.playback.ros_domain import reserved_domain

DEPTH = {
    'depth/image_rect': Image,
    'depth/camera_info': CameraInfo,
    'depth_std/image_rect': Image,
    'depth_std/camera_info': CameraInfo,
}
AUDIENCES: dict[str, dict[str, type]] = {
    'depth and std': DEPTH,
    'everything': {
        **DEPTH,
        'depth/image_raw': Image,
        'depth_color/image': Image,
        'points': PointCloud2,
    },
}
FRAME = 'camera_optical_frame'
WARM_UP_FRAMES = 10


def main() -> None:
    """Print one line for each audience, and write them all as JSON."""
    options = _parser().parse_args()
    apply_large_image_profile()
    rows = []
    for name in AUDIENCES:
        with reserved_domain() as domain:
            os.environ['ROS_DOMAIN_ID'] = str(domain)
            ours, cpu, forward = measured(name, options).times_ms(WARM_UP_FRAMES)
        row = {
            'audience': name,
            'frames': len(ours),
            'ours_median_ms': round(float(np.median(ours)), 2),
            'ours_p95_ms': round(float(np.percentile(ours, 95)), 2),
            'ours_cpu_median_ms': round(float(np.median(cpu)), 2),
            'forward_median_ms': round(float(np.median(forward)), 2),
        }
        rows.append(row)
        print(
            f'{name:<14} ours {row["ours_median_ms"]:>6.2f} ms, '
            f'p95 {row["ours_p95_ms"]:>6.2f} ms, CPU {row["ours_cpu_median_ms"]:>5.2f} ms; '
            f'forward pass {row["forward_median_ms"]:>6.2f} ms; {len(ours)} frames'
        )
    result = {
        'machine': platform.platform(),
        'cores': os.cpu_count(),
        'load_average_at_end': round(os.getloadavg()[0], 2),
        'size': [KITTI_CAMERA.width, KITTI_CAMERA.height],
        'rows': rows,
    }
    with written_whole(options.json) as temporary:
        temporary.write_text(json.dumps(result, indent=2) + '\n')


def measured(audience: str, options: argparse.Namespace) -> 'Stopwatch':
    """Let frames go through the node, and return what was measured."""
    # Forked processes would share what DDS keeps.
    context = multiprocessing.get_context('spawn')
    camera = context.Process(target=run_camera, args=(audience, options.hz), daemon=True)
    camera.start()
    rclpy.init()
    stopwatch = Stopwatch(Predictor.load(runtime=options.runtime))
    node = MonoDepthNode(load_predictor=lambda *_args, **_options: stopwatch.predictor)
    stopwatch.watch(node)
    executor = SingleThreadedExecutor()
    executor.add_node(node)
    deadline = time.monotonic() + 120
    while len(stopwatch.frames) < WARM_UP_FRAMES + options.frames:
        if time.monotonic() > deadline:
            raise SystemExit(f'only {len(stopwatch.frames)} frames came within 120 s')
        executor.spin_once(timeout_sec=0.1)
    camera.kill()
    camera.join()
    executor.shutdown()
    node.destroy_node()
    rclpy.try_shutdown()
    return stopwatch


class Stopwatch:
    """Stands at the entry of the callback, around the runtime and after the last publish."""

    def __init__(self, predictor: Predictor) -> None:
        self.predictor = predictor
        # Wall time, CPU time, and wall time of the forward pass, in seconds.
        self.frames: list[tuple[float, float, float]] = []
        self._came: dict[int, float] = {}
        self._forward_s = self._forward_cpu_s = 0.0
        self._runtime: Any = predictor._runtime
        predictor._runtime = self

    def __getattr__(self, name: str) -> Any:
        return getattr(self._runtime, name)

    def __call__(self, *arguments: Any) -> Any:
        """Run the network, and note how long that took."""
        started, cpu_started = time.perf_counter(), time.thread_time()
        try:
            return self._runtime(*arguments)
        finally:
            self._forward_s = time.perf_counter() - started
            self._forward_cpu_s = time.thread_time() - cpu_started

    def times_ms(self, start: int) -> tuple[NDArray[np.float64], ...]:
        """Return, from this frame on, ours, CPU time of ours and the forward pass."""
        wall, cpu, forward = 1e3 * np.array(self.frames[start:]).T
        return wall - forward, cpu, forward

    def watch(self, node: MonoDepthNode) -> None:
        """Replace two methods of the node by timed ones."""
        callback, process = node._on_image, node._process

        def on_image(message: Image) -> None:
            self._came[id(message)] = time.perf_counter()
            callback(message)

        def processed(message: Image) -> None:
            cpu_started = time.thread_time()
            process(message)
            cpu_s = time.thread_time() - cpu_started - self._forward_cpu_s
            wall_s = time.perf_counter() - self._came.pop(id(message))
            self._came = dict(list(self._came.items())[-4:])  # others were dropped
            self.frames.append((wall_s, cpu_s, self._forward_s))

        watched: dict[str, Callable[[Image], None]] = {
            '_on_image': on_image,
            '_process': processed,
        }
        for name, method in watched.items():
            setattr(node, name, method)


def run_camera(audience: str, hz: float) -> None:
    """Send images and listen, until the process is ended."""
    rclpy.init()
    node = Node('camera')
    qos = QoSProfile(depth=1, reliability=ReliabilityPolicy.BEST_EFFORT)
    for topic, kind in AUDIENCES[audience].items():
        node.create_subscription(kind, topic, lambda _: None, qos, raw=True)
    picture = np.random.default_rng(0).integers(
        0, 256, (KITTI_CAMERA.height, KITTI_CAMERA.width, 3), np.uint8
    )
    data = image_message(picture, encoding='rgb8', stamp_ns=1, frame_id=FRAME)
    info = camera_info_message(KITTI_CAMERA, stamp_ns=1, frame_id=FRAME)
    messages = deserialize_message(data, Image), deserialize_message(info, CameraInfo)
    images = node.create_publisher(Image, 'image_rect', 1)
    infos = node.create_publisher(CameraInfo, 'camera_info', 1)

    def send() -> None:
        infos.publish(messages[1])
        images.publish(messages[0])

    node.create_timer(1 / hz, send)
    rclpy.spin(node)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[1])
    parser.add_argument('--frames', type=int, default=100)
    parser.add_argument('--hz', type=float, default=10.0)
    parser.add_argument('--runtime', default='auto')
    parser.add_argument('--json', type=Path, default=Path('benchmark/results/node_cost.json'))
    return parser


if __name__ == '__main__':
    main()
