# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
What fine-tuning on each kind of depth sensor is worth, on drives that the model has never seen.

    python benchmark/finetune_sensors.py

Two bags are made. One holds the first pairs of `durham` (another make of camera, 1 s apart), with
what block matching measures as three sensors would say it: a DisparityImage, a depth image in
millimetres, and a scan of points, every sixth row. The other holds the first frames of KITTI's
drive 0051, which is kept for validation, with what its laser scanner measured. `label` records
each, `train student --config recording` fine-tunes the shipped model on that, and all are scored
on the frames that the bag does not hold. $ADU_DEPTH_DATA (or --data) must hold durham/ and
kitti_places/.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from validation_drives import DURHAM, FIGURES, KITTI_PLACES, VALIDATION_DRIVES, BlockMatched

from adu_depth_core.atomic_files import written_whole
from adu_depth_core.bags import bag_writer
from adu_depth_core.bags.sample_messages import Scan, sample_messages, scan_message
from adu_depth_core.bags.topics import LEFT_FRAME, SCANNER_FRAME, TF_STATIC
from adu_depth_core.bags.transforms import transform_message
from adu_depth_core.datasets.kitti_raw import Truth
from adu_depth_core.datasets.sources import open_dataset
from adu_depth_core.datasets.subsets import ChosenFrames
from adu_depth_core.evaluation.evaluate import evaluate
from adu_depth_core.evaluation.protocols import find_protocol
from adu_depth_core.inference.predictor import Predictor
from adu_depth_core.machine import machine
from adu_depth_core.messages.disparity import disparity_image_message
from adu_depth_core.messages.pixels import to_millimetres
from adu_depth_core.messages.stamped import image_message
from adu_depth_core.messages.types import DISPARITY_TYPE, IMAGE_TYPE, TF_TYPE
from adu_depth_core.samples.sample import StereoDataset, StereoSample

SENSORS = {
    'disparity': ['--disparity-topic', '/sensor/disparity'],
    'depth': ['--depth-topic', '/sensor/depth'],
    'points': ['--scan-topic', '/sensor/points'],
}
RECORDED = 12
STEP_NS = 10**9


@dataclass(frozen=True)
class Robot:
    """
    A camera and the sensors beside it.

    Attributes
    ----------
    spec : str
        Of the data, with {} for its folder.
    drives : tuple of str
        Of the data set; all where none is named.
    sensors : tuple of str
        Of `SENSORS`.
    size : list of int
        Width and height that the model is trained at.
    row_step : int
        Only every such row of the image is scanned.
    truth : str
        Which truth the data set is asked for; block matching stands in where it has none.

    """

    spec: str
    drives: tuple[str, ...]
    sensors: tuple[str, ...]
    size: list[int]
    row_step: int
    truth: Truth = 'auto'


ROBOTS = {
    'durham': Robot(DURHAM, (), tuple(SENSORS), [416, 224], row_step=6),
    '0051': Robot(
        KITTI_PLACES,
        VALIDATION_DRIVES[:1],
        ('points',),
        [416, 128],
        row_step=1,
        truth='velodyne_raw',
    ),
}


def main() -> None:
    """Make the bags, fine-tune on each sensor, score."""
    options = _parser().parse_args()
    shutil.rmtree(options.folder, ignore_errors=True)
    for name in options.robots or ROBOTS:
        robots = json.loads(options.json.read_text())['robots'] if options.json.exists() else {}
        robots[name] = measured(ROBOTS[name], options.folder / name, options)
        result = {
            'machine': machine(),
            'model': options.model,
            'steps': options.steps,
            'recorded': RECORDED,
            'robots': robots,
        }
        with written_whole(options.json) as temporary:
            temporary.write_text(json.dumps(result, indent=2) + '\n')


def measured(robot: Robot, folder: Path, options: argparse.Namespace) -> dict[str, Any]:
    """Return the figures of the model as it ships, and fine-tuned on each sensor."""
    spec = robot.spec.format(options.data)
    pairs = BlockMatched(open_dataset(spec, drives=robot.drives, truth=robot.truth))
    unseen = ChosenFrames(pairs, list(range(RECORDED, len(pairs))))
    write_bag(folder / 'bag', pairs, robot.row_step)
    found = {'as it ships': score(options.model, unseen)}
    for sensor in robot.sensors:
        found[sensor] = score(str(finetuned(sensor, robot.size, folder, options)), unseen)
        print(folder.name, sensor, found[sensor])
    return found


