# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
How many synthetic stereo pairs are rendered in a second, each with both depths.

    python benchmark/rendering.py

Through KITTI's camera at its own size and at two sizes of networks; on the CPU with one thread
and with all, and on a GPU where there is one. Medians over scenes of `SyntheticScenes`; CPU
seconds besides, which tell more where other programs share the machine.
"""

import argparse
import json
import os
import platform
import time
from pathlib import Path

import numpy as np
import torch
from tqdm import tqdm

from adu_depth_core.atomic_files import written_whole
from adu_depth_core.data.synthetic import SyntheticScenes
from adu_depth_core.data.synthetic.drive import KITTI_CAMERA

SIZES = ((1242, 375), (640, 192), (320, 96))
SEED = 1


def main() -> None:
    """Print one line for each size and processor, and write them all as JSON."""
    options = _parser().parse_args()
    rows = []
    for device, threads in processors():
        torch.set_num_threads(threads)
        for width, height in SIZES:
            seconds, cpu_seconds = timed(device, width, height, options.scenes)
            row = {
                'device': device,
                'threads': threads,
                'width': width,
                'height': height,
                'scenes': options.scenes,
                'pairs_per_second': round(1 / float(np.median(seconds)), 3),
                'seconds_median': round(float(np.median(seconds)), 4),
                'cpu_seconds_median': round(float(np.median(cpu_seconds)), 4),
                'seconds_90th_percentile': round(float(np.percentile(seconds, 90)), 4),
            }
            rows.append(row)
            print(
                f'{device:<6}{threads:>3} threads  {width:>4}x{height:<4}'
                f'{row["pairs_per_second"]:>8.2f} pairs/s'
                f'{row["cpu_seconds_median"]:>8.2f} CPU s a pair'
            )
    result = {
        'machine': platform.platform(),
        'processor': processor_name(),
        'cores': os.cpu_count(),
        'gpu': torch.cuda.get_device_name() if torch.cuda.is_available() else None,
        'load_average_at_end': round(os.getloadavg()[0], 2),
        'python': platform.python_version(),
        'torch': torch.__version__,
        'rows': rows,
    }
    with written_whole(options.json) as temporary:
        temporary.write_text(json.dumps(result, indent=2) + '\n')


def processors() -> list[tuple[str, int]]:
    """Return devices to render on, each with a number of CPU threads."""
    cores = len(os.sched_getaffinity(0))
    on_cpu = [('cpu', threads) for threads in sorted({1, cores})]
    return [*on_cpu, ('cuda', 1)] if torch.cuda.is_available() else on_cpu


def timed(device: str, width: int, height: int, count: int) -> tuple[list[float], list[float]]:
    """
    Return the seconds that each pair took, by the clock and of CPU time.

    A first pair, which loads libraries, is left out.
    """
    camera = KITTI_CAMERA.resized(width, height)
    scenes = SyntheticScenes(SEED, count + 1, camera=camera, device=device)
    seconds, cpu_seconds = [], []
    for index in tqdm(range(count + 1), desc=f'{device} {width}x{height}', leave=False):
        start, cpu_start = time.perf_counter(), time.process_time()
        scenes[index]  # comes back as arrays, so a GPU has finished
        seconds.append(time.perf_counter() - start)
        cpu_seconds.append(time.process_time() - cpu_start)
    return seconds[1:], cpu_seconds[1:]


def processor_name() -> str:
    """Return what Linux calls the CPU, or else what Python does."""
    path = Path('/proc/cpuinfo')
    lines = path.read_text().splitlines() if path.exists() else []
    names = [line.partition(':')[2].strip() for line in lines if line.startswith('model name')]
    return names[0] if names else platform.processor()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[1])
    parser.add_argument('--scenes', type=int, default=20, help='to time for each line')
    parser.add_argument('--json', type=Path, default=Path('benchmark/results/rendering.json'))
    return parser


if __name__ == '__main__':
    main()
