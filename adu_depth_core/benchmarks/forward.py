# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""`adu-depth benchmark forward`: the networks alone, on the CPU, and on a GPU if there is one."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from adu_depth_core.benchmarks.durations import interleaved, spread_ms
from adu_depth_core.benchmarks.parts import Options, Result
from adu_depth_core.benchmarks.tables import Table
from adu_depth_core.benchmarks.worker import Visit, Work, Worker
from adu_depth_core.errors import InputError
from adu_depth_core.inference.runtimes.loading import load_runtime
from adu_depth_core.inference.runtimes.parity import USUAL_FX, parity_frame
from adu_depth_core.inference.runtimes.runtime import FLOAT32
from adu_depth_core.inference.runtimes.table import fastest_first

SUMMARY = 'networks alone: every preset, runtime, precision and size'
SIZES = (1216, 352), (640, 192)
PRESETS = ('tiny', 'base', 'large')
RUNTIMES = {row.name: (FLOAT32, *row.lower_precisions) for row in fastest_first('cpu')}

Size = tuple[int, int]  # width and height in px of the network's input


@dataclass(frozen=True)
class Mode:
    """
    One row of the table.

    `precision` is that of the backbone; heads of ours are in float32 in any case.
    """

    network: str
    runtime: str
    precision: str

    def __str__(self) -> str:
        """Return network, runtime and precision in one line."""
        return f'{self.network} {self.runtime} {self.precision}'


def modes_of(network: str) -> list[Mode]:
    """Return all runtimes and precisions for the CPU."""
    return [Mode(network, runtime, p) for runtime, kinds in RUNTIMES.items() for p in kinds]


@dataclass(frozen=True)
class Rival:
    """
    A network of others that is timed in turns with ours.

    Attributes
    ----------
    file : callable
        Takes a folder and a size; writes what the network is made of there, and returns its path.
    make : callable
        Takes mode, file and size; returns what runs one pass. A function of a module.
    on_gpu : callable
        Takes a dtype of torch; returns a module of image and focal length that computes in it.

    """

    file: Callable[[Path, Size], Path]
    make: Callable[[Mode, Path, Size], Work]
    on_gpu: Callable[[Any], Any]


def measure(options: Options) -> Result:
    """Time all networks at all sizes, in turns."""
    return measure_with(options, {})


def measure_with(options: Options, rivals: Mapping[str, Rival]) -> Result:
    """Time all networks, and those of others by their names, at all sizes, in turns."""
    sizes = SIZES[1:] if options.quick else SIZES
    networks = (*(PRESETS[:1] if options.quick else PRESETS), *rivals)
    rounds, seconds = (1, 0.2) if options.quick else (5, 1.0)
    rows: list[Result] = []
    left_out: dict[str, str] = {}
    for size in sizes:
        modes = [mode for network in networks for mode in modes_of(network)]
        with ExitStack() as stack:
            workers = _workers(stack, _makers(modes, rivals, options.folder, size), left_out)
            turns = {name: partial(worker.visit, seconds) for name, worker in workers.items()}
            visits = interleaved(turns, rounds)
        rows += [_row(mode, size, visits[str(mode)]) for mode in modes if str(mode) in visits]
    return {
        'rounds': rounds,
        'seconds_of_a_round': seconds,
        'rows': rows,
        'left_out': left_out,
        'gpu': _on_gpu(options, sizes, rivals),
    }


def tables(result: Result) -> list[Table]:
    """Return a table for each size, and those of the GPU."""
    found = [
        Table(
            f'Forward pass, {width}×{height}',
            f'{result["rounds"]} rounds in turns; ms a pass, batch 1; p50 is the median of '
            'the medians of the rounds, which lie between the two columns named so; cores: '
            f'CPU time over time.{_left_out(result)}',
            (
                *('network', 'runtime', 'precision', 'p50', 'p95', 'p99'),
                *('least median', 'largest median', 'cores'),
            ),
            [_cells(row) for row in rows_of(result, (width, height))],
        )
        for width, height in sizes_of(result)
    ]
    return [*found, _gpu_table(result['gpu'])] if result['gpu'] else found


