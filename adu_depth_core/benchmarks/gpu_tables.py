# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What was measured on a GPU, for people; needs no torch."""

from typing import Any

from adu_depth_core.benchmarks.parts import Result
from adu_depth_core.benchmarks.tables import Table


def gpu_tables(result: Result) -> list[Table]:
    """Return one table of all networks and sizes."""
    return [
        Table(
            f'Forward pass on {result["device"]}',
            'float16 with CUDA graphs, batch 1, ms: the network alone, and with the image going '
            'there and both maps coming back; the floors are its arithmetic at '
            f'{result["flop_per_s"] / 1e12:.0f} TFLOP/s and its features and weights at '
            f'{result["bytes_per_s"] / 1e9:.0f} GB/s, as measured beside it.',
            (
                *('network', 'size', 'alone p50', 'p99', 'frames/s', 'with copies p50'),
                *('GFLOP', 'arithmetic floor', 'memory floor'),
            ),
            [_cells(row) for row in result['rows']],
        )
    ]


def _cells(row: Result) -> list[Any]:
    alone, whole = row['alone'], row['with_copies']
    return [
        *(row['network'], f'{row["width"]}×{row["height"]}'),
        *(alone['p50_ms'], alone['p99_ms'], 1e3 / alone['p50_ms'], whole['p50_ms']),
        *(row['gflop'], row['arithmetic_floor_ms'], row['memory_floor_ms']),
    ]
