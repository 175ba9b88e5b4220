# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""`adu-depth make-submission`: depth of KITTI's test images as the zip that its server takes."""

import argparse
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from tqdm import tqdm

from adu_depth_core.atomic_files import require_writable
from adu_depth_core.commands.arguments import (
    add_device,
    add_model,
    add_precision,
    predictor_settings,
)
from adu_depth_core.datasets.sources import open_dataset
from adu_depth_core.errors import InputError
from adu_depth_core.evaluation.evaluate import flip_averaged
from adu_depth_core.evaluation.submission import (
    SubmissionImage,
    absent_images,
    check_names,
    stored_depth,
    write_submission,
)
from adu_depth_core.inference.predictor import Predictor
from adu_depth_core.inference.runtimes.runtime import FLOAT32
from adu_depth_core.samples.sample import StereoDataset, sample_names

SUMMARY = 'write the zip for the depth prediction benchmark of KITTI'


def main(argv: Sequence[str] | None = None) -> int:
    """Predict all test images, and return 0 once the zip is written and was read back."""
    options = _parser().parse_args(argv)
    if not re.fullmatch('kitti_official:.+#test', options.data):
        raise InputError(f'data "{options.data}": submissions are of kitti_official:ROOT#test')
    require_writable(options.output)
    dataset = open_dataset(options.data)
    names = [Path(name).name for name in sample_names(dataset)]
    check_names(names, allow_incomplete=options.allow_incomplete)
    predictor = Predictor.load(**predictor_settings(options))
    pictures = _pictures(predictor.without_limits(), dataset, names, flip=options.flip)
    written = write_submission(options.output, pictures)
    print(f'{options.output}: {len(written)} pictures, read back ({_lacking(dataset, names)})')
    return 0


def _lacking(dataset: StereoDataset, names: Sequence[str]) -> str:
    absent = absent_images(names)
    if not absent:
        return dataset.missing.summary()
    return f'{len(absent)} of the benchmark are missing, the first {absent[0]}: a trial'


def _pictures(
    predictor: Predictor, dataset: StereoDataset, names: Sequence[str], *, flip: bool
) -> Iterator[SubmissionImage]:
    for index, name in enumerate(tqdm(names, desc='make-submission', unit='image')):
        sample = dataset[index]
        seen = sample.left, sample.camera
        prediction = flip_averaged(predictor, *seen) if flip else predictor(*seen)
        yield SubmissionImage(name, stored_depth(prediction.depth_m))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog='adu-depth make-submission', description=SUMMARY, allow_abbrev=False
    )
    parser.add_argument('--data', required=True, metavar='kitti_official:ROOT#test')
    parser.add_argument('--output', type=Path, default=Path('out/submission.zip'), help='the zip')
    add_model(parser)
    parser.add_argument(
        '--flip', action='store_true', help='average over the image and its mirror image'
    )
    parser.add_argument(
        '--allow-incomplete', action='store_true', help='also fewer than 500 images: a trial'
    )
    add_device(parser)
    add_precision(parser, FLOAT32)
    return parser
