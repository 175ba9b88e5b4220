# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What a raw image costs on its way to the network, next to a rectified one."""

from collections.abc import Callable
from functools import partial
from time import perf_counter, process_time

import numpy as np

from adu_depth_core.benchmarks.durations import interleaved, spread_ms
from adu_depth_core.benchmarks.parts import Options, Result
from adu_depth_core.benchmarks.tables import Table
from adu_depth_core.camera import Camera
from adu_depth_core.inference.network_image import to_network
from adu_depth_core.inference.network_size import network_size
from adu_depth_core.inference.runtimes.parity import parity_frame
from adu_depth_core.samples.lens import lens
from adu_depth_core.samples.raw_image import RawImage, Rectification

SUMMARY = 'rectifying: raw images to the network by one remap, beside the resize of rectified ones'
# Raw cameras as they are sold: KITTI's size, and two usual sizes of video.
SIZES = ((1242, 375), (1280, 720), (1920, 1080))
LENSES = {
    'plumb_bob': (-0.37, 0.2, 0.0013, 0.0006, -0.068),
    'rational_polynomial': (5.2, 3.1, 1e-4, -6e-5, 0.16, 5.6, 4.6, 0.9),
    'equidistant': (-0.0155, 0.0021, -0.0049, 0.0011),
}
RESIZE = 'resize'
UNTURNED = tuple(np.eye(3).ravel())

Visit = list[tuple[float, float]]


def measure(options: Options) -> Result:
    """Bring one image of each size to the network in all ways, in turns."""
    runs, rounds = (3, 2) if options.quick else (20, 7)
    rows = [row for size in SIZES for row in _rows_of(size, runs, rounds)]
    return {'runs': runs, 'rounds': rounds, 'rows': rows}


def tables(result: Result) -> list[Table]:
    """Return one table of all sizes."""
    note = (
        f'{result["rounds"]} rounds in turns of {result["runs"]} images each; p50 is the median '
        'of the medians. CPU counts all threads, and tells more where other programs share the '
        'machine. Maps are made once for a calibration; the whole image is what rectified_image '
        'and points need, at the size of the camera.'
    )
    header = (
        *('image', 'network', 'lens', 'p50 ms', 'more ms', 'ratio', 'CPU ms'),
        *('maps, ms once', 'whole image, ms'),
    )
    rows = [
        (
            *(row['image'], row['network'], row['lens'], row['p50_ms'], row['more_ms']),
            *(row['ratio'], row['cpu_ms'], row['maps_ms'], row['whole_ms']),
        )
        for row in result['rows']
    ]
    return [Table('Raw images to the network', note, header, rows)]


def _rows_of(size: tuple[int, int], runs: int, rounds: int) -> list[Result]:
    width, height = size
    focal = 0.6 * width
    camera = Camera(width, height, focal, focal, (width - 1) / 2, (height - 1) / 2)
    image, network = parity_frame(width, height), network_size(width, height)
    ways = {
        name: Rectification(lens(camera, name, d), UNTURNED, camera) for name, d in LENSES.items()
    }
    maps_ms = {name: _maps_ms(way, camera.resized(*network[:2])) for name, way in ways.items()}
    turns: dict[str, Callable[[], Visit]] = {
        RESIZE: partial(_timed, partial(to_network, image, network), runs)
    }
    for name, way in ways.items():
        turns[name] = partial(_timed, partial(to_network, RawImage(image, way), network), runs)
        whole = partial(way.image, image, camera)
        turns[f'{name} whole'] = partial(_timed, whole, max(1, runs // 8))
    visits = interleaved(turns, rounds)
    figures = {name: _figures(found) for name, found in visits.items()}
    plain_ms = figures[RESIZE]['p50_ms']
    return [
        {
            'image': f'{width}×{height}',
            'network': f'{network.width}×{network.height}',
            'lens': name,
            **figures[name],
            'more_ms': round(figures[name]['p50_ms'] - plain_ms, 3),
            'ratio': round(figures[name]['p50_ms'] / plain_ms, 2),
            'maps_ms': maps_ms.get(name),
            'whole_ms': figures.get(f'{name} whole', {}).get('p50_ms'),
        }
        for name in (RESIZE, *LENSES)
    ]


def _maps_ms(way: Rectification, camera: Camera) -> float:
    before = process_time()
    way.seen(camera)
    return round(1e3 * (process_time() - before), 1)


def _figures(visits: list[Visit]) -> Result:
    cpu_s = [cpu for visit in visits for _, cpu in visit]
    wall = spread_ms([[wall for wall, _ in visit] for visit in visits])
    return {**wall, 'cpu_ms': round(1e3 * float(np.mean(cpu_s)), 3)}


def _timed(run: Callable[[], object], runs: int) -> Visit:
    run()
    durations = []
    for _ in range(runs):
        wall, cpu = perf_counter(), process_time()
        run()
        durations.append((perf_counter() - wall, process_time() - cpu))
    return durations
