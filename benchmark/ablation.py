# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
What each mechanism of the distillation is worth, on synthetic drives with a robot's labels.

    python benchmark/ablation.py prepare
    python benchmark/ablation.py run --rows teacher alone l1_response full
    python benchmark/ablation.py table

One vehicle drives many streets, 8 frames a drive, one second apart, through one rig of KITTI's
geometry. The student has the labels of a robot: of 60 drives, a quarter of the frames has what a
64-line laser sees (5 % of the pixels, none above the horizon), the others have no truth at all;
the rows named `…_dense` have all of it. The teacher is one trained in simulation: it learns from
the dense truth of 60 other drives, so that no truth of the student's drives reaches the student
through it; `teacher_laser` has the student's drives and labels instead. All rows see as many
images for as many steps; a distilled row of seed k learns from the teacher of seed k. Scored on
dense truth up to 80 m of 20 unseen drives, over all pixels and over those that no laser ever sees.

`run` keeps one small JSON for each (row, seed), skips those that are there, and may be started
in several processes with different rows.
"""

import argparse
import json
import time
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from experiments import (
    Predict,
    is_finished,
    load_predict,
    table,
    trained_model_file,
    write_result,
)
from lightning import seed_everything
from tqdm import tqdm

from adu_depth_core.datasets.laser_pattern import LaserLabels, seen_by_laser
from adu_depth_core.evaluation.metrics import depth_errors, mean_over_images
from adu_depth_core.evaluation.sparsification import sparsification
from adu_depth_core.evaluation.uncertainty import coverage_error, normalised_errors
from adu_depth_core.inference.predictor import Prediction
from adu_depth_core.samples.cached import CachedSamples
from adu_depth_core.samples.sample import Missing, StereoDataset, StereoSample
from adu_depth_core.synthetic import SyntheticDrive
from adu_depth_core.synthetic.drive import KITTI_CAMERA
from adu_depth_core.training.config import (
    DataConfig,
    DistillationConfig,
    OptimiserConfig,
    SourceConfig,
    StereoConfig,
    TrainingConfig,
)
from adu_depth_core.training.data_module import DepthData

MAX_DEPTH = 80.0
LABELLED_SHARE = 0.25
FRAMES_PER_DRIVE = 8
DRIVES = {
    'train': range(1000, 1060),
    'simulation': range(4000, 4060),
    'validation': range(2000, 2006),
    'test': range(3000, 3020),
}

RESPONSE_WEIGHT = 10.0
NONE = DistillationConfig(
    feature_weight=0, response_weight=0, likelihood_weight=0, guidance=False, teacher='?'
)
BOTH = DistillationConfig(
    response_weight=RESPONSE_WEIGHT, likelihood_weight=0, guidance=False, teacher='?'
)
STUDENTS = {
    'alone': DistillationConfig(),
    'l1_response': replace(NONE, response_weight=RESPONSE_WEIGHT, response='l1'),
    'focal_response': replace(NONE, response_weight=RESPONSE_WEIGHT),
    'feature': replace(NONE, feature_weight=1),
    'feature_and_response': BOTH,
    'guided': replace(BOTH, guidance=True),
    'full': replace(BOTH, likelihood_weight=1, guidance=True),
    'full_response_weight_1': replace(BOTH, response_weight=1, likelihood_weight=1, guidance=True),
    'laplace_kl_response': replace(NONE, response_weight=1, response='laplace_kl'),
    'alone_dense': DistillationConfig(),
    'full_dense': replace(BOTH, likelihood_weight=1, guidance=True),
}
MATCHING = StereoConfig(max_disparity_px=48)
TEACHERS = {
    'teacher': MATCHING,
    'teacher_concat': replace(MATCHING, fusion='concat'),
    'teacher_laser': MATCHING,
}
ROWS = (*TEACHERS, *STUDENTS)  # students learn from the teachers
FIGURES = ('abs_rel', 'rmse', 'd1', 'ause', 'coverage_error', 'abs_rel_unseen_by_lidar')


class Drives:
    """Frames of several drives of one vehicle, a second apart."""

    missing = Missing()

    def __init__(self, seeds: Iterable[int]) -> None:
        camera = KITTI_CAMERA.resized(640, 192)
        self._drives = [
            SyntheticDrive(seed, FRAMES_PER_DRIVE, camera=camera, rate_hz=1.0) for seed in seeds
        ]

    def __len__(self) -> int:
        return len(self._drives) * FRAMES_PER_DRIVE

    def __getitem__(self, index: int) -> StereoSample:
        return self._drives[index // FRAMES_PER_DRIVE][index % FRAMES_PER_DRIVE]


def main() -> None:
    options = _parser().parse_args()
    torch.set_num_threads(options.threads)
    if options.action == 'prepare':
        prepare(options)
    elif options.action == 'run':
        for seed in options.seeds:
            for row in (row for row in ROWS if row in options.rows):
                run(row, seed, options)
    else:
        print(table(finished(options.results), FIGURES))


def prepare(options: argparse.Namespace) -> None:
    """Render what is not there yet; several processes may share the work."""
    for part in DRIVES:
        dataset = cached(part, options)
        for index in tqdm(range(options.share, len(dataset), options.of), desc=part):
            dataset[index]


def run(row: str, seed: int, options: argparse.Namespace) -> None:
    """Train and score one row with one seed, unless its result is there."""
    path = options.results / f'{row}-{seed}.json'
    run_of = {'row': row, 'seed': seed, 'steps': options.steps, 'size': list(options.size)}
    teacher_file = options.output / f'{row}-{seed}' / 'teacher.safetensors'
    if is_finished(path, run_of) and (row not in TEACHERS or teacher_file.exists()):
        return
    seed_everything(seed, verbose=False)
    config = configuration(row, seed, options)
    started = time.monotonic()
    model_file = trained_model_file(
        config,
        training_data(row, config, options),
        teacher=row in TEACHERS,
        device=options.device,
        precision=options.precision,
        progress=options.progress,
    )
    seconds = round(time.monotonic() - started)
    figures = score(load_predict(model_file), cached('test', options))
    write_result(path, {**run_of, **figures, 'training_seconds': seconds})
    print(row, seed, *(f'{name} {figures[name]:.4f}' for name in FIGURES), flush=True)


def configuration(row: str, seed: int, options: argparse.Namespace) -> TrainingConfig:
    """Return what a row trains."""
    distillation = STUDENTS.get(row, DistillationConfig())
    if distillation.teacher:
        teacher = options.output / f'teacher-{seed}' / 'teacher.safetensors'
        distillation = replace(distillation, teacher=str(teacher))
    return TrainingConfig(
        data=DataConfig([SourceConfig('drives')], [], sizes=[options.size], workers=0),
        optimiser=OptimiserConfig(steps=options.steps, learning_rate=options.learning_rate),
        stereo=TEACHERS.get(row, StereoConfig()),
        distillation=distillation,
        output=str(options.output / f'{row}-{seed}'),
        seed=seed,
    )


def training_data(row: str, config: TrainingConfig, options: argparse.Namespace) -> DepthData:
    """Give the labels of a robot, or all of them, or those of a simulation."""
    simulated = row in ('teacher', 'teacher_concat')
    train = cached('simulation' if simulated else 'train', options)
    if not simulated and not row.endswith('_dense'):
        train = LaserLabels(train, LABELLED_SHARE)
    validation = cached('validation', options)
    return DepthData(
        config, [train], [LaserLabels(validation, 1.0)], trains_teacher=row in TEACHERS
    )


def score(predict: Predict, dataset: StereoDataset) -> dict[str, float]:
    """Compare with dense truth; errors and AUSE per image, coverage pooled over pixels."""
    rows, normalised = [], []
    for index in range(len(dataset)):
        sample = dataset[index]
        prediction = predict(sample)
        truth = np.where(sample.depth_m < MAX_DEPTH, sample.depth_m, np.nan)
        unseen = np.where(seen_by_laser(sample.camera), np.nan, truth)
        rows.append(image_figures(prediction, truth, unseen))
        normalised.append(normalised_errors(prediction.depth_m, prediction.std_m, truth))
    means = mean_over_images(rows)
    return {**means, 'coverage_error': coverage_error(np.concatenate(normalised))}


def image_figures(
    prediction: Prediction, truth: np.ndarray, unseen: np.ndarray
) -> dict[str, float]:
    """Figures of one image."""
    errors = depth_errors(prediction.depth_m, truth, max_depth=MAX_DEPTH)
    known = np.isfinite(truth)
    depth = np.clip(prediction.depth_m[known], 1e-3, MAX_DEPTH)
    relative_std = prediction.std_m[known] / prediction.depth_m[known]
    return {
        **{name: errors[name] for name in ('abs_rel', 'rmse', 'd1')},
        'ause': sparsification(depth, truth[known], relative_std).ause,
        'abs_rel_unseen_by_lidar': depth_errors(prediction.depth_m, unseen)['abs_rel'],
    }


def finished(results: Path) -> Iterator[tuple[str, list[dict]]]:
    """Yield the rows that have results, with all of them."""
    for row in ROWS:
        runs = [json.loads(p.read_text()) for p in sorted(results.glob(f'{row}-[0-9]*.json'))]
        if runs:
            yield row, runs


def cached(part: str, options: argparse.Namespace) -> StereoDataset:
    """Return the frames of a part, kept on disk."""
    return CachedSamples(Drives(DRIVES[part]), options.output / 'data' / part)


def _size(text: str) -> tuple[int, int]:
    width, height = text.split('x')
    return int(width), int(height)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[1])
    parser.add_argument('action', choices=('prepare', 'run', 'table'))
    parser.add_argument('--rows', nargs='+', choices=ROWS, default=ROWS)
    parser.add_argument('--seeds', nargs='+', type=int, default=[0, 1, 2])
    parser.add_argument('--steps', type=int, default=800)
    parser.add_argument('--size', type=_size, default=(320, 96), help='WIDTHxHEIGHT')
    parser.add_argument('--learning-rate', type=float, default=2e-3)
    parser.add_argument('--device', default='cpu')
    parser.add_argument('--precision', default='32-true')
    parser.add_argument('--threads', type=int, default=1)
    parser.add_argument('--progress', action='store_true')
    parser.add_argument('--share', type=int, default=0, help='of `prepare`: which process')
    parser.add_argument('--of', type=int, default=1, help='of `prepare`: how many processes')
    parser.add_argument('--output', type=Path, default=Path('out/ablation'))
    parser.add_argument('--results', type=Path, default=Path('benchmark/results/ablation'))
    return parser


if __name__ == '__main__':
    main()
