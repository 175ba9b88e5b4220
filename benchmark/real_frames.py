# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
What distillation is worth on real frames: KITTI raw, most of it without any truth.

    python benchmark/real_frames.py --seeds 0 1 2 && python benchmark/real_frames.py --table

The teacher learns from synthetic drives (those of ablation.py, all truth) and from drive 0005,
frames 0 to 103, with projected laser scans. The students see 0001, which has no truth at all, and
0005[0-103]: `alone` learns from the scans, `full` from the teacher too. Scored under
eigen_garg_kb on 0002, a drive of the test split, and on 0005[114-153], which shares the drive
with the training frames but not the neighbourhood.
"""

import argparse
import json
from collections.abc import Iterator
from pathlib import Path

import torch
from ablation import DRIVES, MATCHING, Drives
from experiments import (
    Predict,
    is_finished,
    load_predict,
    table,
    trained_model_file,
    write_result,
)
from lightning import seed_everything

from adu_depth_core.datasets.sources import open_dataset
from adu_depth_core.evaluation.evaluate import scored
from adu_depth_core.evaluation.protocols import find_protocol
from adu_depth_core.samples.cached import CachedSamples
from adu_depth_core.samples.sample import StereoDataset, StereoSample, ViewOfDataset
from adu_depth_core.training.config import (
    DataConfig,
    DistillationConfig,
    OptimiserConfig,
    SourceConfig,
    TrainingConfig,
)
from adu_depth_core.training.data_module import DepthData
from adu_depth_core.training.views.geometry import resized

ROWS = ('teacher', 'alone', 'full')
SCORED = {'0002': '0002', '0005_validation': '0005[114-153]'}
FIGURES = ('abs_rel', 'rmse', 'd1', 'ause', 'coverage_error')
TRAINING_SIZE = 640, 193


class Smaller(ViewOfDataset):
    """Frames of KITTI at the size that training needs, so that a cache of them is small."""

    def __getitem__(self, index: int) -> StereoSample:
        return resized(self._dataset[index], *TRAINING_SIZE)


def main() -> None:
    options = _parser().parse_args()
    torch.set_num_threads(options.threads)
    if options.table:
        for drive in SCORED:
            print(f'{drive}\n\n{table(finished(options.results, drive), FIGURES)}\n')
        return
    for row in options.rows:
        for seed in [0] if row == 'teacher' else options.seeds:
            run(row, seed, options)


def run(row: str, seed: int, options: argparse.Namespace) -> None:
    """Train and score one row with one seed, unless its result is there."""
    path = options.results / f'{row}-{seed}.json'
    config, teacher = configuration(row, seed, options), row == 'teacher'
    run_of = {'row': row, 'seed': seed, 'steps': config.optimiser.steps}
    if is_finished(path, run_of) and (not teacher or teacher_file(options).exists()):
        return
    seed_everything(seed, verbose=False)
    sources = teacher_sources(options) if teacher else student_sources(options)
    data = DepthData(
        config,
        sources,
        [kitti('0005[114-153]', options)],
        stereo=teacher or config.distillation.teacher is not None,
    )
    model_file = trained_model_file(config, data, teacher=teacher, progress=options.progress)
    figures = score(load_predict(model_file), options)
    write_result(path, {**run_of, **figures})
    for drive in SCORED:
        print(row, seed, drive, *(f'{name} {figures[f"{name}_{drive}"]:.4f}' for name in FIGURES))


def configuration(row: str, seed: int, options: argparse.Namespace) -> TrainingConfig:
    """Return what a row trains."""
    return TrainingConfig(
        data=DataConfig([SourceConfig('a'), SourceConfig('b')], [], [options.size], workers=0),
        optimiser=OptimiserConfig(
            steps=options.teacher_steps if row == 'teacher' else options.steps
        ),
        stereo=MATCHING,
        distillation=DistillationConfig(
            teacher=str(teacher_file(options)) if row == 'full' else None
        ),
        output=str(options.output / f'{row}-{seed}'),
        seed=seed,
    )


def teacher_file(options: argparse.Namespace) -> Path:
    """Return where the one teacher lies."""
    return options.output / 'teacher-0' / 'teacher.safetensors'


def teacher_sources(options: argparse.Namespace) -> list[StereoDataset]:
    """Half synthetic drives with all truth, half frames of 0005 with scans."""
    synthetic = CachedSamples(Drives(DRIVES['simulation']), options.synthetic / 'simulation')
    return [synthetic, cached('0005[0-103]', options)]


def student_sources(options: argparse.Namespace) -> list[StereoDataset]:
    """Half frames without truth, half with scans."""
    return [cached('0001', options), cached('0005[0-103]', options)]


def cached(drive: str, options: argparse.Namespace) -> StereoDataset:
    """Return a drive's frames for training, kept on disk."""
    return CachedSamples(Smaller(kitti(drive, options)), options.output / 'data' / drive)


def kitti(drive: str, options: argparse.Namespace) -> StereoDataset:
    """Open a drive; 0001 has no truth, and would have none."""
    truth = 'none' if drive == '0001' else 'velodyne_raw'
    return open_dataset(options.data, drives=[drive], truth=truth)


def score(predict: Predict, options: argparse.Namespace) -> dict[str, object]:
    """Score both drives under the protocol; AUSE of abs_rel."""
    figures: dict[str, object] = {}
    for name, drive in SCORED.items():
        found = scored(kitti(drive, options), find_protocol('eigen_garg_kb'), predict)
        values = found.scores.figures()
        counts = {'images': found.scores.images, 'missing': found.missing}
        told = {'protocol': 'eigen_garg_kb', **counts, **values, 'ause': values['ause_abs_rel']}
        figures |= {f'{figure}_{name}': value for figure, value in told.items()}
    return figures


def finished(results: Path, drive: str) -> Iterator[tuple[str, list[dict]]]:
    """Yield the rows that have results, with all of their figures of one drive."""
    for row in ROWS:
        runs = [json.loads(p.read_text()) for p in sorted(results.glob(f'{row}-[0-9]*.json'))]
        if runs:
            yield row, [{name: run[f'{name}_{drive}'] for name in FIGURES} for run in runs]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[1])
    parser.add_argument('--data', default='kitti_raw:$ADU_DEPTH_DATA/kitti_raw')
    parser.add_argument('--rows', nargs='+', choices=ROWS, default=ROWS)
    parser.add_argument('--seeds', nargs='+', type=int, default=[0, 1, 2])
    parser.add_argument('--steps', type=int, default=400)
    parser.add_argument('--teacher-steps', type=int, default=600)
    parser.add_argument('--threads', type=int, default=1)
    parser.add_argument('--progress', action='store_true')
    parser.add_argument('--table', action='store_true', help='print the results that there are')
    parser.add_argument('--synthetic', type=Path, default=Path('out/ablation/data'))
    parser.add_argument('--output', type=Path, default=Path('out/real_frames'))
    parser.add_argument('--results', type=Path, default=Path('benchmark/results/real_frames'))
    parser.set_defaults(size=(320, 96))
    return parser


if __name__ == '__main__':
    main()
