# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What was measured of the node, for people; needs no ROS."""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from adu_depth_core.benchmarks.parts import Result
from adu_depth_core.benchmarks.tables import Table

SIZE = '1216x352'
_BEYOND = 'beyond two passes'


def tables(result: Result) -> list[Table]:
    """Return the tables of what was measured."""
    if 'memory' in result:
        return [_memory(result)]
    return [_latency(result), _stages(result), _processes(result), _start_up(result)]


def find(result: Result, kind: str, rate_hz: float) -> Result | None:
    """Return the row of a kind of node at a rate."""
    rows = (row for row in result['rows'] if (row['kind'], row['rate_hz']) == (kind, rate_hz))
    return next(rows, None)


def stage(row: Result, name: str, figure: str = 'p50_ms') -> float:
    """Return a figure of a stage, the median of the rounds."""
    return median(turn[name][figure] for turn in row['stages'])


def of_rounds(row: Result, figure: str) -> float:
    """Return a figure of a row, the median of its rounds."""
    return median(turn[figure] for turn in row['rounds'])


def median(values: Iterator[Any]) -> float:
    """Return the median of what is known; NaN where nothing is."""
    known = [value for value in values if value is not None]
    return float(np.median(known)) if known else math.nan


def _latency(result: Result) -> Table:
    figures = 'p50_ms', 'p95_ms', 'p99_ms', 'largest_ms'
    rows = [
        (
            *(_name(row), row['rate_hz'], *(of_rounds(row, name) for name in figures)),
            sum(turn['sent'] for turn in row['rounds']),
            *(sum(turn['dropped'] for turn in row['rounds']),),
            max(turn['longest_gap'] for turn in row['rounds']),
            of_rounds(row, 'age_slope_ms_per_s'),
        )
        for row in result['rows']
    ]
    loops = [
        (
            f'predictor without ROS, {row["size"]}',
            *(None, row['p50_ms'], row['p95_ms'], row['p99_ms']),
            *(None, row['count'], None, None, None),
        )
        for row in result['bare_loop']
    ]
    return Table(
        'The node over DDS: stamp to receipt',
        f'Camera, node and receiver are processes; raw rgb8 of 1242×375 in; depth and std with '
        f'their camera_info out, received all four; {_mode(result)}, rclpy '
        f'{result["ros"].get("rclpy", "?")}. The echo node returns the image. '
        f'{result["rounds"]} rounds of {result["seconds"]:g} s in turns, each after a first '
        'second; medians of the rounds; ms.',
        (
            *('', 'camera, Hz', 'p50', 'p95', 'p99', 'largest'),
            *('images', 'dropped', 'longest gap, images', 'ageing, ms/s'),
        ),
        [*rows, *loops],
    )


def _stages(result: Result) -> Table:
    rows = [row for row in result['rows'] if 'stages' in row]
    names = list(rows[0]['stages'][0]) if rows else []
    return Table(
        'Where each millisecond goes in the node',
        'p50 (p95) of each stage in ms. The stages up to `to the receiver` follow each other; '
        '`all publishing` goes on beside the last; `own work` is from callback entry to the last '
        'publish returned, less the network and the wait for the frame before; '
        f'`{_BEYOND}` is, image by image, the age at receipt less the pass before and its own.',
        ('', *(f'{row["kind"]}, {row["rate_hz"]:g} Hz' for row in rows)),
        [
            (
                name,
                *(f'{stage(row, name):.2f} ({stage(row, name, "p95_ms"):.2f})' for row in rows),
            )
            for name in names
        ]
        + [(_BEYOND, *(_beyond_two_passes(row) for row in rows))],
    )


def _beyond_two_passes(row: Result) -> str:
    figures = row['beyond_two_passes']
    p50, p95 = (median(turn[name] for turn in figures) for name in ('p50_ms', 'p95_ms'))
    return f'{p50:.2f} ({p95:.2f})'


def _processes(result: Result) -> Table:
    names = ['camera', 'node', 'receiver']
    rows = [
        (
            *(_name(row), row['rate_hz']),
            *(
                median(turn[name]['cores'] for turn in row['processes'] if name in turn)
                for name in names
            ),
            median(turn['node']['resident_mb'] for turn in row['processes'] if 'node' in turn),
            *(_lost(row, place) for place in _PLACES),
        )
        for row in result['rows']
    ]
    return Table(
        'CPU, memory and drops',
        'Cores: CPU time over time. Images without an answer by where they were lost.',
        (
            *('', 'camera, Hz', *(f'{name}, cores' for name in names), 'node, MB'),
            *(f'lost {place}' for place in _PLACES),
        ),
        rows,
    )


_PLACES = 'on the way to the node', 'replaced by a newer one', 'on the way from the node'


def _lost(row: Result, place: str) -> int | None:
    return sum(turn[place] for turn in row['drops']) if 'drops' in row else None


def _start_up(result: Result) -> Table:
    return Table(
        'Start of the node',
        'From the start of the process to the first depth received, while a camera sends at '
        f'30 Hz; {SIZE}, else default parameters; medians of the rounds. Memory counts pages that '
        'are shared.',
        ('runtime', 'first depth, s', 'resident, MB', 'of it shared segments, MB'),
        [
            (
                _mode(result, row['runtime']),
                *(of_rounds(row, name) for name in ('first_depth_s', 'resident_mb', 'shared_mb')),
            )
            for row in result['start_up']
        ],
    )


def _memory(result: Result) -> Table:
    memory = result['memory']
    figures = 'second_tenth_mb', 'last_tenth_mb', 'largest_mb', 'mb_per_minute'
    latency = memory['latency']
    return Table(
        f'Memory of the node over {memory["minutes"]:g} minutes',
        f'{_mode(result)}, {memory["input_size"]}, camera at {memory["rate_hz"]} Hz; '
        'resident MB, medians of the second and the last tenth of the time, and the slope without '
        'the first tenth, the median of those between any two samples.',
        (
            *('second tenth', 'last tenth', 'largest', 'MB a minute'),
            *('images', 'dropped', 'p50, ms', 'p99, ms'),
        ),
        [
            (
                *(memory[name] for name in figures),
                *(latency[name] for name in ('sent', 'dropped', 'p50_ms', 'p99_ms')),
            )
        ],
    )


def _mode(result: Result, runtime: str | None = None) -> str:
    runtime = runtime or result['runtime']
    return f'{runtime} in {result["precisions"][runtime]}'


def _name(row: Result) -> str:
    return 'echo' if row['kind'] == 'echo' else f'node, {row["kind"]}'
