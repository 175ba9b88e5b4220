# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
Ten minutes of a robot's recording through evaluate-bag: pace and memory.

    python benchmark/long_recording.py

KITTI raw drive 0005 is written again and again, with stamps that go on at 10 Hz, as JPEG images
and 16-bit PNG depth of the projected laser scans, once for the asked length and once for a tenth
of it: the difference in peak memory is what grows with the length.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from tqdm import tqdm

from adu_depth_core.atomic_files import written_whole
from adu_depth_core.bags import write_bag
from adu_depth_core.bags.sample_messages import BagFormat
from adu_depth_core.datasets.sources import open_dataset
from adu_depth_core.machine import machine
from adu_depth_core.samples.sample import StereoDataset, StereoSample

RATE_HZ = 10
FORMAT = BagFormat(image='jpeg', truth='png')


def main() -> None:
    options = _parser().parse_args()
    drive = open_dataset(options.data, drives=[options.drive])
    figures = {'machine': machine(), 'drive': options.drive, 'rate_hz': RATE_HZ}
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        for name, seconds in (('tenth', options.seconds / 10), ('whole', options.seconds)):
            bag = Path(folder) / name
            frames = int(seconds * RATE_HZ)
            looped = tqdm(loop(drive, frames), total=frames, desc=f'writing {name}')
            write_bag(bag, looped, bag_format=FORMAT)
            figures[name] = evaluated(bag, Path(folder) / 'out') | {'recorded_s': seconds}
            print(json.dumps(figures[name]))
    with written_whole(options.output) as part:
        part.write_text(json.dumps(figures, indent=1) + '\n')


def loop(drive: StereoDataset, frames: int) -> Iterator[StereoSample]:
    """Yield left images and truth of a drive over and over, time going on."""
    for number in range(frames):
        sample = drive[number % len(drive)]
        stamp_ns = (number + 1) * 10**9 // RATE_HZ
        yield replace(sample, stamp_ns=stamp_ns, right=None, rig=None, right_depth_m=None)


def evaluated(bag: Path, output: Path) -> dict[str, float]:
    """Run the command in a process of its own; return its pace and peak memory."""
    command = [sys.executable, '-m', 'adu_depth_core', 'evaluate-bag', str(bag)]
    start = time.perf_counter()
    subprocess.run([*command, '--output', str(output)], check=True)
    seconds = time.perf_counter() - start
    result = json.loads((output / 'result.json').read_text())
    return {
        'frames': result['frames_out'],
        'seconds': seconds,
        'frames_per_second': result['frames_out'] / seconds,
        # Of the largest child so far: the shorter recording goes first.
        'peak_mib': resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024,
        'bag_mib': sum(p.stat().st_size for p in bag.rglob('*') if p.is_file()) / 2**20,
        'report_mib': (output / 'report.html').stat().st_size / 2**20,
        'runtime': f'{result["model"]["runtime"]} {result["model"]["precision"]}',
    }


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[1])
    parser.add_argument('--data', default='kitti_raw:$ADU_DEPTH_DATA/kitti_raw')
    parser.add_argument('--drive', default='0005')
    parser.add_argument('--seconds', type=float, default=600.0)
    parser.add_argument('--folder', type=Path, help='for the bags, deleted afterwards')
    parser.add_argument(
        '--output', type=Path, default=Path('benchmark/results/long_recording.json')
    )
    return parser


if __name__ == '__main__':
    main()
