# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
Depth maps of a stereo teacher for a data set, in the files that `pseudo_depth` takes.

    python benchmark/teacher_depth.py --teacher FILE --data kitti_raw:ROOT --drives 0001 \
      --output out/teacher_depth

A student of any size of input can then learn from a teacher of another one.
"""

import argparse
from pathlib import Path

import numpy as np
from tqdm import tqdm

from adu_depth_core.atomic_files import written_whole
from adu_depth_core.datasets.sources import open_dataset
from adu_depth_core.evaluation.uncertainty import laplace_scale
from adu_depth_core.inference.stereo_predictor import StereoPredictor


def main() -> None:
    options = _parser().parse_args()
    teacher = StereoPredictor.load(str(options.teacher)).without_limits()
    dataset = open_dataset(options.data, drives=options.drives, truth='none')
    for index in tqdm(range(len(dataset)), unit='frame'):
        sample = dataset[index]
        prediction = teacher(sample.left, sample.right, sample.rig)
        depth_m, std_m = prediction.depth_m, prediction.std_m
        maps = {'.npy': depth_m, '.scale.npy': laplace_scale(depth_m, std_m)}
        for suffix, values in maps.items():
            with written_whole(options.output / f'{sample.name}{suffix}') as temporary:
                np.save(temporary, values.astype(np.float16))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[1])
    parser.add_argument('--teacher', type=Path, required=True, help='model file')
    parser.add_argument('--data', default='kitti_raw:$ADU_DEPTH_DATA/kitti_raw')
    parser.add_argument('--drives', nargs='+', default=['0001', '0005[0-103]'])
    parser.add_argument('--output', type=Path, default=Path('out/teacher_depth'), help='folder')
    return parser


if __name__ == '__main__':
    main()
