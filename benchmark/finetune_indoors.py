# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
What fine-tuning is worth to somebody with a depth camera indoors, by the commands alone.

    python benchmark/finetune_indoors.py

Two bags have what the driver of a depth camera publishes and no more: a raw colour image, its
camera_info, and depth aligned to it in millimetres, with the noise of a short baseline and nothing
beyond 6 m. They show rendered rooms, the second other ones than the first. `label` records the
first, `train student --config recording` fine-tunes the shipped model on that, and `evaluate-bag`
scores both models on the second. The model has learnt from streets. With `--only-bags` both bags
are written, and the steps are yours: docs/record_and_finetune.md, "With a depth camera".
"""

import argparse
import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from adu_depth_core.atomic_files import written_whole
from adu_depth_core.bags import bag_writer
from adu_depth_core.camera import Camera
from adu_depth_core.machine import machine
from adu_depth_core.messages.pixels import to_millimetres
from adu_depth_core.messages.stamped import camera_info_message, image_message
from adu_depth_core.messages.types import CAMERA_INFO_TYPE, IMAGE_TYPE

CAMERA = Camera(640, 480, 612.0, 612.0, 319.5, 239.5)
# As the driver of a RealSense names them.
IMAGE = '/camera/camera/color/image_raw'
CAMERA_INFO = '/camera/camera/color/camera_info'
DEPTH = '/camera/camera/aligned_depth_to_color/image_raw'
FRAME, STEP_NS = 'camera_color_optical_frame', 10**9
NEAREST_M, FARTHEST_M = 0.3, 6.0
# Standard deviation of the disparity in px, and the baseline in metres: those of a D435, rounded.
DISPARITY_STD_PX, BASELINE_M = 0.1, 0.05
VIEWS_OF_A_ROOM = 8
FIGURES = 'abs_rel', 'rmse', 'd1', 'coverage_error', 'density'

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Box:
    """An upright box: its corners in metres, x right, y down, z ahead; and how it is painted."""

    low: Floats
    high: Floats
    colour: Floats
    pattern: NDArray[np.float32]


class Room:
    """
    A furnished room, a function of its seed.

    Walls and furniture are boxes with patterns of noise; a lamp hangs in the middle.
    """

    def __init__(self, seed: int) -> None:
        rng = self._rng = np.random.default_rng((seed, 5))
        width, length, height = rng.uniform([3.5, 4.0, 2.4], [7.0, 9.0, 3.0])
        self._walls = self._box([-width / 2, -height, 0.0], [width / 2, 0.0, length])
        self._things = [self._thing(width, length) for _ in range(rng.integers(5, 10))]
        self._lamp = np.array([0.0, 0.2 - height, length / 2])

    def view(self) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
        """Return an image (H, W, 3) and its depth (H, W) in metres, from a random place in it."""
        rng, (low, high) = self._rng, (self._walls.low, self._walls.high)
        height = rng.uniform(0.4, 1.4)
        origin = np.array([rng.uniform(low[0], high[0]) * 0.7, -height, rng.uniform(0.3, 1.5)])
        yaw, pitch = rng.normal(-0.2 * origin[0], 0.2), rng.normal(-0.05, 0.05)
        rays = CAMERA.rays().astype(np.float64) @ _rotation(yaw, pitch).T
        inside = np.where(rays > 0, high - origin, low - origin) / np.where(rays == 0, 1e-9, rays)
        depth = inside.min(-1)
        colour = self._painted(self._walls, origin, rays, depth)
        for thing in self._things:
            with np.errstate(divide='ignore'):
                ends = (np.stack([thing.low, thing.high])[:, None, None] - origin) / rays
            enters, leaves = ends.min(0).max(-1), ends.max(0).min(-1)
            is_first = (enters < leaves) & (enters > 0.05) & (enters < depth)
            depth = np.where(is_first, enters, depth)
            painted = self._painted(thing, origin, rays, depth)
            colour = np.where(is_first[..., None], painted, colour)
        noise = rng.normal(0, 3, colour.shape)
        image = (255 * np.clip(colour, 0, 1) ** (1 / 2.2) + noise).clip(0, 255)
        return image.astype(np.uint8), depth.astype(np.float32)

    def _box(self, low: Any, high: Any) -> Box:
        grain = self._rng.uniform(0.3, 1.0, (int(self._rng.integers(6, 40)),) * 2)
        pattern = cv2.resize(grain.astype(np.float32), (256, 256), interpolation=cv2.INTER_CUBIC)
        return Box(np.array(low), np.array(high), self._rng.uniform(0.15, 0.9, 3), pattern)

    def _thing(self, width: float, length: float) -> Box:
        rng = self._rng
        size = rng.uniform([0.3, 0.3, 0.3], [1.4, 1.9, 0.9])
        x, z = rng.uniform(-width / 2, width / 2), rng.uniform(1.8, length)
        return self._box([x - size[0] / 2, -size[1], z - size[2] / 2], [x + size[0] / 2, 0.0, z])

    def _painted(self, box: Box, origin: Floats, rays: Floats, depth: Floats) -> Floats:
        point = origin + rays * depth[..., None]
        middle, half = (box.low + box.high) / 2, (box.high - box.low) / 2
        side = np.argmax(np.abs(point - middle) / half, -1)
        across = np.where(side == 0, point[..., 2], point[..., 0])
        down = np.where(side == 1, point[..., 2], point[..., 1])
        u, v = ((100 * (place + 9 * side)).astype(int) % 256 for place in (across, down))
        to_lamp = self._lamp - point
        distance = np.linalg.norm(to_lamp, axis=-1)
        facing = np.abs(np.take_along_axis(to_lamp, side[..., None], -1)[..., 0]) / distance
        light = 0.25 + 1.5 * facing / (1 + distance**2)
        return box.colour * (box.pattern[v, u] * light)[..., None]


def main() -> None:
    """Make the bags, fine-tune, score."""
    options = _parser().parse_args()
    folder = options.folder
    shutil.rmtree(folder, ignore_errors=True)
    write_bag(folder / 'seen', range(options.rooms))
    write_bag(folder / 'unseen', range(100, 100 + options.unseen_rooms))
    if options.only_bags:
        return
    topics = '--left-topic', IMAGE, '--depth-topic', DEPTH, '--depth-baseline', BASELINE_M
    _adu_depth('label', '--data', f'bag:{folder / "seen"}', *topics, '--output', folder / 'labels')
    _adu_depth(
        *('train', 'student', '--config', 'recording', '--data', f'recording:{folder / "labels"}'),
        *('--model.initial', options.model, '--optimiser.steps', options.steps),
        *('--data.sizes', '[[320, 224]]', '--output', folder / 'model'),
    )
    rows = {
        'as it ships': scored(folder, options.model, 'before'),
        'fine-tuned': scored(folder, str(folder / 'model' / 'model.safetensors'), 'after'),
    }
    content = {'machine': machine(), 'model': options.model, 'steps': options.steps, 'rows': rows}
    with written_whole(options.json) as temporary:
        temporary.write_text(json.dumps(content, indent=2) + '\n')
    print(json.dumps(rows, indent=2))


def write_bag(path: Path, seeds: range) -> None:
    """Write views of rooms, one a second, as a depth camera's driver does."""
    views = [(room, view) for room in map(Room, seeds) for view in range(VIEWS_OF_A_ROOM)]
    rng = np.random.default_rng(seeds.start)
    with bag_writer(path) as bag:
        for number, (room, _) in enumerate(views, 1):
            stamp_ns = number * STEP_NS
            stamped = {'stamp_ns': stamp_ns, 'frame_id': FRAME}
            image, depth_m = room.view()
            millimetres = to_millimetres(measured(depth_m, rng))
            info = camera_info_message(CAMERA, **stamped)
            bag.write(CAMERA_INFO, CAMERA_INFO_TYPE, info, stamp_ns)
            message = image_message(image, encoding='rgb8', **stamped)
            bag.write(IMAGE, IMAGE_TYPE, message, stamp_ns)
            message = image_message(millimetres, encoding='16UC1', **stamped)
            bag.write(DEPTH, IMAGE_TYPE, message, stamp_ns)


