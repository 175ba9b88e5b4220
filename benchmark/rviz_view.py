# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
Draw docs/images/rviz.png: what RViz shows of a drive, from the messages that the node published.

    python benchmark/rviz_view.py

Some frames of a synthetic drive are published as a camera does, over DDS, and mono_depth_node
answers. Of its last answers, the images are drawn with the ranges and the points from the place
that rviz/adu_depth.rviz has. Where RViz itself can run, use it: this is for where it cannot.
"""

import argparse
import math
import os
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np
import rclpy
import yaml
from numpy.typing import NDArray
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rclpy.serialization import deserialize_message
from sensor_msgs.msg import CameraInfo, Image, PointCloud2

from adu_depth_core.atomic_files import written_whole
from adu_depth_core.messages.stamped import camera_info_message, image_message
from adu_depth_core.samples.sample import StereoSample
from adu_depth_core.synthetic import SyntheticDrive
from adu_depth_ros.messages.image_messages import rgb_view
from adu_depth_ros.mono.mono_depth_node import MonoDepthNode
from adu_depth_ros.playback.ros_domain import reserved_domain

ROOT = Path(__file__).parents[1]
CONFIG = ROOT / 'rviz' / 'adu_depth.rviz'
TYPES = {'rviz_default_plugins/Image': Image, 'rviz_default_plugins/PointCloud2': PointCloud2}
FRAME = 'camera_optical_frame'
PANEL_WIDTH, TEXT_HEIGHT, GAP = 440, 22, 8
FIELD_OF_VIEW = math.pi / 4  # RViz's, from top to bottom
TIMEOUT_S = 60.0
# PNG keeps every grain of a picture; few levels are what makes the file small.
LEVELS = 32

Canvas = NDArray[np.uint8]


class Orbit(NamedTuple):
    """An RViz view: a distance from a focal point, yaw and pitch about the z axis, radians."""

    focal_point: NDArray[np.float64]
    distance: float
    yaw: float
    pitch: float


def main() -> None:
    """Draw the picture."""
    options = _parser().parse_args()
    drive = SyntheticDrive(options.seed, options.first + options.frames, right=False)
    samples = [drive[options.first + index] for index in range(options.frames)]
    config = yaml.safe_load(CONFIG.read_text())['Visualization Manager']
    displays = [display for display in config['Displays'] if 'Topic' in display]
    with reserved_domain() as domain:
        os.environ['ROS_DOMAIN_ID'] = str(domain)
        topics = {d['Topic']['Value']: TYPES[d['Class']] for d in displays}
        messages = answers(samples, topics, options.model)
    step = 255 / LEVELS
    picture = np.round(drawn(displays, messages, orbit_of(config)) / step) * step
    with written_whole(options.output) as temporary:
        compression = [cv2.IMWRITE_PNG_COMPRESSION, 9]
        cv2.imwrite(
            str(temporary), cv2.cvtColor(picture.astype(np.uint8), cv2.COLOR_RGB2BGR), compression
        )
    print(f'{options.output}: {options.output.stat().st_size / 1e3:.0f} kB')


def answers(samples: list[StereoSample], topics: Mapping[str, type], model: str) -> dict[str, Any]:
    """Play samples through the node, and return the last message on each topic."""
    rclpy.init()
    node, tester = MonoDepthNode(cli_args=['--ros-args', '-p', f'model:={model}']), Node('rviz')
    images = tester.create_publisher(Image, 'image_rect', 1)
    infos = tester.create_publisher(CameraInfo, 'camera_info', 1)
    received: dict[str, Any] = {}
    for topic, kind in topics.items():
        tester.create_subscription(kind, topic, lambda m, t=topic: received.update({t: m}), 10)
    executor = SingleThreadedExecutor()
    executor.add_node(node)
    executor.add_node(tester)

    def wait_until(happened: Callable[[], object], what: str) -> None:
        deadline = time.monotonic() + TIMEOUT_S
        while not happened():
            if time.monotonic() > deadline:
                raise SystemExit(f'did not happen: {what}')
            executor.spin_once(timeout_sec=0.1)

    ours = [topic for topic in topics if topic != '/image_rect']
    publishers = images, infos
    wait_until(lambda: all(p.get_subscription_count() for p in publishers), 'the node subscribes')
    wait_until(lambda: all(node.count_subscribers(t) for t in ours), 'the node is listened to')
    for sample in samples:
        received.clear()
        stamped = {'stamp_ns': sample.stamp_ns, 'frame_id': FRAME}
        info = camera_info_message(sample.camera, **stamped)
        infos.publish(deserialize_message(info, CameraInfo))
        wait_until(lambda: node._camera_info is not None, 'camera_info arrives')
        picture = image_message(sample.left, encoding='rgb8', **stamped)
        images.publish(deserialize_message(picture, Image))
        wait_until(lambda: set(received) == set(topics), 'the node answers')
    executor.shutdown()
    node.destroy_node()
    tester.destroy_node()
    rclpy.try_shutdown()
    return received


def drawn(displays: list[dict[str, Any]], messages: Mapping[str, Any], view: Orbit) -> Canvas:
    """Return the images in a column on the left, the points on the right."""
    panels, clouds = [], []
    for display in displays:
        message = messages[display['Topic']['Value']]
        if isinstance(message, Image):
            panels.append(panel(display['Name'], shown(message, display)))
        else:
            clouds.append((message, int(display['Size (Pixels)'])))
    column = np.vstack(list(_with_gaps(panels)))
    height, width = len(column), 1440 - PANEL_WIDTH - GAP
    scene = np.full((height, width, 3), 48, np.uint8)
    for cloud, size_px in clouds:
        paint_points(scene, cloud, view, size_px)
    return np.hstack([column, np.full((height, GAP, 3), 255, np.uint8), scene])


def shown(message: Image, display: Mapping[str, Any]) -> Canvas:
    """Return an image as RViz's display of images does: numbers as grey from Min to Max Value."""
    if message.encoding != '32FC1':
        return np.ascontiguousarray(rgb_view(message, display['Topic']['Value']))
    values = np.frombuffer(message.data, np.float32).reshape(message.height, message.width)
    low, high = float(display['Min Value']), float(display['Max Value'])
    share = np.nan_to_num(np.clip((values - low) / (high - low), 0, 1), nan=0.0)
    return np.repeat((255 * share).astype(np.uint8)[..., None], 3, axis=2)


