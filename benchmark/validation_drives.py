# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
A student on the drives that choose between students, and on the one that never may.

    python benchmark/validation_drives.py --model out/tiny/model.safetensors

Validation: four whole drives of KITTI that no training sees, another rig (`durham`), and unseen
scenes, from afar and before things. Test, told beside them and never chosen by: drive 0002. KITTI
is scored under eigen_garg_kb, the others under dense. A frame without a file of truth is compared
with block matching of its pair. Beside each drive of KITTI stands the constant layout of the
training drives of 2011_09_26, the least that a network must beat.

$ADU_DEPTH_DATA (or --data) must hold kitti_places/, kitti_raw/ and durham/; what is not there is
named in the result and left out of the means.
"""

import argparse
import math
import os
import shlex
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from constant_layout import constant_layout

from adu_depth_core.datasets.block_matching import block_matched
from adu_depth_core.datasets.sources import open_dataset
from adu_depth_core.errors import InputError
from adu_depth_core.evaluation.document import about_model, document, write_result
from adu_depth_core.evaluation.evaluate import DatasetScore, evaluate, scored
from adu_depth_core.evaluation.protocols import find_protocol
from adu_depth_core.inference.predictor import Prediction, Predictor
from adu_depth_core.samples.cached import CachedSamples
from adu_depth_core.samples.sample import StereoDataset, StereoSample, ViewOfDataset

KITTI_PLACES, KITTI_RAW = 'kitti_raw:{}/kitti_places', 'kitti_raw:{}/kitti_raw'
DURHAM = 'kitti_raw:{}/durham'
VALIDATION_DRIVES = (
    '2011_09_26_drive_0051_sync',
    '2011_09_26_drive_0070_sync',
    '2011_09_26_drive_0104_sync',
    '2011_10_03_drive_0034_sync',
)
RUNTIME_OF = {'.safetensors': 'torch', '.onnx': 'onnxruntime'}
LAYOUT_DAY = '2011_09_26'
BANDS_M = (0, 5, 10, 20, 40, 80)
FIGURES = ('abs_rel', 'rmse', 'd1', 'coverage_error', 'density')


@dataclass(frozen=True)
class Drive:
    """One thing to evaluate on."""

    name: str
    spec: str
    role: str = 'validation'
    drives: tuple[str, ...] = ()
    protocol: str = 'eigen_garg_kb'
    cached: bool = False  # what is rendered or block-matched costs more than reading it again


DRIVES = (
    *(Drive(name, KITTI_PLACES, drives=(name,)) for name in VALIDATION_DRIVES[:-1]),
    Drive(VALIDATION_DRIVES[-1], KITTI_PLACES, drives=VALIDATION_DRIVES[-1:], cached=True),
    Drive('durham', DURHAM, protocol='dense', cached=True),
    Drive('synthetic_scenes_2', 'synthetic_scenes:2', protocol='dense', cached=True),
    Drive('synthetic_near_2', 'synthetic_near:2', protocol='dense', cached=True),
    Drive('0002', KITTI_RAW, role='test', drives=('0002',)),
)


class BlockMatched(ViewOfDataset):
    """Another data set; what has no file of truth has that of block matching."""

    def __getitem__(self, index: int) -> StereoSample:
        """Read one sample, and match it where nothing better is known."""
        sample = self._dataset[index]
        if sample.depth_m is not None or sample.right is None or sample.rig is None:
            return sample
        depth_m, _ = block_matched(sample.left, sample.right, sample.rig)
        return replace(sample, depth_m=depth_m)


class Layout:
    """The constant layout of one camera, for images of cameras much like it."""

    def __init__(self, dataset: StereoDataset) -> None:
        self._depth_m = constant_layout(dataset)
        self._fx = dataset[0].camera.fx

    def __call__(self, sample: StereoSample) -> Prediction:
        """Answer the same for every image, scaled to its size and focal length."""
        camera = sample.camera
        depth_m = cv2.resize(self._depth_m, (camera.width, camera.height))
        shown = depth_m.shape[1] / self._depth_m.shape[1] * self._fx
        depth_m *= np.float32(camera.fx / shown)
        return Prediction(depth_m, np.full_like(depth_m, np.nan))


def main() -> None:
    options = _parser().parse_args()
    runtime = options.runtime or RUNTIME_OF.get(Path(options.model).suffix, 'onnxruntime')
    predictor = Predictor.load(
        options.model, runtime=runtime, device=options.device, precision='float32'
    )
    rows = list(evaluated_drives(predictor, options))
    command = shlex.join(['python', 'benchmark/validation_drives.py', *sys.argv[1:]])
    content = document('validation drives', str(options.data), command, {})
    content['model'] = about_model(options.model, predictor)
    content['means'] = {
        'validation': means(rows, 'validation'),
        'validation_kitti': means([row for row in rows if row.get('layout')], 'validation'),
    }
    content['drives'] = rows
    write_result(options.json, content)
    for name, values in content['means'].items():
        print(f'{name:<28}{_told(values)}')


def evaluated_drives(predictor: Predictor, options: argparse.Namespace) -> Iterator[dict]:
    """Yield a row for each drive, with the reason where there is none."""
    layout = _layout(options.data)
    chosen = [drive for drive in DRIVES if drive.name in (options.drives or (drive.name,))]
    for drive in chosen:
        row: dict[str, Any] = {'drive': drive.name, 'role': drive.role}
        try:
            row |= evaluated(drive, predictor, layout, options)
        except InputError as error:
            row['left_out'] = str(error)
        print(f'{drive.name:<28}{row.get("left_out") or _told(row)}')
        yield row


def evaluated(
    drive: Drive, predictor: Predictor, layout: Layout | None, options: argparse.Namespace
) -> dict[str, Any]:
    """Score the model, and the layout where there is one for this camera."""
    dataset, protocol = opened(drive, options), find_protocol(drive.protocol)
    row = figures(evaluate(predictor, dataset, protocol))
    if layout and drive.protocol == 'eigen_garg_kb':
        values = scored(dataset, protocol, layout).scores.figures()
        row['layout'] = {name: values[name] for name in ('abs_rel', 'rmse', 'd1')}
    return row


def opened(drive: Drive, options: argparse.Namespace, *, matched: bool = True) -> StereoDataset:
    """Open a drive; where `matched`, what has no file of truth has that of block matching."""
    if drive.spec.startswith('synthetic'):
        dataset = open_dataset(drive.spec, limit=options.scenes)
    else:
        spec = drive.spec.format(options.data)
        dataset = open_dataset(spec, drives=drive.drives, truth='best')
        if not matched:
            return dataset
        dataset = BlockMatched(dataset)
    folder = options.cache / drive.name
    return CachedSamples(dataset, folder, drive.spec) if drive.cached else dataset


def figures(score: DatasetScore) -> dict[str, Any]:
    """Return what is told of one drive."""
    result = score.scores.result()
    return {
        'protocol': result['protocol'],
        'images': result['images'],
        'missing': score.missing,
        **{name: result['figures'].get(name) for name in FIGURES},
        'abs_rel_by_distance': by_distance(result['by_distance']),
    }


def by_distance(parts: Sequence[dict[str, Any]]) -> dict[str, float | None]:
    """Merge the bands of an evaluation to fewer; abs_rel over the pixels of each at once."""
    told = {}
    for low, high in pairwise(BANDS_M):
        inside = [p for p in parts if low <= p['from_m'] < high and p['pixels']]
        pixels = sum(part['pixels'] for part in inside)
        errors = sum(part['pixels'] * part['abs_rel'] for part in inside)
        told[f'{low}-{high} m'] = errors / pixels if pixels else None
    return told


def means(rows: Sequence[dict[str, Any]], role: str) -> dict[str, Any]:
    """Return the mean of each figure over drives, each drive as much as any other."""
    chosen = [row for row in rows if row['role'] == role and 'left_out' not in row]
    bands = [f'{low}-{high} m' for low, high in pairwise(BANDS_M)]
    layouts = [row['layout']['abs_rel'] for row in chosen if 'layout' in row]
    return {
        'drives': len(chosen),
        **{name: _mean([row[name] for row in chosen]) for name in FIGURES},
        'abs_rel_by_distance': {
            band: _mean([row['abs_rel_by_distance'][band] for row in chosen]) for band in bands
        },
        'layout': {'abs_rel': _mean(layouts)},
    }


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None and math.isfinite(value)]
    return sum(known) / len(known) if known else None


def _layout(data: str) -> Layout | None:
    """Make the layout of the training drives of one day."""
    folder = Path(data) / 'kitti_places' / LAYOUT_DAY
    names = sorted(path.name for path in folder.glob(f'{LAYOUT_DAY}_drive_*_sync'))
    drives = [name for name in names if name not in VALIDATION_DRIVES]
    if not drives:
        return None
    return Layout(open_dataset(KITTI_PLACES.format(data), drives=drives, truth='best'))


def _told(row: dict[str, Any]) -> str:
    known = {name: row[name] for name in FIGURES if row[name] is not None}
    text = ' '.join(f'{name} {value:.4f}' for name, value in known.items())
    layout = row.get('layout', {}).get('abs_rel')
    return text if layout is None else f'{text} (layout {layout:.4f})'


def parser(description: str, json: Path) -> argparse.ArgumentParser:
    """Return the options of everything that goes over the validation drives."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument('--runtime', help='of its file: torch or onnxruntime')
    parser.add_argument('--device', default='cpu')
    parser.add_argument('--data', default=os.environ.get('ADU_DEPTH_DATA', '../shared/data'))
    names = [drive.name for drive in DRIVES]
    parser.add_argument('--drives', nargs='+', choices=names, help='only these')
    parser.add_argument('--scenes', type=int, default=24, help='of each rendered set')
    parser.add_argument('--cache', type=Path, default=Path('out/validation_drives'))
    parser.add_argument('--json', type=Path, default=json)
    return parser


def _parser() -> argparse.ArgumentParser:
    options = parser(__doc__.splitlines()[1], Path('out/validation_drives.json'))
    options.add_argument('--model', default='tiny', help='shipped name or file of a student')
    return options


if __name__ == '__main__':
    main()
