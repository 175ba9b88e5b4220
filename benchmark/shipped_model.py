# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
Accuracy of a model on KITTI raw beside the least that it must beat, the constant layout.

    python benchmark/shipped_model.py --data kitti_raw:$ADU_DEPTH_DATA/kitti_raw

The layout is made from drive 0005, frames 0 to 103. Scored are 0005[114-153] (validation: the
drive is one that the shipped model was trained on, the neighbourhood is not) and 0002 (a drive
it has never seen).
"""

import argparse
import json
import platform
from pathlib import Path

import numpy as np

from adu_depth_core.atomic_files import written_whole
from adu_depth_core.datasets.sources import open_dataset
from adu_depth_core.evaluation.constant_layout import constant_layout
from adu_depth_core.evaluation.evaluate import DatasetScore, evaluate, scored
from adu_depth_core.evaluation.protocols import find_protocol
from adu_depth_core.inference.predictor import Prediction, Predictor

LAYOUT_DRIVE = '0005[0-103]'
SCORED_DRIVES = ('0005[114-153]', '0002')


def main() -> None:
    """Print one line for each drive and candidate, and write them all as JSON."""
    arguments = _parser().parse_args()
    protocol = find_protocol('eigen_garg_kb')
    layout = constant_layout(open_dataset(arguments.data, drives=[LAYOUT_DRIVE]))
    unknown = np.full_like(layout, np.nan)
    predictor = Predictor.load(arguments.model)
    rows = []
    for drive in SCORED_DRIVES:
        dataset = open_dataset(arguments.data, drives=[drive])
        constant = scored(dataset, protocol, lambda _: Prediction(layout, unknown))
        learnt = evaluate(predictor, dataset, protocol)
        rows += [_row(drive, 'constant layout', constant), _row(drive, arguments.model, learnt)]
    for row in rows:
        print(f'{row["drive"]:<16}{row["candidate"]:<18}abs_rel {row["abs_rel"]:.4f}')
    result = {
        'machine': platform.platform(),
        'model_sha256': predictor.model_sha256,
        'runtime': predictor.runtime_name,
        'precision': predictor.precision,
        'rows': rows,
    }
    with written_whole(arguments.json) as temporary:
        temporary.write_text(json.dumps(result, indent=2) + '\n')


def _row(drive: str, candidate: str, score: DatasetScore) -> dict[str, object]:
    """Return the figures that there are: a constant layout has no uncertainty."""
    result = score.scores.result()
    return {
        'drive': drive,
        'candidate': candidate,
        'protocol': result['protocol'],
        'images': result['images'],
        'missing': score.missing,
        **{name: value for name, value in result['figures'].items() if value is not None},
    }


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[1])
    parser.add_argument('--data', default='kitti_raw:$ADU_DEPTH_DATA/kitti_raw')
    parser.add_argument('--model', default='tiny')
    parser.add_argument('--json', type=Path, default=Path('benchmark/results/shipped_model.json'))
    return parser


if __name__ == '__main__':
    main()
