# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""`adu-depth benchmark forward`: the networks alone, on the CPU, and on a GPU if there is one."""

from collections.abc import Mapping
from contextlib import ExitStack
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from adu_depth_core.benchmarks.durations import interleaved, spread_ms
from adu_depth_core.benchmarks.forward_modes import BASELINE, PRESETS, Mode, maker, modes_of
from adu_depth_core.benchmarks.parts import Options, Result
from adu_depth_core.benchmarks.tables import Table
from adu_depth_core.benchmarks.worker import Visit, Worker
from adu_depth_core.errors import InputError

SUMMARY = 'networks alone: every preset, runtime, precision and size, and a ResNet-18 U-Net'
SIZES = (1216, 352), (640, 192)


def measure(options: Options) -> Result:
    """Time all networks at all sizes, in turns."""
    sizes = SIZES[1:] if options.quick else SIZES
    networks = (PRESETS[0], BASELINE) if options.quick else (*PRESETS, BASELINE)
    rounds, seconds = (1, 0.2) if options.quick else (5, 1.0)
    rows: list[Result] = []
    left_out: dict[str, str] = {}
    for size in sizes:
        modes = [mode for network in networks for mode in modes_of(network)]
        files = {network: _file(network, options.folder, size) for network in networks}
        with ExitStack() as stack:
            workers = _workers(stack, modes, files, size, left_out)
            turns = {name: _turn(worker, seconds) for name, worker in workers.items()}
            visits = interleaved(turns, rounds)
        rows += [_row(mode, size, visits[str(mode)]) for mode in modes if str(mode) in visits]
    return {
        'rounds': rounds,
        'seconds_of_a_round': seconds,
        'rows': rows,
        'left_out': left_out,
        'gpu': _on_gpu(options, sizes),
    }


def tables(result: Result) -> list[Table]:
    """Return a table for each size, and those of the GPU."""
    found = []
    for size in sizes_of(result):
        rows = [row for row in result['rows'] if size_of(row) == size]
        fastest = fastest_baseline(result, size)
        found.append(
            Table(
                f'Forward pass, {size[0]}×{size[1]}',
                f'{result["rounds"]} rounds in turns; ms a pass, batch 1; p50 is the median of '
                'the medians of the rounds, which lie between the two columns named so; cores: '
                f'CPU time over time.{_left_out(result)}',
                (
                    *('network', 'runtime', 'precision', 'p50', 'p95', 'p99'),
                    *('least median', 'largest median', 'cores', 'times the baseline'),
                ),
                [_cells(row, fastest) for row in rows],
            )
        )
    if result['gpu']:
        from adu_depth_core.benchmarks.gpu_tables import gpu_tables

        found += gpu_tables(result['gpu'])
    return found


def _left_out(result: Result) -> str:
    reasons = (f'{mode} ({reason})' for mode, reason in result['left_out'].items())
    return f' Left out: {", ".join(reasons)}.' if result['left_out'] else ''


def fastest_ms(
    result: Result, size: tuple[int, int], network: str, precision: str | None = None
) -> float | None:
    """Return the least p50 of a network at a size, in any runtime; None when not measured."""
    found = [
        float(row['p50_ms'])
        for row in result['rows']
        if (size_of(row), row['network']) == (size, network)
        and precision in (None, row['precision'])
    ]
    return min(found, default=None)


def fastest_baseline(result: Result, size: tuple[int, int]) -> float | None:
    """Return the least p50 of the baseline at a size."""
    return fastest_ms(result, size, BASELINE)


def _workers(
    stack: ExitStack,
    modes: list[Mode],
    files: Mapping[str, Path],
    size: tuple[int, int],
    left_out: dict[str, str],
) -> dict[str, Worker]:
    workers = {}
    for mode in modes:
        try:
            worker = Worker(maker(mode, files[mode.network], size))
        except InputError as error:
            left_out[str(mode)] = str(error)
            continue
        workers[str(mode)] = stack.enter_context(worker)
    return workers


def _turn(worker: Worker, seconds: float) -> Any:
    return lambda: worker.visit(seconds)


def _file(network: str, folder: Path, size: tuple[int, int]) -> Path:
    # Only here, since it takes torch, which tables of a result do not need.
    from adu_depth_core.benchmarks.networks import baseline_graph, model_of_preset

    if network == BASELINE:
        return baseline_graph(folder, *size)
    return model_of_preset(network, folder)


def _row(mode: Mode, size: tuple[int, int], visits: list[Visit]) -> Result:
    total = sum(sum(visit.seconds) for visit in visits)
    return {
        'network': mode.network,
        'runtime': mode.runtime,
        'precision': mode.precision,
        'width': size[0],
        'height': size[1],
        **spread_ms([visit.seconds for visit in visits]),
        'cores_used': round(sum(visit.cpu_seconds for visit in visits) / total, 2),
    }


def _cells(row: Result, baseline_ms: float | None) -> list[Any]:
    figures = 'p50_ms', 'p95_ms', 'p99_ms', 'least_p50_ms', 'largest_p50_ms', 'cores_used'
    return [
        *(row[name] for name in ('network', 'runtime', 'precision')),
        *(row[name] for name in figures),
        baseline_ms / row['p50_ms'] if baseline_ms else None,
    ]


def size_of(row: Result) -> tuple[int, int]:
    """Return width and height of a row."""
    return row['width'], row['height']


def sizes_of(result: Result) -> list[tuple[int, int]]:
    """Return the sizes of a result, each once."""
    return list(dict.fromkeys(map(size_of, result['rows'])))


def _on_gpu(options: Options, sizes: tuple[tuple[int, int], ...]) -> Result:
    if find_spec('torch') is None:
        return {}
    from adu_depth_core.benchmarks.gpu import measure_gpu

    return measure_gpu(options, sizes)