def sizes_of(result: Result) -> list[Size]:
    """Return the sizes of a result, each once."""
    return list(dict.fromkeys(map(size_of, result['rows'])))


def rows_of(result: Result, size: Size) -> list[Result]:
    """Return the rows of a size."""
    return [row for row in result['rows'] if size_of(row) == size]


def size_of(row: Result) -> Size:
    """Return width and height of a row."""
    return row['width'], row['height']


def fastest_ms(
    result: Result, size: Size, network: str, precision: str | None = None
) -> float | None:
    """Return the least p50 of a network at a size, in any runtime; None when not measured."""
    found = [
        float(row['p50_ms'])
        for row in rows_of(result, size)
        if row['network'] == network and precision in (None, row['precision'])
    ]
    return min(found, default=None)


def _makers(
    modes: Sequence[Mode], rivals: Mapping[str, Rival], folder: Path, size: Size
) -> dict[str, Callable[[], Work]]:
    # Only here, since it takes torch, which tables of a result do not need.
    from adu_depth_core.benchmarks.networks import model_of_preset

    def maker(mode: Mode) -> Callable[[], Work]:
        if rival := rivals.get(mode.network):
            return partial(rival.make, mode, rival.file(folder, size), size)
        return partial(_make, mode, model_of_preset(mode.network, folder), size)

    return {str(mode): maker(mode) for mode in modes}


def _make(mode: Mode, file: Path, size: Size) -> Work:
    network = load_runtime(file, mode.runtime, 'cpu', mode.precision).runtime
    return partial(network, parity_frame(*size), USUAL_FX)


def _workers(
    stack: ExitStack, makers: Mapping[str, Callable[[], Work]], left_out: dict[str, str]
) -> dict[str, Worker]:
    workers = {}
    for name, make in makers.items():
        try:
            worker = Worker(make)
        except InputError as error:
            left_out[name] = str(error)
            continue
        workers[name] = stack.enter_context(worker)
    return workers


def _row(mode: Mode, size: Size, visits: list[Visit]) -> Result:
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


def _cells(row: Result) -> list[Any]:
    figures = 'p50_ms', 'p95_ms', 'p99_ms', 'least_p50_ms', 'largest_p50_ms', 'cores_used'
    return [row[name] for name in ('network', 'runtime', 'precision', *figures)]


def _left_out(result: Result) -> str:
    reasons = (f'{mode} ({reason})' for mode, reason in result['left_out'].items())
    return f' Left out: {", ".join(reasons)}.' if result['left_out'] else ''


def _on_gpu(options: Options, sizes: tuple[Size, ...], rivals: Mapping[str, Rival]) -> Result:
    if find_spec('torch') is None:
        return {}
    from adu_depth_core.benchmarks.gpu import measure_gpu

    presets = PRESETS[:1] if options.quick else PRESETS
    others = {name: rival.on_gpu for name, rival in rivals.items()}
    return measure_gpu(options, sizes, presets, others)


def _gpu_table(result: Result) -> Table:
    return Table(
        f'Forward pass on {result["device"]}',
        'float16 with CUDA graphs, batch 1, ms: the network alone, and with the image going '
        'there and both maps coming back; the floors are its arithmetic at '
        f'{result["flop_per_s"] / 1e12:.0f} TFLOP/s and its features and weights at '
        f'{result["bytes_per_s"] / 1e9:.0f} GB/s, as measured beside it.',
        (
            *('network', 'size', 'alone p50', 'p99', 'frames/s', 'with copies p50'),
            *('GFLOP', 'arithmetic floor', 'memory floor'),
        ),
        [_gpu_cells(row) for row in result['rows']],
    )


def _gpu_cells(row: Result) -> list[Any]:
    alone, whole = row['alone'], row['with_copies']
    return [
        *(row['network'], f'{row["width"]}×{row["height"]}'),
        *(alone['p50_ms'], alone['p99_ms'], 1e3 / alone['p50_ms'], whole['p50_ms']),
        *(row['gflop'], row['arithmetic_floor_ms'], row['memory_floor_ms']),
    ]
