# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
Graphs against each other, in turns in one run, for each runtime and precision.

    python benchmark/speed/models.py tiny base OTHER.onnx [--json FILE]

Milliseconds from uint8 images to depth and std at 640×192, medians, and the ratio to the first.
Students see an image, stereo teachers a pair. `git show REVISION:adu_depth_core/weights/tiny.onnx`
writes what shipped earlier. Block matching of a pair of that size, and of one of 1242×375, is
timed beside them where a teacher is among them.
"""

import argparse
import json
import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from adu_depth_core.atomic_files import written_whole
from adu_depth_core.camera import Camera, StereoRig
from adu_depth_core.errors import InputError
from adu_depth_core.inference.block_matching_predictor import BlockMatchingPredictor
from adu_depth_core.inference.model_info import TeacherInfo
from adu_depth_core.inference.runtimes.loading import load_runtime
from adu_depth_core.inference.runtimes.parity import parity_frame
from adu_depth_core.machine import machine
from adu_depth_core.weights import model_path

WIDTH, HEIGHT, FX, BASELINE_M = 640, 192, 370.0, 0.54
MODES = [('openvino', 'float32'), ('openvino', 'bfloat16'), ('onnxruntime', 'float32')]
Pass = Callable[[], object]


def main() -> None:
    """Measure, print and write."""
    options = _parser().parse_args()
    results: dict[str, Any] = {}
    for runtime, precision in MODES:
        passes: dict[str, Pass] = {}
        left_out: dict[str, str] = {}
        for model in options.models:
            try:
                passes |= passes_of(model, runtime, precision)
            except InputError as error:
                left_out[model] = str(error)
        milliseconds = medians(passes, options.rounds)
        first = next(iter(milliseconds.values()), math.nan)
        results[f'{runtime} {precision}'] = {
            **{
                name: {'ms': round(value, 2), 'ratio': round(value / first, 2)}
                for name, value in milliseconds.items()
            },
            **{name: {'left out': reason} for name, reason in left_out.items()},
        }
    text = json.dumps({'machine': machine(), 'rounds': options.rounds, **results}, indent=2)
    print(text)
    if options.json:
        with written_whole(options.json) as temporary:
            temporary.write_text(text + '\n')


def passes_of(model: str, runtime: str, precision: str) -> dict[str, Pass]:
    """Return what is timed for one model."""
    path = model_path(model).with_suffix('.onnx')
    loaded = load_runtime(path, runtime, 'cpu', precision).runtime
    frame = parity_frame(WIDTH, HEIGHT)
    if not isinstance(loaded.info, TeacherInfo):
        return {model: lambda: loaded(frame, FX)}
    right = np.roll(frame, -6, 1)
    return {
        model: lambda: loaded(frame, right, FX, BASELINE_M, 0.0),
        'block matching 640×192': matching(WIDTH, HEIGHT),
        'block matching 1242×375': matching(1242, 375),
    }


def matching(width: int, height: int) -> Pass:
    """Return a pass of block matching over a pair of this size."""
    camera = Camera(width, height, FX, FX, width / 2, height / 2)
    left = parity_frame(width, height)
    right, rig = np.roll(left, -6, 1), StereoRig(camera, camera, BASELINE_M)
    return lambda: BlockMatchingPredictor()(left, right, rig)


def medians(passes: dict[str, Pass], rounds: int) -> dict[str, float]:
    """Let them take turns; the first rounds do not count."""
    taken: dict[str, list[float]] = {name: [] for name in passes}
    for counts in (False,) * 3 + (True,) * rounds:
        for name, run in passes.items():
            begin = time.perf_counter()
            run()
            if counts:
                taken[name].append(1e3 * (time.perf_counter() - begin))
    return {name: float(np.median(milliseconds)) for name, milliseconds in taken.items()}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[1])
    parser.add_argument('models', nargs='+', help='shipped names or files')
    parser.add_argument('--rounds', type=int, default=60)
    parser.add_argument('--json', type=Path)
    return parser


if __name__ == '__main__':
    main()
