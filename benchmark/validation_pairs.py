# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
A stereo teacher on the pairs of the validation drives, beside block matching.

    python benchmark/validation_pairs.py --teacher out/teacher/teacher.onnx

The drives, protocols and caches are those of `validation_drives.py`; frames without a right image
or without a file of truth are left out, for block matching cannot judge itself. Each drive has
five rows of figures, at the camera's own size: the teacher alone and pooled with block matching
over all pixels with truth, and these and block matching over those where that answers.
"""

import argparse
import shlex
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from validation_drives import DRIVES, FIGURES, RUNTIME_OF, Drive, by_distance, opened
from validation_drives import parser as drives_parser

from adu_depth_core.datasets.subsets import ChosenFrames
from adu_depth_core.errors import InputError
from adu_depth_core.evaluation.document import about_model, document, write_result
from adu_depth_core.evaluation.evaluate import scored
from adu_depth_core.evaluation.protocols import find_protocol
from adu_depth_core.inference.block_matching_predictor import BlockMatchingPredictor
from adu_depth_core.inference.prediction import Prediction
from adu_depth_core.inference.stereo_predictor import StereoPredictor
from adu_depth_core.samples.sample import StereoDataset, StereoSample, ViewOfDataset

Predict = Callable[[StereoSample], Prediction]


class WhereMatched(ViewOfDataset):
    """Another data set, its truth hidden where block matching does not answer."""

    def __getitem__(self, index: int) -> StereoSample:
        """Read one pair and match it."""
        sample = self._dataset[index]
        assert sample.depth_m is not None
        answered = np.isfinite(of_pairs(BlockMatchingPredictor())(sample).depth_m)
        return replace(sample, depth_m=np.where(answered, sample.depth_m, np.float32(np.nan)))


def main() -> None:
    options = _parser().parse_args()
    runtime = options.runtime or RUNTIME_OF.get(Path(options.teacher).suffix, 'onnxruntime')
    alone, pooled = (
        StereoPredictor.load(
            options.teacher,
            runtime=runtime,
            device=options.device,
            precision='float32',
            block_matching=block_matching,
        )
        for block_matching in (False, True)
    )
    rows = []
    for drive in DRIVES:
        if drive.name in (options.drives or (drive.name,)):
            rows.append(
                {
                    'drive': drive.name,
                    'role': drive.role,
                    **evaluated(drive, alone, pooled, options),
                }
            )
            print(rows[-1])
    command = shlex.join(['python', 'benchmark/validation_pairs.py', *sys.argv[1:]])
    content = document('validation pairs', str(options.data), command, {})
    content['model'] = about_model(options.teacher, alone)
    content['drives'] = rows
    write_result(options.json, content)


def evaluated(
    drive: Drive, alone: StereoPredictor, pooled: StereoPredictor, options: argparse.Namespace
) -> dict[str, Any]:
    """Score all on the pairs of a drive, or say why there is nothing to score."""
    try:
        dataset = pairs_with_truth(opened(drive, options, matched=False))
    except InputError as error:
        return {'left_out': str(error)}
    protocol = find_protocol(drive.protocol)
    where_matched = WhereMatched(dataset)
    sides = {
        'teacher': (dataset, of_pairs(alone)),
        'pooled': (dataset, of_pairs(pooled)),
        'teacher_where_matched': (where_matched, of_pairs(alone)),
        'pooled_where_matched': (where_matched, of_pairs(pooled)),
        'block_matching_where_matched': (where_matched, of_pairs(BlockMatchingPredictor())),
    }
    return {
        name: figures(scored(data, protocol, predict)) for name, (data, predict) in sides.items()
    }


def of_pairs(predictor: StereoPredictor | BlockMatchingPredictor) -> Predict:
    """Let it answer for samples."""

    def predict(sample: StereoSample) -> Prediction:
        assert sample.right is not None
        assert sample.rig is not None
        return predictor(sample.left, sample.right, sample.rig)

    return predict


def pairs_with_truth(dataset: StereoDataset) -> ChosenFrames:
    """Choose the samples that have both."""
    samples = ((index, dataset[index]) for index in range(len(dataset)))
    chosen = [i for i, s in samples if s.right is not None and s.depth_m is not None]
    if not chosen:
        raise InputError(f'none of its {len(dataset)} samples is a pair with truth')
    return ChosenFrames(dataset, chosen)


def figures(score: Any) -> dict[str, Any]:
    """Return what is told of one side."""
    result = score.scores.result()
    return {
        'images': result['images'],
        **{name: result['figures'].get(name) for name in FIGURES},
        'abs_rel_by_distance': by_distance(result['by_distance']),
    }


def _parser() -> argparse.ArgumentParser:
    parser = drives_parser(__doc__.splitlines()[1], Path('out/validation_pairs.json'))
    parser.add_argument('--teacher', required=True, help='model file of a stereo teacher')
    return parser


if __name__ == '__main__':
    main()
