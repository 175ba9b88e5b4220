# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
`adu-depth benchmark node`: the depth node end to end, over DDS between processes.

A camera sends raw images of 1242x375 at 10, 30 and 60 Hz, the node answers, a receiver notes when.
An echo node in its place shows what the transport costs, the predictor in a loop what it takes
without ROS. With `--minutes`, memory is watched instead.
"""

from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from typing import Any

import numpy as np

from adu_depth_core.benchmarks.bare_loop import make_bare_loop
from adu_depth_core.benchmarks.conditions import versions_of
from adu_depth_core.benchmarks.durations import interleaved, spread_ms
from adu_depth_core.benchmarks.parts import Options, Result
from adu_depth_core.benchmarks.tables import Table
from adu_depth_core.benchmarks.targets import Target
from adu_depth_core.benchmarks.worker import Worker
from adu_depth_core.errors import InputError
from adu_depth_core.inference.network_size import parsed_size
from adu_depth_core.inference.runtimes.loading import is_installed, load_runtime
from adu_depth_core.inference.runtimes.table import GRAPH, fastest_first
from adu_depth_core.weights import shipped_model
from adu_depth_ros.benchmarks import node_tables
from adu_depth_ros.benchmarks.session import (
    ECHO_MODULE,
    ECHO_OUTPUTS,
    NODE,
    OUTPUTS,
    PLAIN_MODULE,
    TIMED_MODULE,
    Scenario,
    Session,
    run_session,
)
from adu_depth_ros.benchmarks.session_figures import (
    beyond_two_passes,
    drops_by_place,
    latency_figures,
    memory_figures,
    process_figures,
    stage_figures,
)

SUMMARY = 'the node over DDS at 10, 30 and 60 Hz, an echo node, start-up and memory'
RATES_HZ = (10, 30, 60)
MEMORY_RATE_HZ = 30
SIZES = ('1216x352', '640x192')
WARM_UP_S = 1.0
START_UP_S = 12.0
NODE_RUNTIMES = tuple(row.name for row in fastest_first('cpu') if row.suffix == GRAPH)
DEPTH, ECHO = next(iter(OUTPUTS)), next(iter(ECHO_OUTPUTS))
NS = 1_000_000_000


def measure(options: Options) -> Result:
    """Measure latency, drops, CPU, start-up and memory; or with `minutes` memory alone."""
    result: Result = {
        'ros': versions_of(('rclpy',)),
        'runtime': _runtimes()[0],
        'precisions': {name: _precision(name) for name in _runtimes()},
    }
    if options.minutes is not None:
        return result | {'memory': _memory(options, options.minutes)}
    seconds, rounds = (2.5, 1) if options.quick else (10.0, 3)
    return {
        **result,
        'seconds': seconds,
        'rounds': rounds,
        **_in_turns(options, seconds, rounds),
        'start_up': _start_ups(options),
    }


def tables(result: Result) -> list[Table]:
    """Return the tables of what was measured."""
    return node_tables.tables(result)


def targets(result: Result) -> list[Target]:
    """Return what is wanted of the node."""
    return node_tables.targets(result)


def _runtimes() -> list[str]:
    there = [name for name in NODE_RUNTIMES if is_installed(name)]
    if not there:
        raise InputError(f'the node is timed with one of {", ".join(NODE_RUNTIMES)}: install one')
    return there


def _precision(runtime: str) -> str:
    """Return what the parameter `precision` means by `auto`: the same for all nodes of a run."""
    return load_runtime(shipped_model('tiny'), runtime, 'cpu').runtime.precision


def _in_turns(options: Options, seconds: float, rounds: int) -> Result:
    """Run echo, node and predictor in turns, the first two at all rates."""
    sizes = SIZES[1:] if options.quick else SIZES
    rates = RATES_HZ[:1] if options.quick else RATES_HZ
    kinds = [(rate, kind) for rate in rates for kind in ('echo', *sizes)]
    with ExitStack() as stack:
        loops = {size: stack.enter_context(_bare_loop(size)) for size in sizes}
        turns: dict[str, Callable[[], Any]] = {
            **{
                _key(rate, kind): partial(_run, options, rate, kind, seconds)
                for rate, kind in kinds
            },
            **{size: partial(loop.visit, seconds / 4) for size, loop in loops.items()},
        }
        visits = interleaved(turns, rounds)
    return {
        'rows': [_row(rate, kind, visits[_key(rate, kind)]) for rate, kind in kinds],
        'bare_loop': [
            {'size': size, **spread_ms([visit.seconds for visit in visits[size]])}
            for size in sizes
        ],
    }


def _key(rate: float, kind: str) -> str:
    return f'{kind}_{rate:g}Hz'


def _run(options: Options, rate: float, kind: str, seconds: float) -> Session:
    return run_session(_scenario(kind, rate, seconds), options.folder / _key(rate, kind))


def _bare_loop(size: str) -> Worker:
    return Worker(partial(make_bare_loop, 'tiny', _runtimes()[0], parsed_size(size)))


def _scenario(kind: str, rate: float, seconds: float) -> Scenario:
    sent_for = seconds + WARM_UP_S
    if kind == 'echo':
        return Scenario(ECHO_MODULE, rate, sent_for, outputs=ECHO_OUTPUTS)
    settings = {'runtime': _runtimes()[0], 'input_size': kind}
    return Scenario(TIMED_MODULE, rate, sent_for, settings)


def _row(rate: float, kind: str, sessions: list[Session]) -> Result:
    topic = ECHO if kind == 'echo' else DEPTH
    row: Result = {
        'kind': kind,
        'rate_hz': rate,
        'rounds': [latency_figures(session, topic) for session in sessions],
        'processes': [process_figures(session) for session in sessions],
    }
    if kind != 'echo':
        row['stages'] = [stage_figures(session, topic) for session in sessions]
        row['drops'] = [drops_by_place(session, topic) for session in sessions]
        row['beyond_two_passes'] = [beyond_two_passes(session, topic) for session in sessions]
    return row


def _start_ups(options: Options) -> list[Result]:
    """Start the plain node beside a camera that is sending already, with each runtime in turns."""
    rounds = 1 if options.quick else 3
    turns = {
        runtime: partial(
            run_session,
            _start_scenario(runtime),
            options.folder / f'start_{runtime}',
        )
        for runtime in _runtimes()
    }
    return [
        {'runtime': runtime, 'rounds': [_start_up(session) for session in sessions]}
        for runtime, sessions in interleaved(turns, rounds).items()
    ]


def _start_scenario(runtime: str) -> Scenario:
    settings = {'runtime': runtime, 'input_size': SIZES[0]}
    return Scenario(PLAIN_MODULE, MEMORY_RATE_HZ, START_UP_S, settings, node_last=True)


def _start_up(session: Session) -> Result:
    receipts = [wall for _, wall in session.receipts[DEPTH]]
    memory = [s.resident_mb for s in session.samples[NODE][-8:]]
    # A camera that came later than the node would be what is timed.
    is_timed = receipts and session.sent[0] < session.node_started
    return {
        'first_depth_s': (min(receipts) - session.node_started) / NS if is_timed else None,
        'resident_mb': round(float(np.median(memory)), 1) if memory else None,
        'shared_mb': round(session.samples[NODE][-1].shared_mb, 1) if memory else None,
    }


def _memory(options: Options, minutes: float) -> Result:
    """Watch the plain node at work for as long as was asked."""
    settings = {'runtime': _runtimes()[0], 'input_size': SIZES[0]}
    scenario = Scenario(PLAIN_MODULE, MEMORY_RATE_HZ, 60 * minutes, settings)
    session = run_session(scenario, options.folder / 'memory')
    sent = session.sent
    at_work = [s for s in session.samples[NODE] if sent[0] <= s.wall_ns <= sent[-1]]
    return {
        **settings,
        'rate_hz': MEMORY_RATE_HZ,
        **memory_figures(at_work),
        'latency': latency_figures(session, DEPTH),
        # Twenty values are enough to draw how it went.
        'course_mb': [round(s.resident_mb, 1) for s in at_work[:: max(1, len(at_work) // 20)]],
    }
