# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
The shipped model in the runtime opencv, in any environment that has NumPy, OpenCV and YAML.

    python benchmark/speed/opencv_alone.py [--rounds 40]

Prints a row of a table: versions, seconds from loading to the first answer, peak memory, and
milliseconds from uint8 image to depth and std at 640×192. Where onnxruntime is installed as well,
the two take turns, and its milliseconds and the largest relative difference stand at the end.
"""

import argparse
import platform
import resource
import time
from importlib.util import find_spec

import cv2
import numpy as np

from adu_depth_core.inference.runtimes.loading import load_runtime
from adu_depth_core.inference.runtimes.parity import parity_frame
from adu_depth_core.inference.runtimes.runtime import Runtime
from adu_depth_core.weights import shipped_model

WIDTH, HEIGHT, FX = 640, 192, 370.0


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--rounds', type=int, default=40)
    parser.add_argument('--threads', type=int, default=0, help="0 for each runtime's own choice")
    arguments = parser.parse_args()
    frame = parity_frame(WIDTH, HEIGHT)
    begin = time.perf_counter()
    ours = loaded('opencv', arguments.threads)
    ours(frame, FX)
    first_s = time.perf_counter() - begin
    memory_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
    versions = f'{platform.python_version()} | {np.__version__} | {cv2.__version__}'
    runtimes = {'opencv': ours}
    if find_spec('onnxruntime'):
        runtimes['onnxruntime'] = loaded('onnxruntime', arguments.threads)
    taken: dict[str, list[float]] = {name: [] for name in runtimes}
    for _ in range(arguments.rounds):
        for name, runtime in runtimes.items():
            begin = time.perf_counter()
            runtime(frame, FX)
            taken[name].append(1e3 * (time.perf_counter() - begin))
    cells = [f'{np.median(ms):.1f} ({np.min(ms):.1f})' for ms in taken.values()]
    if len(runtimes) > 1:
        cells.append(f'{difference(*runtimes.values()):.1e}')
    print('| Python | NumPy | OpenCV | first, s | peak MB | ms, median (least) … |')
    print(f'| {versions} | {first_s:.2f} | {memory_mb:.0f} | {" | ".join(cells)} |')


def loaded(name: str, threads: int) -> Runtime:
    """Return the shipped model in a runtime."""
    return load_runtime(shipped_model('tiny'), name, 'cpu', 'float32', threads).runtime


def difference(ours: Runtime, reference: Runtime) -> float:
    """Return the largest relative difference of depth and std."""
    frame = parity_frame(WIDTH, HEIGHT)
    pairs = zip(ours(frame, FX), reference(frame, FX), strict=True)
    return max(float(np.abs(a / b - 1).max()) for a, b in pairs)


if __name__ == '__main__':
    main()
