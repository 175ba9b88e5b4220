# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
What must be true of a trained teacher, whatever its accuracy, on synthetic drives it never saw.

    python benchmark/teacher_truths.py --teacher out/ablation/teacher-0/teacher.safetensors

Equal images have no disparity; images shifted by k pixels have k; exchanged images are worse; a
scene taken with 1.5 f at 1.5 times the size has the same canonical map; other sizes, and half the
baseline, leave depth metric.
"""

import argparse
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from experiments import write_result

from adu_depth_core.camera import Camera
from adu_depth_core.evaluation.metrics import depth_errors
from adu_depth_core.inference.model_file import load_teacher_file
from adu_depth_core.inference.stereo_predictor import StereoPredictor
from adu_depth_core.models.student import normalised
from adu_depth_core.models.teacher import Teacher, TeacherOutput
from adu_depth_core.samples.sample import StereoSample
from adu_depth_core.synthetic import SyntheticDrive
from adu_depth_core.synthetic.drive import KITTI_BASELINE_M, KITTI_CAMERA
from adu_depth_core.training.batch import collate
from adu_depth_core.training.views.geometry import resized
from adu_depth_core.training.views.training_view import plain_view

CAMERA = KITTI_CAMERA.resized(640, 192)
SIZE = 320, 96
SHIFTS_PX = 4, 8, 16


def main() -> None:
    options = _parser().parse_args()
    teacher, _ = load_teacher_file(options.teacher)
    predictor = StereoPredictor.load(str(options.teacher)).without_limits()
    seeds = range(3000, 3000 + options.drives)
    drives = [frame(seed, CAMERA) for seed in seeds]
    figures = {
        'median_disparity_of_equal_images_px': over(
            drives, lambda s: disparity(teacher, replace(s, right=s.left))
        ),
        **{
            f'median_disparity_of_a_shift_of_{k}_px': over(
                drives, lambda s, k=k: disparity(teacher, shifted(s, k))
            )
            for k in SHIFTS_PX
        },
        'abs_rel': over(drives, lambda s: error(predictor, s)),
        'abs_rel_exchanged': over(
            drives, lambda s: error(predictor, replace(s, left=s.right, right=s.left))
        ),
        'canonical_difference_at_1.5_f': float(
            np.median([canonical_difference(teacher, seed) for seed in seeds])
        ),
        'abs_rel_at_0.75_of_the_size': over(
            drives, lambda s: error(predictor, resized(s, 480, 144))
        ),
        'abs_rel_at_half_the_baseline': over(
            [frame(seed, CAMERA, KITTI_BASELINE_M / 2) for seed in seeds],
            lambda s: error(predictor, s),
        ),
    }
    for name, value in figures.items():
        print(f'{name:<42}{value:.4f}')
    write_result(options.json, {'drives': options.drives, **figures})


def over(samples: list[StereoSample], figure: Callable[[StereoSample], float]) -> float:
    """Return the mean of a figure over samples."""
    return float(np.mean([figure(sample) for sample in samples]))


def frame(seed: int, camera: Camera, baseline_m: float = KITTI_BASELINE_M) -> StereoSample:
    """Render the first frame of a drive."""
    return SyntheticDrive(seed, 1, camera=camera, baseline_m=baseline_m)[0]


def look(teacher: Teacher, sample: StereoSample) -> TeacherOutput:
    """Let a teacher see one pair at the network's size."""
    batch = collate([plain_view(resized(sample, *SIZE))])
    images = [normalised(view, teacher.normalisation) for view in (batch.left, batch.right)]
    with torch.no_grad():
        return teacher(*images, batch.baseline_m, batch.offset_px)


def disparity(teacher: Teacher, sample: StereoSample) -> float:
    """Return the median matched disparity in px of the network's input."""
    return float(look(teacher, sample).disparity_px[..., 8:].median())


def shifted(sample: StereoSample, shift_px: int) -> StereoSample:
    """Return a flat scene: two windows of one image, `shift_px` apart at the network's size."""
    move = shift_px * CAMERA.width // SIZE[0]
    return replace(sample, right=np.roll(sample.left, -move, axis=1))


def error(predictor: StereoPredictor, sample: StereoSample) -> float:
    """Return AbsRel of one pair."""
    prediction = predictor(sample.left, sample.right, sample.rig)
    return depth_errors(prediction.depth_m, sample.depth_m)['abs_rel']


def canonical_difference(teacher: Teacher, seed: int) -> float:
    """Return the median relative difference of the canonical maps through f and 1.5 f."""
    larger = CAMERA.resized(CAMERA.width * 3 // 2, CAMERA.height * 3 // 2)
    maps = [look(teacher, frame(seed, camera)).depth.m.exp() for camera in (CAMERA, larger)]
    return float((maps[0] / maps[1] - 1).abs().median())


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[1])
    default = Path('out/ablation/teacher-0/teacher.safetensors')
    parser.add_argument('--teacher', type=Path, default=default)
    parser.add_argument('--drives', type=int, default=12)
    parser.add_argument('--json', type=Path, default=Path('benchmark/results/teacher_truths.json'))
    return parser


if __name__ == '__main__':
    main()
