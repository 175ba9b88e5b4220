# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
Is depth metric behind any lens? The same synthetic scenes through three cameras.

    python benchmark/other_cameras.py --model tiny

Street, pose, light and noise of a scene are the same through 640x480 with f = 525 px (a common
RGB-D camera), 1280x720 with f = 900 px (a common webcam) and KITTI's 1242x375 with f = 721.5 px.
AbsRel over dense truth up to 80 m; wanted is a factor of at most 1.3 between the worst and the
best.
"""

import argparse
from pathlib import Path

from experiments import write_result
from tqdm import tqdm

from adu_depth_core.camera import Camera
from adu_depth_core.evaluation.metrics import depth_errors, mean_over_images
from adu_depth_core.inference.predictor import Predictor
from adu_depth_core.synthetic import SyntheticScenes
from adu_depth_core.synthetic.drive import KITTI_CAMERA

CAMERAS = {
    '640x480 f525': Camera(640, 480, 525.0, 525.0, 319.5, 239.5),
    '1280x720 f900': Camera(1280, 720, 900.0, 900.0, 639.5, 359.5),
    'KITTI 1242x375 f721.5': KITTI_CAMERA,
}
FIGURES = ('abs_rel', 'rmse', 'd1')


def main() -> None:
    options = _parser().parse_args()
    predictor = Predictor.load(options.model).without_limits()
    rows = {
        name: score(predictor, scenes_through(camera, options)) for name, camera in CAMERAS.items()
    }
    errors = [row['abs_rel'] for row in rows.values()]
    worst_by_best = max(errors) / min(errors)
    for name, row in rows.items():
        print(f'{name:<24}' + ' '.join(f'{figure} {row[figure]:.4f}' for figure in FIGURES))
    print(f'worst / best {worst_by_best:.2f}')
    model = {'model': options.model, 'model_sha256': predictor.model_sha256}
    scenes = {'seed': options.seed, 'scenes': options.scenes}
    write_result(options.json, {**model, **scenes, 'rows': rows, 'worst_by_best': worst_by_best})


def scenes_through(camera: Camera, options: argparse.Namespace) -> SyntheticScenes:
    """Return the scenes as this camera sees them."""
    return SyntheticScenes(options.seed, options.scenes, camera=camera, right=False)


def score(predictor: Predictor, scenes: SyntheticScenes) -> dict[str, float]:
    """Mean figures over the scenes through one camera."""
    rows = []
    for index in tqdm(range(len(scenes)), unit='scene'):
        sample = scenes[index]
        rows.append(depth_errors(predictor(sample.left, sample.camera).depth_m, sample.depth_m))
    means = mean_over_images(rows)
    return {figure: means[figure] for figure in FIGURES}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[1])
    parser.add_argument('--model', default='tiny', help='name or file')
    parser.add_argument('--seed', type=int, default=77)
    parser.add_argument('--scenes', type=int, default=30)
    parser.add_argument('--json', type=Path, default=Path('benchmark/results/other_cameras.json'))
    return parser


if __name__ == '__main__':
    main()
