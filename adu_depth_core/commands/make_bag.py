# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""`adu-depth make-bag`: a rosbag2 recording from any data set that can be read."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from tqdm import tqdm

from adu_depth_core.commands.arguments import positive
from adu_depth_core.data.bags import STORAGES, write_bag
from adu_depth_core.data.bags.topics import DEFAULT_NAMESPACE
from adu_depth_core.data.sources import open_dataset

SUMMARY = 'write a rosbag2 from a data set: stereo images, camera_info, true depth'


def main(argv: Sequence[str] | None = None) -> int:
    """Write the bag that the arguments ask for and return 0."""
    options = _parser().parse_args(argv)
    dataset = open_dataset(options.data, drives=options.drives, limit=options.frames)
    samples = (dataset[index] for index in range(len(dataset)))
    count = write_bag(
        options.output,
        tqdm(samples, total=len(dataset), desc='make-bag', unit='frame'),
        storage=options.storage,
        namespace=options.namespace,
        overwrite=options.force,
    )
    print(f'{options.output}: {count} frames ({dataset.missing.summary()})')
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog='adu-depth make-bag', description='Write a rosbag2 folder, whole or not at all.'
    )
    parser.add_argument('--data', required=True, help='kitti_raw:ROOT or synthetic:SEED')
    parser.add_argument(
        '--drives', nargs='+', default=(), help='drive of the data set: a bag holds one drive'
    )
    parser.add_argument('--output', type=Path, required=True, help='folder that will be the bag')
    parser.add_argument('--storage', choices=STORAGES, default='mcap')
    parser.add_argument('--frames', type=positive, help='only the first so many frames')
    parser.add_argument('--namespace', default=DEFAULT_NAMESPACE, help='of the topics')
    parser.add_argument('--force', action='store_true', help='replace a bag that is there')
    return parser
