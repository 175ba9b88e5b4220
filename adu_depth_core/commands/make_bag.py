# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""`adu-depth make-bag`: a rosbag2 recording from any data set that can be read."""

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path

from tqdm import tqdm

from adu_depth_core.bags import STORAGES, write_bag
from adu_depth_core.bags.sample_messages import (
    IMAGE_FORMATS,
    TRUTH_FORMATS,
    BagFormat,
    Scan,
)
from adu_depth_core.bags.topics import DEFAULT_NAMESPACE
from adu_depth_core.commands.arguments import positive, quality
from adu_depth_core.datasets.kitti_scans import KittiScans
from adu_depth_core.datasets.sources import KINDS, open_dataset
from adu_depth_core.errors import InputError
from adu_depth_core.samples.sample import StereoSample
from adu_depth_core.user_paths import user_path

SUMMARY = 'write a rosbag2 from a data set: stereo images, camera_info, true depth'


def main(argv: Sequence[str] | None = None) -> int:
    """Write the bag that the arguments ask for and return 0."""
    options = _parser().parse_args(argv)
    scan_of = _scans(options.data) if options.scans else None
    dataset = open_dataset(options.data, drives=options.drives, limit=options.frames)
    samples = (dataset[index] for index in range(len(dataset)))
    count = write_bag(
        options.output,
        tqdm(samples, total=len(dataset), desc='make-bag', unit='frame'),
        storage=options.storage,
        namespace=options.namespace,
        overwrite=options.force,
        bag_format=BagFormat(options.image_format, options.jpeg_quality, options.truth_format),
        scan_of=scan_of,
    )
    print(f'{options.output}: {count} frames ({dataset.missing.summary()})')
    return 0


def _scans(data: str) -> Callable[[StereoSample], Scan | None]:
    kind, _, folder = data.partition(':')
    if kind != 'kitti_raw':
        raise InputError(f'--scans: data "{data}" has no laser scans, kitti_raw:ROOT may have')
    scans = KittiScans(user_path(folder))

    def scan_of(sample: StereoSample) -> Scan | None:
        found = scans.read(sample.name)
        return found and Scan(*found)

    return scan_of


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        allow_abbrev=False,
        prog='adu-depth make-bag',
        description='Write a rosbag2 folder, whole or not at all.',
    )
    parser.add_argument(
        '--data', required=True, metavar='SPEC', help=', '.join(f'{kind}:…' for kind in KINDS)
    )
    parser.add_argument(
        '--drives', nargs='+', default=(), help='drive of the data set: a bag holds one drive'
    )
    parser.add_argument('--output', type=Path, required=True, help='folder that will be the bag')
    parser.add_argument('--storage', choices=STORAGES, default='mcap')
    parser.add_argument('--frames', type=positive, help='only the first so many frames')
    parser.add_argument('--namespace', default=DEFAULT_NAMESPACE, help='of the topics')
    parser.add_argument(
        '--image-format', choices=IMAGE_FORMATS, default='rgb8', help='jpeg: CompressedImage'
    )
    parser.add_argument('--jpeg-quality', type=quality, default=90, help='1 to 100')
    parser.add_argument(
        '--truth-format',
        choices=TRUTH_FORMATS,
        default='32FC1',
        help='metres; 16UC1: millimetres, which end at 65.535 m; png: these as CompressedImage',
    )
    parser.add_argument(
        '--scans', action='store_true', help='laser scans of KITTI raw as PointCloud2, with tf'
    )
    parser.add_argument('--force', action='store_true', help='replace a bag that is there')
    return parser
