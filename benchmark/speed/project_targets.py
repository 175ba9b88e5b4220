# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What this project wants of its networks and its node, and whether it was found."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from forward_beside_baseline import fastest_baseline

from adu_depth_core.benchmarks.forward import PRESETS, SIZES, fastest_ms, size_of, sizes_of
from adu_depth_core.benchmarks.parts import Result
from adu_depth_core.benchmarks.tables import Table
from adu_depth_core.inference.runtimes.runtime import BFLOAT16, FLOAT32
from adu_depth_ros.benchmarks.node_tables import SIZE, find, median, of_rounds, stage

# p50 in ms that `tiny` may take, and how many times faster than the baseline it is to be.
BOUNDS_MS = {
    ((1216, 352), BFLOAT16): 25,
    ((1216, 352), FLOAT32): 55,
    ((640, 192), BFLOAT16): 10,
    ((640, 192), FLOAT32): 18,
}
TIMES_FASTER = {BFLOAT16: 6, FLOAT32: 3}
FRAMES_PER_S = {'tiny': 800, 'base': 400}
WORDS = {BFLOAT16: 'mixed precision', FLOAT32: 'float32'}
# Of the node.
TARGET_HZ, FAST_HZ = 30, 60
OVERHEAD_MS, OWN_WORK_MS, P95_MS = 4, 5, 80
MEMORY_MB, FIRST_DEPTH_S, GROWTH_MB_PER_MINUTE = 400, 2, 0.1


@dataclass(frozen=True)
class Target:
    """
    A bound on one figure.

    Attributes
    ----------
    what : str
        With the unit.
    found : float, optional
        None or NaN where it was not measured, which is no success.
    bound : float
        The largest, or with `kind` 'at least' the smallest, that is good.
    kind : str

    """

    what: str
    found: float | None
    bound: float
    kind: Literal['at most', 'at least'] = 'at most'

    @property
    def met(self) -> bool:
        """Whether what was found is good."""
        if self.found is None:
            return False
        return self.found <= self.bound if self.kind == 'at most' else self.found >= self.bound


def targets_table(targets: Sequence[Target]) -> Table:
    """Return all targets as one table."""
    sign = {'at most': '≤', 'at least': '≥'}
    return Table(
        'Targets',
        '',
        ('what', 'wanted', 'found', ''),
        [
            (t.what, f'{sign[t.kind]} {t.bound:.3g}', t.found, 'met' if t.met else '**missed**')
            for t in targets
        ],
    )


def judged(results: Mapping[str, Result]) -> list[Table]:
    """Return one table of all targets of the results of parts; none where there are none."""
    wanted = {'forward': targets_of_forward, 'node': targets_of_node}
    judged_parts = [name for name in results if name in wanted]
    found = [target for name in judged_parts for target in wanted[name](results[name])]
    return [targets_table(found)] if found else []


def targets_of_forward(result: Result) -> list[Target]:
    """Return what is wanted of `tiny`, and on a GPU of `base`."""
    found = []
    for (size, precision), bound in BOUNDS_MS.items():
        if size not in sizes_of(result):
            continue
        where = f'{size[0]}×{size[1]}, {WORDS[precision]}'
        ours = fastest_ms(result, size, PRESETS[0], precision)
        baseline = fastest_baseline(result, size)
        ratio = baseline / ours if ours and baseline else None
        found += [
            Target(f'tiny forward p50, {where}, ms', ours, bound),
            Target(
                f'tiny faster than the baseline, {where}, times',
                ratio,
                TIMES_FASTER[precision],
                'at least',
            ),
        ]
    return [*found, *_targets_on_gpu(result)]


def _targets_on_gpu(result: Result) -> Iterator[Target]:
    for row in result['gpu'].get('rows', []):
        bound = FRAMES_PER_S.get(row['network'])
        if bound is not None and size_of(row) == SIZES[0]:
            what = f'{row["network"]}, {SIZES[0][0]}×{SIZES[0][1]}, float16, CUDA graph, frames/s'
            yield Target(what, 1e3 / row['alone']['p50_ms'], bound, 'at least')


def targets_of_node(result: Result) -> list[Target]:
    """Return what is wanted of the node, as far as it was measured."""
    if 'memory' in result:
        return _targets_of_memory(result['memory'])
    found = [*_targets_at_30(result), *_targets_at_60(result)]
    for row in result['start_up']:
        name = row['runtime']
        found += [
            Target(
                f'resident memory of the node, {name}, MB',
                of_rounds(row, 'resident_mb'),
                MEMORY_MB,
            ),
            Target(
                f'first depth after start, {name}, s',
                of_rounds(row, 'first_depth_s'),
                FIRST_DEPTH_S,
            ),
        ]
    return found


def _targets_of_memory(memory: Result) -> list[Target]:
    # Between the middles of the two tenths lie eight.
    risen = (memory['last_tenth_mb'] - memory['second_tenth_mb']) / (0.8 * memory['minutes'])
    what = f'memory of the node grows over {memory["minutes"]:g} min, MB a minute'
    return [
        Target(f'{what}, from the second to the last tenth', risen, GROWTH_MB_PER_MINUTE),
        Target(f'{what}, median slope', memory['mb_per_minute'], GROWTH_MB_PER_MINUTE),
    ]


def _targets_at_30(result: Result) -> Iterator[Target]:
    node, echo = find(result, SIZE, TARGET_HZ), find(result, 'echo', TARGET_HZ)
    if node is None or echo is None:
        return
    where = f'node, {SIZE}, {TARGET_HZ} Hz'
    forward, own = stage(node, 'network'), stage(node, 'own work')
    beyond = of_rounds(node, 'p50_ms') - forward - of_rounds(echo, 'p50_ms')
    dropped = sum(turn['dropped'] for turn in node['rounds'])
    yield Target(f'{where}: images dropped after the first second', dropped, 0)
    yield Target(f'{where}: p50 beyond network and echo, ms', beyond, OVERHEAD_MS)
    yield Target(f'{where}: own work p50, ms', own, OWN_WORK_MS)
    yield Target(f'{where}: stamp to receipt p95, ms', of_rounds(node, 'p95_ms'), P95_MS)


def _targets_at_60(result: Result) -> Iterator[Target]:
    node, echo = find(result, SIZE, FAST_HZ), find(result, 'echo', FAST_HZ)
    if node is None or echo is None:
        return
    for name in ('p50', 'p99'):
        figure = f'{name}_ms'
        passes = 2 * stage(node, 'network', figure)
        what = f'node, {SIZE}, {FAST_HZ} Hz: stamp to receipt {name}, ms; two passes and the echo'
        yield Target(what, of_rounds(node, figure), passes + of_rounds(echo, figure))
    late = median(turn['p99_ms'] for turn in node['beyond_two_passes'])
    what = 'image by image, p99 of the age beyond two passes, ms; wanted: p99 of the echo'
    yield Target(f'node, {SIZE}, {FAST_HZ} Hz: {what}', late, of_rounds(echo, 'p99_ms'))
