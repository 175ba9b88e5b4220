# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
A camera for measurements: raw rgb8 images of KITTI's size at a fixed rate, stamped when sent.

    python -m adu_depth_ros.benchmarks.timed_camera LOG.json --rate 30 --seconds 20

Its schedule is fixed at the start, so that one late image makes no other one late. LOG.json has
the stamps of all images sent.
"""

import argparse
import sys
import time
from array import array
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
from rclpy.impl.implementation_singleton import rclpy_implementation
from rclpy.node import Node
from sensor_msgs.msg import CameraInfo, Image

from adu_depth_core.commands import run
from adu_depth_core.inference.runtimes.parity import parity_frame
from adu_depth_ros.benchmarks.session import SENDS
from adu_depth_ros.benchmarks.stamps import stamp_of, write_log
from adu_depth_ros.dds_profile import apply_large_image_profile
from adu_depth_ros.nodes import qos
from adu_depth_ros.nodes.stop_signals import stop_requested
from adu_depth_ros.ros_start import ros

WIDTH, HEIGHT, FX, CX, CY = 1242, 375, 721.5, 609.6, 172.9
IMAGE_TOPIC, INFO_TOPIC = 'image_rect', 'camera_info'
PICTURES = 8
LONGEST_NAP_S = 0.05
GRACE_S = 0.5  # for a subscriber to find us as well as we it, and to take the last image


def main(argv: Sequence[str] | None = None) -> int:
    """Send images until the time is over or a signal comes, and return 0."""
    options = _parser().parse_args(argv)
    apply_large_image_profile()
    with stop_requested() as stop, ros([]):
        node = Node('benchmark_camera', start_parameter_services=False)
        sent = list(_sent(node, options, stop))
        _sleep_until(time.monotonic() + GRACE_S, stop)
        node.destroy_node()
    write_log(options.log, {'sent': sent})
    return 0


def due_times(start_s: float, rate_hz: float, seconds: float) -> Iterator[float]:
    """Yield when images are due, by the steady clock, evenly from the start on."""
    for number in range(round(seconds * rate_hz)):
        yield start_s + number / rate_hz


def pictures() -> list[Image]:
    """Return images of a scene that moves to the left."""
    scene = parity_frame(WIDTH, HEIGHT)
    return [_message(np.roll(scene, -8 * n, axis=1)) for n in range(PICTURES)]


def calibration() -> CameraInfo:
    """Return the calibration of these images, rectified."""
    return CameraInfo(
        width=WIDTH,
        height=HEIGHT,
        distortion_model='plumb_bob',
        d=[0.0] * 5,
        k=[FX, 0.0, CX, 0.0, FX, CY, 0.0, 0.0, 1.0],
        r=[1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0],
        p=[FX, 0.0, CX, 0.0, 0.0, FX, CY, 0.0, 0.0, 0.0, 1.0, 0.0],
    )


def _sent(node: Node, options: argparse.Namespace, stop: Callable[[], bool]) -> Iterator[int]:
    """Send, and yield the stamp of each image."""
    images = node.create_publisher(Image, IMAGE_TOPIC, qos.for_everyone())
    infos = node.create_publisher(CameraInfo, INFO_TOPIC, qos.for_everyone())
    messages, info = pictures(), calibration()
    while options.wait and not images.get_subscription_count() and not stop():
        time.sleep(LONGEST_NAP_S)
    _sleep_until(time.monotonic() + GRACE_S, stop)
    print(SENDS, flush=True)
    due = due_times(time.monotonic(), options.rate, options.seconds)
    for number, moment in enumerate(due):
        _sleep_until(moment, stop)
        if stop():
            return
        message = messages[number % PICTURES]
        stamp = time.time_ns()
        info.header.stamp = message.header.stamp = stamp_of(stamp)
        try:
            infos.publish(info)
            images.publish(message)
        except rclpy_implementation.RCLError:
            if node.context.ok():
                raise
            return
        yield stamp


def _sleep_until(moment_s: float, stop: Callable[[], bool]) -> None:
    while not stop() and (rest := moment_s - time.monotonic()) > 0:
        time.sleep(min(rest, LONGEST_NAP_S))


def _message(picture: np.ndarray) -> Image:
    message = Image(width=WIDTH, height=HEIGHT, encoding='rgb8', step=3 * WIDTH)
    message.header.frame_id = 'camera'
    message.data = array('B', picture.tobytes())
    return message


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog='camera', description=__doc__.splitlines()[0])
    parser.add_argument('log', type=Path)
    parser.add_argument('--rate', type=float, required=True, help='Hz')
    parser.add_argument('--seconds', type=float, required=True)
    parser.add_argument('--wait', action='store_true', help='for a subscriber before the first')
    return parser


if __name__ == '__main__':
    sys.exit(run(main))