def write_bag(path: Path, pairs: StereoDataset, row_step: int) -> None:
    """Write images and what the sensors say of them."""
    with bag_writer(path) as bag:
        # Points are given in the camera's own axes.
        transform = transform_message(
            np.eye(4), parent=LEFT_FRAME, child=SCANNER_FRAME, stamp_ns=STEP_NS
        )
        bag.write(TF_STATIC, TF_TYPE, transform, STEP_NS, latched=True)
        for number in range(RECORDED):
            sample = replace(pairs[number], stamp_ns=(number + 1) * STEP_NS)
            for message in sample_messages(replace(sample, depth_m=None)):
                bag.write(*message, sample.stamp_ns)
            write_sensors(bag, sample, row_step)


def write_sensors(bag: Any, sample: StereoSample, row_step: int) -> None:
    """Write one sample's depth as three sensors would."""
    depth_m, rig = sample.depth_m, sample.rig
    assert depth_m is not None
    stamped = {'stamp_ns': sample.stamp_ns, 'frame_id': LEFT_FRAME}
    if rig is not None:
        disparity = np.nan_to_num(rig.focal_baseline / depth_m, nan=-1.0).astype(np.float32)
        matched = disparity_image_message(
            disparity, focal_px=rig.left.fx, baseline_m=rig.baseline_m, **stamped
        )
        bag.write('/sensor/disparity', DISPARITY_TYPE, matched, sample.stamp_ns)
    millimetres = image_message(to_millimetres(depth_m), encoding='16UC1', **stamped)
    bag.write('/sensor/depth', IMAGE_TYPE, millimetres, sample.stamp_ns)
    scan = Scan(points_of(sample, row_step), np.eye(4))
    bag.write(*scan_message(scan, sample.stamp_ns, '/sensor'), sample.stamp_ns)


def points_of(sample: StereoSample, row_step: int) -> np.ndarray:
    """Return x, y, z in metres, in the axes of the camera, and reflectance: (N, 4) float32."""
    assert sample.depth_m is not None
    camera = sample.camera
    rows, columns = np.nonzero(np.isfinite(sample.depth_m[::row_step]))
    rows = rows * row_step
    z = sample.depth_m[rows, columns]
    x, y = (columns - camera.cx) / camera.fx * z, (rows - camera.cy) / camera.fy * z
    return np.stack([x, y, z, np.ones_like(z)], axis=1).astype(np.float32)


def finetuned(sensor: str, size: list[int], folder: Path, options: argparse.Namespace) -> Path:
    """Label the bag with a sensor, train on that, and return the model's file."""
    recording, output = folder / sensor, folder / f'{sensor}_model'
    bag = f'bag:{folder / "bag"}'
    _adu_depth('label', '--data', bag, *SENSORS[sensor], '--output', recording)
    _adu_depth(
        *('train', 'student', '--config', 'recording', '--model.initial', options.model),
        *('--data', f'recording:{recording}'),
        *('--data.sizes', [size], '--optimiser.steps', options.steps),
        *('--output', output),
    )
    return output / 'model.safetensors'


def _adu_depth(*words: Any) -> None:
    subprocess.run([sys.executable, '-m', 'adu_depth_core', *map(str, words)], check=True)


def score(model: str, unseen: StereoDataset) -> dict[str, Any]:
    """Return the figures of a model."""
    runtime = 'torch' if model.endswith('.safetensors') else 'onnxruntime'
    predictor = Predictor.load(model, runtime=runtime, device='cpu', precision='float32')
    result = evaluate(predictor, unseen, find_protocol('dense')).scores.result()
    return {'images': result['images']} | {name: result['figures'].get(name) for name in FIGURES}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[1])
    parser.add_argument('robots', nargs='*', metavar='ROBOT', help=f'of {", ".join(ROBOTS)}')
    parser.add_argument('--data', default=os.environ.get('ADU_DEPTH_DATA', '../shared/data'))
    parser.add_argument('--model', default='tiny', help='shipped name or file of a student')
    parser.add_argument('--steps', type=int, default=60)
    parser.add_argument('--folder', type=Path, default=Path('out/finetune_sensors'))
    parser.add_argument(
        '--json', type=Path, default=Path('benchmark/results/finetune_sensors.json')
    )
    return parser


if __name__ == '__main__':
    main()
