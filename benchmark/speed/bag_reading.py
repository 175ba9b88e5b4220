# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""How fast recordings are read, next to reading their bytes alone."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from time import perf_counter

import numpy as np

from adu_depth_core.bags import STORAGES, open_bag, read_picture, write_bag
from adu_depth_core.bags.picture_messages import PICTURE_TYPES
from adu_depth_core.bags.sample_messages import BagFormat
from adu_depth_core.benchmarks.bare_loop import CAMERA
from adu_depth_core.benchmarks.durations import interleaved, spread_ms
from adu_depth_core.benchmarks.parts import Options, Result
from adu_depth_core.benchmarks.tables import Table
from adu_depth_core.inference.runtimes.parity import parity_frame
from adu_depth_core.samples.sample import StereoSample

SUMMARY = 'bag reading: two storages, raw and compressed images, beside reading the bytes alone'
FORMATS = {'raw': BagFormat(), 'compressed': BagFormat('jpeg', 90, 'png')}
FRAME_NS = 100_000_000
STEPS = {
    'bytes': 'bytes of the files alone',
    'messages': 'all messages, not decoded',
    'pictures': 'all pictures, decoded',
}


def measure(options: Options) -> Result:
    """Write a recording in each form, and read each in turns; each turn opens it anew."""
    frames, rounds = (3, 2) if options.quick else (100, 5)
    turns: dict[str, Callable[[], float]] = {}
    sizes = {}
    for storage in STORAGES:
        for name, bag_format in FORMATS.items():
            bag = options.folder / f'{storage}_{name}'
            samples = _samples(frames)
            write_bag(bag, samples, storage=storage, overwrite=True, bag_format=bag_format)
            sizes[f'{storage} {name}'] = sum(p.stat().st_size for p in _files(bag))
            for step, run in (('bytes', _bytes), ('messages', _messages), ('pictures', _pictures)):
                turns[f'{storage} {name} {step}'] = partial(_timed, run, bag)
    visits = interleaved(turns, rounds)
    rows = [_row(name, seconds, sizes, frames) for name, seconds in visits.items()]
    return {'frames': frames, 'rounds': rounds, 'rows': rows}


def tables(result: Result) -> list[Table]:
    """Return one table of all forms."""
    note = (
        f'{result["frames"]} frames of 1242×375, colour and true depth (raw: rgb8 and 32FC1, '
        f'compressed: JPEG and 16-bit PNG), {result["rounds"]} rounds in turns, files in the '
        'cache of the system.'
    )
    header = 'storage', 'images', 'what is read', 'ms a frame', 'MB/s', 'frames/s'
    rows = [
        (
            *(row['storage'], row['images'], STEPS[row['step']], row['ms_a_frame']),
            *(row['mb_per_s'], 1e3 / row['ms_a_frame']),
        )
        for row in result['rows']
    ]
    return [Table('Reading bags', note, header, rows)]


def _samples(frames: int) -> Iterator[StereoSample]:
    image = parity_frame(CAMERA.width, CAMERA.height)
    depth_m = (5 + image[..., 0] / 4).astype(np.float32)
    for index in range(frames):
        yield StereoSample(f'drive/{index}', index * FRAME_NS, image, CAMERA, depth_m=depth_m)


def _row(name: str, seconds: list[float], sizes: dict[str, int], frames: int) -> Result:
    storage, images, step = name.split()
    spread = spread_ms([[s] for s in seconds])
    median_s = float(spread['p50_ms'] or 0) / 1e3
    return {
        'storage': storage,
        'images': images,
        'step': step,
        **spread,
        'ms_a_frame': round(1e3 * median_s / frames, 4),
        'mb_per_s': round(sizes[f'{storage} {images}'] / 1e6 / median_s, 1),
    }


def _timed(run: Callable[[Path], None], bag: Path) -> float:
    before = perf_counter()
    run(bag)
    return perf_counter() - before


def _files(bag: Path) -> list[Path]:
    return sorted(path for path in bag.iterdir() if path.suffix in ('.mcap', '.db3'))


def _bytes(bag: Path) -> None:
    for path in _files(bag):
        path.read_bytes()


def _messages(bag: Path) -> None:
    with open_bag(bag) as opened:
        for _ in opened.messages():
            pass


def _pictures(bag: Path) -> None:
    with open_bag(bag) as opened:
        names = [topic.name for kind in PICTURE_TYPES for topic in opened.of_type(kind)]
        for message in opened.messages(names):
            read_picture(message)