def measured(depth_m: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    """Return depth as a camera with a short baseline measures it; NaN where it does not."""
    std_m = depth_m**2 * DISPARITY_STD_PX / (CAMERA.fx * BASELINE_M)
    noisy = depth_m + std_m * rng.normal(size=depth_m.shape)
    edges = cv2.dilate(depth_m, np.ones((5, 5))) - cv2.erode(depth_m, np.ones((5, 5)))
    is_known = (depth_m > NEAREST_M) & (depth_m < FARTHEST_M) & (edges < 0.2 * depth_m)
    return np.where(is_known, noisy, np.nan).astype(np.float32)


def scored(folder: Path, model: str, name: str) -> dict[str, Any]:
    """Return the figures of a model on the rooms that were not recorded."""
    output = folder / name
    words = '--image-topic', IMAGE, '--truth-topic', DEPTH, '--protocol', 'dense'
    _adu_depth('evaluate-bag', folder / 'unseen', '--model', model, *words, '--output', output)
    (result,) = json.loads((output / 'result.json').read_text())['sensors'].values()
    return {'images': result['images']} | {name: result['figures'][name] for name in FIGURES}


def _rotation(yaw: float, pitch: float) -> Floats:
    (cy, cp), (sy, sp) = np.cos([yaw, pitch]), np.sin([yaw, pitch])
    turned = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
    return turned @ np.array([[1, 0, 0], [0, cp, -sp], [0, sp, cp]])


def _adu_depth(*words: Any) -> None:
    subprocess.run([sys.executable, '-m', 'adu_depth_core', *map(str, words)], check=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[1])
    parser.add_argument('--model', default='tiny', help='shipped name or file of a student')
    parser.add_argument('--rooms', type=int, default=6)
    parser.add_argument('--unseen-rooms', type=int, default=3)
    parser.add_argument('--steps', type=int, default=150)
    parser.add_argument('--only-bags', action='store_true', help='to try the steps by hand')
    parser.add_argument('--folder', type=Path, default=Path('out/finetune_indoors'))
    parser.add_argument(
        '--json', type=Path, default=Path('benchmark/results/finetune_indoors.json')
    )
    return parser


if __name__ == '__main__':
    main()
