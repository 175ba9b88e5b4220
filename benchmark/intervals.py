# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
Tells whether 90 % intervals hold 90 %, on drives that the shipped model has not seen.

    python benchmark/intervals.py

As the model is, calibrated, and with truth that comes in on the way. KITTI: factors are fitted on
the validation drives and judged on drive 0002. Synthetic: fitted on some drives, judged on
others; no training sees their seeds. On-line: factors start at 1, and once at half the deviation
that the model states, and learn from some pixels of each frame, as of a laser; judged by other
pixels of the same frames, in the second half of a drive; last with the smaller gain that the node
has, as the drive is played twenty times in a loop. Counted are the pixels that the node would
publish. Frames are rendered at half the size of KITTI's.

What was predicted is kept in --cache, so that a run that was ended goes on. $ADU_DEPTH_DATA (or
--data) must hold kitti_places/ and kitti_raw/.
"""

import argparse
import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from adu_depth_core.atomic_files import written_whole
from adu_depth_core.datasets.sources import open_dataset
from adu_depth_core.evaluation.calibrating.fit import LEAST_PARTS, fitted
from adu_depth_core.evaluation.calibrating.residuals import Residuals, compared
from adu_depth_core.evaluation.calibrating.truth_frames import (
    TruthFrame,
    frames_of_samples,
    independent_parts,
)
from adu_depth_core.evaluation.document import write_result
from adu_depth_core.inference.factors import Factors
from adu_depth_core.inference.predictor import Predictor
from adu_depth_core.inference.running_std_scale import RunningStdScale
from adu_depth_core.synthetic import SyntheticDrive
from adu_depth_core.synthetic.drive import KITTI_CAMERA

VALIDATION = [f'2011_09_26_drive_{number}_sync' for number in ('0051', '0070', '0104')]
FITTED_SEEDS, JUDGED_SEEDS = (9101, 9102, 9103), (9201, 9202)
FITTED_EVERY, JUDGED_EVERY = 10, 2  # of ten frames a second
HALF = KITTI_CAMERA.resized(KITTI_CAMERA.width // 2, KITTI_CAMERA.height // 2)
PIXELS, LASER_PIXELS = 2000, 200
GAIN = 0.5  # drives are short
ROUNDS = 20  # with the gain that the node has, which is for minutes
LOW, HIGH = 0.85, 0.95


def main() -> None:
    options = _parser().parse_args()
    predictor = Predictor.load(options.model, runtime=options.runtime, precision='float32')
    limits = predictor.max_depth, predictor.max_relative_std
    found = {name: pixels(name, predictor, options) for name in drives(options)}
    rows = {}
    fits = {'kitti': ['kitti_validation'], 'synthetic': [f'fit_{seed}' for seed in FITTED_SEEDS]}
    judged = {'kitti': ['kitti_0002'], 'synthetic': [f'drive_{seed}' for seed in JUDGED_SEEDS]}
    for kind, names in fits.items():
        residuals = together([found[name] for name in names])
        factors = fitted(residuals)
        print(f'{kind}: {factors}, from {residuals.parts} independent frames')
        for name in judged[kind]:
            rows[name] = row(found[name], factors, limits)
    for name, figures in rows.items():
        print(f'{name:12}' + ', '.join(f'{what} {100 * x:.1f} %' for what, x in figures.items()))
    inside = [LOW <= x <= HIGH for row in rows.values() for x in row.values()]
    print(f'{sum(inside)} of {len(inside)} between {LOW:.0%} and {HIGH:.0%}')
    content = {'model_sha256': predictor.model_sha256, 'coverage_of_90': rows}
    write_result(options.json, content)


def drives(options: argparse.Namespace) -> dict[str, Iterator[TruthFrame]]:
    """Return the frames of each drive; nothing is read before it is asked for."""
    places, raw = (
        f'kitti_raw:{options.data}/{folder}' for folder in ('kitti_places', 'kitti_raw')
    )
    kitti = {
        'kitti_validation': open_dataset(places, drives=VALIDATION),
        'kitti_0002': open_dataset(raw, drives=['0002']),
    }
    frames = {name: frames_of_samples(dataset) for name, dataset in kitti.items()}
    for seeds, name, every in (
        (FITTED_SEEDS, 'fit_{}', FITTED_EVERY),
        (JUDGED_SEEDS, 'drive_{}', JUDGED_EVERY),
    ):
        for seed in seeds:
            drive = SyntheticDrive(seed, 10 * options.seconds, camera=HALF, right=False)
            frames[name.format(seed)] = frames_of_samples(drive, every)
    return frames


def pixels(name: str, predictor: Predictor, options: argparse.Namespace) -> NDArray[np.float64]:
    """Return (N, 5): error, scale, depth, number of the frame and seconds of its pixels."""
    path = options.cache / f'{predictor.model_sha256[:12]}_{options.seconds}_{name}.npy'
    if path.is_file():
        return np.load(path, allow_pickle=False)
    rng, rows = np.random.default_rng(0), []
    for number, frame in enumerate(tqdm(drives(options)[name], desc=name, unit='frame')):
        found = compared(predictor(frame.given, frame.camera), frame.truth_m, predictor.max_depth)
        some = rng.permutation(found)[:PIXELS]
        place = np.full((len(some), 2), (number, frame.stamp_ns / 1e9))
        rows.append(np.hstack([some, place]))
    with written_whole(path) as part:
        np.save(part, np.concatenate(rows))
    return np.concatenate(rows)


def together(found: list[NDArray[np.float64]]) -> Residuals:
    """Return the pixels of several drives for a fit; frames a second apart are independent."""
    parts, count, columns = [], 0, np.concatenate(found)
    for number, rows in enumerate(found):
        frames, first = np.unique(rows[:, 3], return_index=True)
        stamps = np.round(rows[first, 4] * 1e9).astype(np.int64)
        part = independent_parts([str(number)] * len(frames), stamps, 0.95)
        parts.append(count + part[np.searchsorted(frames, rows[:, 3])])
        count += int(part.max()) + 1
    assert count >= LEAST_PARTS, f'{count} independent frames'
    error, scale, depth_m = columns[:, :3].T
    return Residuals(error, scale, depth_m, np.concatenate(parts), count, count)


def row(
    rows: NDArray[np.float64], factors: Factors, limits: tuple[float, float]
) -> dict[str, float]:
    """Return which share of the truth of a drive is inside the interval, in each way."""
    frames = [rows[rows[:, 3] == frame] for frame in np.unique(rows[:, 3])]
    return {
        'as it is': float(np.mean([inside(frame, Factors(), limits) for frame in frames])),
        'calibrated': float(np.mean([inside(frame, factors, limits) for frame in frames])),
        'on-line': on_line(frames, Factors(), limits, GAIN),
        'on-line from half': on_line(frames, Factors(std_scale=0.5), limits, GAIN),
        'on-line from half, in a loop with the gain of the node': on_line(
            frames * ROUNDS, Factors(std_scale=0.5), limits
        ),
    }


def on_line(
    frames: list[NDArray[np.float64]],
    factors: Factors,
    limits: tuple[float, float],
    gain: float | None = None,
) -> float:
    """Let the factor run through a drive, and return the share inside in its second half."""
    scale = RunningStdScale() if gain is None else RunningStdScale(gain)
    shares = []
    for frame in frames:
        now = factors * Factors(1.0, scale.factor)
        shares.append(inside(frame[LASER_PIXELS:], now, limits))
        scale.learn(inside(frame[:LASER_PIXELS], now, limits))
    return float(np.mean(shares[len(shares) // 2 :]))


def inside(frame: NDArray[np.float64], factors: Factors, limits: tuple[float, float]) -> float:
    """Return which share of the truth of a frame is inside, of what would be published."""
    error, scale, depth_m = frame[:, :3].T
    count = np.zeros(len(error), np.int64)
    residuals = Residuals(error, scale, depth_m, count, 1, 1).multiplied(factors)
    max_depth, max_relative_std = limits
    shown = np.sqrt(2) * residuals.scale <= max_relative_std
    shown &= residuals.depth_m <= max_depth
    return float(np.mean(residuals.in_half_widths[shown] <= 1))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[1])
    parser.add_argument('--model', default='tiny', help='shipped name or file (default: tiny)')
    parser.add_argument('--runtime', default='onnxruntime')
    parser.add_argument('--data', type=Path, default=os.environ.get('ADU_DEPTH_DATA'))
    parser.add_argument('--seconds', type=int, default=4, help='of each synthetic drive')
    parser.add_argument('--cache', type=Path, default=Path('out/intervals'))
    parser.add_argument('--json', type=Path, default=Path('benchmark/results/intervals.json'))
    return parser


if __name__ == '__main__':
    main()
