# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
What each mechanism of the distillation is worth on real frames: KITTI, most of it without truth.

    python benchmark/real_frames.py --seeds 0 1 2 && python benchmark/real_frames.py --table

The students see the training drives of kitti_places. One drive in four keeps the best truth that
its frames have, the others have none, as a robot's recordings. The teacher is the one that ships,
pooled with block matching as `adu-depth label` does, and has spoken once, of all pairs; it has
learnt from the truth of all of these drives: what is compared is ways to hear it, not what it may
know. Rows with features (`feature`, `feature_and_response`, `full`) have the network itself beside
it (and no block matching then), at four times the time. All rows see as many images for as many
steps. `teacher` and `teacher_concat` are teachers themselves, which match features and look at six
channels: they see the pairs of the same drives with all the truth that these have, and are scored
on pairs alone.

Scored on four whole drives that neither student nor teacher has seen, under eigen_garg_kb, and
above what KITTI's laser looks at (2 degrees over the horizon) against block matching. Rows named
`..._scratch` start from random numbers, all others from ImageNet's weights; those named
`..._l1_truth` are held to truth by the absolute error of log-depth, all others by SILog.

It keeps one small JSON for each (row, seed), skips those that are there, and may be started in
several processes with different seeds.
"""

import argparse
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from ablation import STUDENTS
from ablation import TEACHERS as ABLATED_TEACHERS
from experiments import Predict, is_finished, load_predict, table, trained_model_file, write_result
from lightning import seed_everything
from validation_drives import KITTI_PLACES, VALIDATION_DRIVES, BlockMatched

from adu_depth_core.datasets.block_matching import BlockMatching
from adu_depth_core.datasets.sources import Truth, open_dataset
from adu_depth_core.datasets.subsets import ChosenFrames
from adu_depth_core.evaluation.evaluate import scored
from adu_depth_core.evaluation.metrics import depth_errors
from adu_depth_core.evaluation.protocols import find_protocol
from adu_depth_core.inference.teacher_labels import TeacherLabels
from adu_depth_core.samples.cached import CachedSamples
from adu_depth_core.samples.sample import StereoDataset, StereoSample, ViewOfDataset
from adu_depth_core.training.config import (
    DataConfig,
    DistillationConfig,
    ModelConfig,
    OptimiserConfig,
    SourceConfig,
    StereoConfig,
    TrainingConfig,
)
from adu_depth_core.training.data_module import DepthData
from adu_depth_core.training.views.geometry import resized

SCRATCH, L1 = (
    '_scratch',
    '_l1_truth',
)  # endings of rows: what they start from, what holds them to truth
RECORDED = {
    'alone': None,
    'l1_response': STUDENTS['l1_response'],
    'focal_response': STUDENTS['focal_response'],
    'laplace_kl_response': STUDENTS['laplace_kl_response'],
    'guided_response': replace(STUDENTS['guided'], feature_weight=0),
    'full_response': replace(STUDENTS['full'], feature_weight=0),
}
LIVE = {row: STUDENTS[row] for row in ('feature', 'feature_and_response', 'full')}
TEACHERS = {row: ABLATED_TEACHERS[row] for row in ('teacher', 'teacher_concat')}
STUDENT_ROWS = (
    *RECORDED,
    *LIVE,
    *(f'{row}{ending}' for ending in (L1, SCRATCH) for row in RECORDED),
)
ROWS = (*STUDENT_ROWS, *TEACHERS)
FIGURES = ('abs_rel', 'rmse', 'd1', 'ause', 'coverage_error', 'd1_above_laser')
ONE_LABELLED_OF = 4
LASER_TOP_DEG = 2.0
TRAINING_SIZE = 640, 193
# Of the configuration that trained the shipped student.
FROZEN = ['conv_stem', 'bn1', 'blocks.0', 'blocks.1']


class AtTrainingSize(ViewOfDataset):
    """Another data set at the size of training; a cache of it is small."""

    def __getitem__(self, index: int) -> StereoSample:
        return resized(self._dataset[index], *TRAINING_SIZE)


class Untold(ViewOfDataset):
    """Another data set, without what a teacher said."""

    def __getitem__(self, index: int) -> StereoSample:
        return replace(self._dataset[index], teacher_depth_m=None, teacher_scale=None)


def main() -> None:
    options = _parser().parse_args()
    torch.set_num_threads(options.threads)
    if options.table:
        print(table(finished(options.results), FIGURES))
        return
    for seed in options.seeds:
        for row in options.rows:
            run(row, seed, options)


def run(row: str, seed: int, options: argparse.Namespace) -> None:
    """Train and score one row with one seed, unless its result is there."""
    path = options.results / f'{row}-{seed}.json'
    run_of = {'row': row, 'seed': seed, 'steps': options.steps, 'size': list(options.size)}
    if is_finished(path, run_of):
        return
    seed_everything(seed, verbose=False)
    config = configuration(row, seed, options)
    model_file = trained_model_file(
        config,
        training_data(row, config, options),
        teacher=row in TEACHERS,
        progress=options.progress,
    )
    figures = score(load_predict(model_file), options, pairs=row in TEACHERS)
    write_result(path, {**run_of, **figures})
    print(row, seed, *(f'{name} {figures[name]:.4f}' for name in FIGURES), flush=True)


def configuration(row: str, seed: int, options: argparse.Namespace) -> TrainingConfig:
    """Return what a row trains."""
    pretrained = not row.endswith(SCRATCH)
    distillation = {**RECORDED, **LIVE}.get(method(row)) or DistillationConfig()
    distillation = replace(distillation, teacher=options.teacher if row in LIVE else None)
    sources = [SourceConfig('with_truth'), SourceConfig('without_truth')]
    return TrainingConfig(
        data=DataConfig(sources, [], [options.size], workers=0),
        model=ModelConfig(pretrained=pretrained, frozen=FROZEN if pretrained else []),
        optimiser=OptimiserConfig(
            steps=options.steps,
            learning_rate=1.5e-3,
            encoder_rate=0.4 if pretrained else 1.0,
            ema_decay=0.98,
            depth_loss='l1' if row.endswith(L1) else 'silog',
        ),
        stereo=TEACHERS.get(row, StereoConfig()),
        distillation=distillation,
        output=str(options.output / f'{row}-{seed}'),
        seed=seed,
    )


def method(row: str) -> str:
    """Return the name of a row without its ending."""
    return row.removesuffix(SCRATCH).removesuffix(L1)


def training_data(row: str, config: TrainingConfig, options: argparse.Namespace) -> DepthData:
    """
    Every fourth drive with truth, the others without, each half of what a student sees.

    A teacher has the truth of all of them, and no other teacher's word.
    """
    folder = Path(options.data) / 'kitti_places'
    names = sorted(path.name for path in folder.glob('*/*_sync'))
    drives = [name for name in names if name not in VALIDATION_DRIVES]
    with_truth = drives[::ONE_LABELLED_OF]
    without = [drive for drive in drives if drive not in with_truth]
    is_teacher = row in TEACHERS
    others = (
        told(options, without, 'best', 'also_with_truth')
        if is_teacher
        else told(options, without, 'none', 'without_truth')
    )
    train = [told(options, with_truth, 'best', 'with_truth'), others]
    if is_teacher or method(row) == 'alone':
        train = [Untold(dataset) for dataset in train]
    fitted = told(options, VALIDATION_DRIVES[:1], 'best', 'validation')
    if is_teacher:
        train, fitted = [of_pairs(dataset) for dataset in train], of_pairs(fitted)
    return DepthData(config, train, [fitted], trains_teacher=is_teacher)


def told(
    options: argparse.Namespace, drives: Sequence[str], truth: Truth, name: str
) -> StereoDataset:
    """Open drives at the size of training, kept on disk."""
    dataset = open_dataset(KITTI_PLACES.format(options.data), drives=drives, truth=truth)
    told = AtTrainingSize(TeacherLabels(dataset, options.teacher))
    return CachedSamples(told, options.output / 'data' / name)


def of_pairs(dataset: StereoDataset) -> StereoDataset:
    """Leave out what has no right image."""
    return ChosenFrames(dataset, [i for i in range(len(dataset)) if dataset[i].right is not None])


def score(predict: Predict, options: argparse.Namespace, *, pairs: bool) -> dict[str, Any]:
    """Mean over drives under the protocol, and each drive's; AUSE of abs_rel."""
    drives: dict[str, dict[str, float]] = {}
    for name in VALIDATION_DRIVES:
        dataset = open_dataset(KITTI_PLACES.format(options.data), drives=[name], truth='best')
        dataset = CachedSamples(
            BlockMatching(BlockMatched(dataset)), options.output / 'data' / name
        )
        if pairs:
            dataset = of_pairs(dataset)
        found = scored(dataset, find_protocol('eigen_garg_kb'), predict).scores.figures()
        found |= {'ause': found['ause_abs_rel'], FIGURES[-1]: above_laser(dataset, predict)}
        drives[name] = {figure: found[figure] for figure in FIGURES}
    means = {f: float(np.mean([drive[f] for drive in drives.values()])) for f in FIGURES}
    return {'protocol': 'eigen_garg_kb', **means, 'drives': drives}