def panel(name: str, picture: Canvas) -> Canvas:
    """Return a picture of the width of a panel under its name."""
    height = round(PANEL_WIDTH * picture.shape[0] / picture.shape[1])
    small = cv2.resize(picture, (PANEL_WIDTH, height), interpolation=cv2.INTER_AREA)
    title = np.full((TEXT_HEIGHT, PANEL_WIDTH, 3), 235, np.uint8)
    place, font = (6, TEXT_HEIGHT - 7), cv2.FONT_HERSHEY_SIMPLEX
    cv2.putText(title, name, place, font, 0.45, (20, 20, 20), 1, cv2.LINE_AA)
    return np.vstack([title, small]).astype(np.uint8)


def paint_points(scene: Canvas, cloud: PointCloud2, view: Orbit, size_px: int) -> None:
    """Paint points as squares, the farthest first."""
    record = np.dtype([(field.name, np.float32) for field in cloud.fields])
    points = np.frombuffer(cloud.data, record)
    seen = np.stack([points[axis] for axis in 'xyz'], axis=-1).astype(np.float64)
    right, up, forward, eye = axes(view)
    away = seen - eye
    depth = away @ forward
    height, width = scene.shape[:2]
    focal = height / 2 / math.tan(FIELD_OF_VIEW / 2)
    with np.errstate(divide='ignore', invalid='ignore'):
        u = width / 2 + focal * (away @ right) / depth
        v = height / 2 - focal * (away @ up) / depth
    inside = (depth > 0.1) & (u >= 0) & (u < width - size_px) & (v >= 0) & (v < height - size_px)
    order = np.flatnonzero(inside)[np.argsort(-depth[inside])]
    packed = np.ascontiguousarray(points['rgb']).view(np.uint32)[order]
    colours = np.stack([packed >> 16 & 255, packed >> 8 & 255, packed & 255], axis=-1)
    columns, rows = u[order].astype(int), v[order].astype(int)
    for down, across in np.ndindex(size_px, size_px):
        scene[rows + down, columns + across] = colours


def axes(view: Orbit) -> tuple[NDArray[np.float64], ...]:
    """Return the view's right, up and forward axes, and where its eye is."""
    outward = np.array(
        [
            math.cos(view.yaw) * math.cos(view.pitch),
            math.sin(view.yaw) * math.cos(view.pitch),
            math.sin(view.pitch),
        ]
    )
    forward = -outward
    right = np.cross(forward, [0.0, 0.0, 1.0])
    right /= np.linalg.norm(right)
    return right, np.cross(right, forward), forward, view.focal_point + view.distance * outward


def orbit_of(config: Mapping[str, Any]) -> Orbit:
    """Read the view of an RViz configuration."""
    view = config['Views']['Current']
    focal_point = np.array([float(view['Focal Point'][axis]) for axis in 'XYZ'])
    return Orbit(focal_point, *(float(view[name]) for name in ('Distance', 'Yaw', 'Pitch')))


def _with_gaps(panels: list[Canvas]) -> Iterator[Canvas]:
    for number, picture in enumerate(panels):
        if number:
            yield np.full((GAP, PANEL_WIDTH, 3), 255, np.uint8)
        yield picture


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[1])
    parser.add_argument('--seed', type=int, default=7, help='of the drive')
    parser.add_argument('--first', type=int, default=24, help='frame of the drive to begin with')
    parser.add_argument('--frames', type=int, default=3, help='frames to play; the last is shown')
    parser.add_argument('--model', default='tiny', help='shipped name or file')
    parser.add_argument('--output', type=Path, default=Path('docs/images/rviz.png'))
    return parser


if __name__ == '__main__':
    main()
