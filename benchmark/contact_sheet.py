# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
Draw docs/images/synthetic.png: left images of synthetic scenes above their depth.

    python benchmark/contact_sheet.py

Depth is coloured from red, 2 m, to blue, 80 m and farther.
"""

import argparse
from pathlib import Path

import cv2
import numpy as np
from tqdm import tqdm

from adu_depth_core.atomic_files import written_whole
from adu_depth_core.evaluation.colours import coloured_depth
from adu_depth_core.samples.sample import Image, StereoSample
from adu_depth_core.synthetic import SyntheticScenes

COLUMNS, CELL_PX, GAP_PX = 4, 300, 6
# Some of each kind: tunnels, bridges, crowns of trees, wires, railings, fog.
SCENES = [2, 4, 1, 5, 8, 7, 21, 3, 14, 18, 28, 17, 25, 6, 29, 23]
WHITE = 255
# PNG keeps every grain of sensor noise; a table of colours is what makes the file small.
LEVELS = 28


def main() -> None:
    """Draw the sheet."""
    options = _parser().parse_args()
    scenes = SyntheticScenes(options.seed, max(options.scenes) + 1, right=False)
    cells = [cell(scenes[index]) for index in tqdm(options.scenes, desc='contact sheet')]
    picture = sheet(cells)
    write_picture(options.output, picture)


def write_picture(path: Path, picture: Image) -> None:
    """Write RGB as a small PNG, whole or not at all, and say how small."""
    with written_whole(path) as temporary:
        cv2.imwrite(
            str(temporary),
            cv2.cvtColor(picture, cv2.COLOR_RGB2BGR),
            [cv2.IMWRITE_PNG_COMPRESSION, 9],
        )
    print(f'{path}: {path.stat().st_size / 1e3:.0f} kB')


def cell(sample: StereoSample) -> Image:
    """Return image above depth, `CELL_PX` wide."""
    both = np.vstack([sample.left, coloured_depth(np.minimum(sample.depth_m, 1e3))])
    height = round(CELL_PX * both.shape[0] / both.shape[1])
    small = cv2.resize(both, (CELL_PX, height), interpolation=cv2.INTER_AREA)
    step = WHITE / LEVELS
    return (np.round(small / step) * step).astype(np.uint8)


def sheet(cells: list[Image]) -> Image:
    """Hang cells into columns, the tallest first, each where there is most room, on white."""
    columns: list[list[Image]] = [[] for _ in range(COLUMNS)]
    for picture in sorted(cells, key=len, reverse=True):
        lowest = min(columns, key=lambda column: sum(c.shape[0] + GAP_PX for c in column))
        lowest.append(picture)
    heights = [sum(c.shape[0] + GAP_PX for c in column) - GAP_PX for column in columns]
    width = COLUMNS * (CELL_PX + GAP_PX) - GAP_PX
    canvas = np.full((max(heights), width, 3), WHITE, np.uint8)
    for number, column in enumerate(columns):
        left, top = number * (CELL_PX + GAP_PX), 0
        for picture in column:
            canvas[top : top + picture.shape[0], left : left + CELL_PX] = picture
            top += picture.shape[0] + GAP_PX
    return canvas


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[1])
    parser.add_argument('--seed', type=int, default=30)
    parser.add_argument('--scenes', type=int, nargs='+', default=SCENES)
    parser.add_argument('--output', type=Path, default=Path('docs/images/synthetic.png'))
    return parser


if __name__ == '__main__':
    main()