def above_laser(dataset: StereoDataset, predict: Predict) -> float:
    """
    Compare with block matching where no laser of KITTI looks; d1, mean over images.

    Matches of sky with sky, few as they are, would rule a mean of relative errors.
    """
    shares = []
    for index in range(len(dataset)):
        sample = dataset[index]
        if sample.teacher_depth_m is None:
            continue
        camera, matched = sample.camera, sample.teacher_depth_m.copy()
        top_row = int(camera.cy - camera.fy * np.tan(np.deg2rad(LASER_TOP_DEG)))
        matched[top_row:] = np.nan
        if np.isfinite(matched).any():
            shares.append(depth_errors(predict(sample).depth_m, matched)['d1'])
    return float(np.mean(shares))


def finished(results: Path) -> Iterator[tuple[str, list[dict]]]:
    """Yield the rows that have results, with all of them."""
    for row in ROWS:
        runs = [json.loads(p.read_text()) for p in sorted(results.glob(f'{row}-[0-9]*.json'))]
        if runs:
            yield row, runs


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[1])
    parser.add_argument('--data', default=os.environ.get('ADU_DEPTH_DATA', '../shared/data'))
    parser.add_argument('--teacher', default='teacher', help='shipped name or file')
    parser.add_argument('--rows', nargs='+', choices=ROWS, default=ROWS)
    parser.add_argument('--seeds', nargs='+', type=int, default=[0, 1, 2])
    parser.add_argument('--steps', type=int, default=400)
    parser.add_argument('--threads', type=int, default=1)
    parser.add_argument('--progress', action='store_true')
    parser.add_argument('--table', action='store_true', help='print the results that there are')
    parser.add_argument('--output', type=Path, default=Path('out/real_frames'))
    parser.add_argument('--results', type=Path, default=Path('benchmark/results/real_frames'))
    parser.set_defaults(size=(320, 96))
    return parser


if __name__ == '__main__':
    main()
