# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
Synthetic stereo pairs a second, each with both depths.

Through KITTI's camera at its own size and at two sizes of networks; on the CPU with one thread
and with all, and on a GPU where there is one. Scenes are those of `SyntheticScenes`.
"""

from contextlib import ExitStack
from functools import partial
from itertools import cycle

import torch

from adu_depth_core.benchmarks.durations import interleaved, spread_ms
from adu_depth_core.benchmarks.parts import Options, Result
from adu_depth_core.benchmarks.tables import Table
from adu_depth_core.benchmarks.worker import Visit, Work, Worker
from adu_depth_core.synthetic import SyntheticScenes
from adu_depth_core.synthetic.drive import KITTI_CAMERA

SUMMARY = 'synthetic stereo pairs a second, on one CPU core, on all, and on a GPU'
SIZES = ((1242, 375), (640, 192), (320, 96))
SEED, SCENES = 1, 20


def measure(options: Options) -> Result:
    """Render in turns, each way in a process of its own."""
    sizes, rounds, seconds = (SIZES[2:], 1, 0.2) if options.quick else (SIZES, 3, 3.0)
    ways = [(d, t, size) for d, t in processors(options.cores) for size in sizes]
    with ExitStack() as stack:
        workers = {way: stack.enter_context(Worker(partial(renderer, *way))) for way in ways}
        turns = {str(way): partial(worker.visit, seconds) for way, worker in workers.items()}
        visits = interleaved(turns, rounds)
    return {'rounds': rounds, 'rows': [_row(*way, visits[str(way)]) for way in ways]}


def processors(cores: int) -> list[tuple[str, int]]:
    """Return devices to render on, each with a number of CPU threads."""
    on_cpu = [('cpu', threads) for threads in sorted({1, cores})]
    return [*on_cpu, ('cuda', 1)] if torch.cuda.is_available() else on_cpu


def tables(result: Result) -> list[Table]:
    """Return one table of all sizes and processors."""
    return [
        Table(
            'Rendering synthetic pairs',
            f'{result["rounds"]} rounds in turns, each way in a process of its own. CPU seconds '
            'tell more where other programs share the machine.',
            ('device', 'threads', 'size', 'pairs/s', 'ms p50', 'ms p95', 'CPU s a pair'),
            [
                (
                    *(row['device'], row['threads'], f'{row["width"]}×{row["height"]}'),
                    *(1e3 / row['p50_ms'], row['p50_ms'], row['p95_ms']),
                    row['cpu_seconds_a_pair'],
                )
                for row in result['rows']
            ],
        )
    ]


def renderer(device: str, threads: int, size: tuple[int, int]) -> Work:
    """Return what renders one scene after the other; they come back as arrays, so it has ended."""
    torch.set_num_threads(threads)
    scenes = SyntheticScenes(SEED, SCENES, camera=KITTI_CAMERA.resized(*size), device=device)
    numbers = cycle(range(SCENES))
    return lambda: scenes[next(numbers)]


def _row(device: str, threads: int, size: tuple[int, int], visits: list[Visit]) -> Result:
    count = sum(len(visit.seconds) for visit in visits)
    cpu_seconds = sum(visit.cpu_seconds for visit in visits)
    return {
        'device': device,
        'threads': threads,
        'width': size[0],
        'height': size[1],
        **spread_ms([visit.seconds for visit in visits]),
        'cpu_seconds_a_pair': round(cpu_seconds / count, 4),
    }
