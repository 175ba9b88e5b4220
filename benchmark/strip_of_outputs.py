# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
Draw docs/images/demo.png: what a shipped model says of rendered images it has never seen.

    python benchmark/strip_of_outputs.py

A column is an image, its depth, the depth that the model says and its standard deviation. Depth is
coloured from red, 2 m, to blue, 80 m and farther; the standard deviation from blue, 0.1 m, to red,
10 m; unknown is dark grey.
"""

import argparse
from pathlib import Path

import cv2
import numpy as np
from contact_sheet import write_picture
from tqdm import tqdm

from adu_depth_core.datasets.sources import open_dataset
from adu_depth_core.evaluation.colours import coloured, coloured_depth
from adu_depth_core.inference.predictor import Predictor
from adu_depth_core.samples.sample import Image, StereoSample

CELL_PX, GAP_PX = (320, 176), 6
SURE_M, UNSURE_M = 0.1, 10.0
# Three that go well, and one that does not.
FRAMES = [('synthetic_scenes:2', index) for index in (2, 5, 6, 0)]
WHITE = 255
LEVELS = 40  # as in contact_sheet.py: a table of colours is what makes the file small


def main() -> None:
    """Draw the strip."""
    options = _parser().parse_args()
    predictor = Predictor.load(options.model, precision='float32')
    sets = {spec: open_dataset(spec) for spec, _ in options.frames}
    columns = [column(sets[spec][index], predictor) for spec, index in tqdm(options.frames)]
    picture = np.hstack(columns)[:, GAP_PX:]
    write_picture(options.output, picture)


def column(sample: StereoSample, predictor: Predictor) -> Image:
    """Return image, true depth, depth and standard deviation below each other, on white."""
    prediction = predictor(sample.left, sample.camera)
    rows = (
        sample.left,
        coloured_depth(sample.depth_m),
        coloured_depth(prediction.depth_m),
        coloured(prediction.std_m, UNSURE_M, SURE_M, logarithmic=True),
    )
    return np.vstack([cell(row) for row in rows])[GAP_PX:]


def cell(picture: Image) -> Image:
    """Return the middle of a picture at the cell's size, white above and at its left."""
    (width, height), shape = CELL_PX, picture.shape[:2]
    scale = max(width / shape[1], height / shape[0])
    small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    top, left = (small.shape[0] - height) // 2, (small.shape[1] - width) // 2
    cut = small[top : top + height, left : left + width]
    step = WHITE / LEVELS
    flat = (np.round(cut / step) * step).astype(np.uint8)
    return cv2.copyMakeBorder(flat, GAP_PX, 0, GAP_PX, 0, cv2.BORDER_CONSTANT, value=(WHITE,) * 3)


def _frame(text: str) -> tuple[str, int]:
    spec, _, index = text.rpartition('/')
    return spec, int(index)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[1])
    parser.add_argument('--model', default='base', help='shipped name or file of a student')
    parser.add_argument(
        '--frames', type=_frame, nargs='+', default=FRAMES, help='data set and index: SPEC/INDEX'
    )
    parser.add_argument('--output', type=Path, default=Path('docs/images/demo.png'))
    return parser


if __name__ == '__main__':
    main()
