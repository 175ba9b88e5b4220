# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
The node at 30 Hz for half an hour: whether memory, threads or descriptors grow.

    python benchmark/soak.py

A camera, the node and a receiver run as processes and talk over DDS, as in `adu-depth benchmark
node`. Once a second the node is looked at from outside. Ends with 1 where a target is missed.
"""

import argparse
import json
import sys
import tempfile
import threading
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from adu_depth_core.atomic_files import written_whole
from adu_depth_core.benchmarks.process_figures import PROC, child_running, sample
from adu_depth_core.machine import machine
from adu_depth_ros.benchmarks.session import OUTPUTS, PLAIN_MODULE, Scenario, Session, run_session
from adu_depth_ros.benchmarks.session_figures import latency_figures

PERIOD_S = 1.0
SETTLED_S = 60.0  # what is taken once, for buffers and caches, is taken by then
MOST_GROWTH_MB = 5.0
PANELS = {'resident_mb': 'memory, MB', 'threads': 'threads', 'descriptors': 'descriptors'}


@dataclass(frozen=True)
class Look:
    """The node at one moment: seconds since the first look, resident 10^6 bytes, counts."""

    seconds: float
    resident_mb: float
    threads: int
    descriptors: int


def main() -> int:
    options = _parser().parse_args()
    watcher = Watcher()
    watcher.start()
    settings = {'runtime': options.runtime, 'input_size': options.input_size}
    scenario = Scenario(PLAIN_MODULE, options.hz, 60 * options.minutes, settings)
    with tempfile.TemporaryDirectory() as folder:
        session = run_session(scenario, Path(folder))
    watcher.end()
    looks = at_work(watcher.looks, session)
    result = {
        'machine': machine(),
        'minutes': options.minutes,
        'rate_hz': options.hz,
        **settings,
        **growth(looks),
        'latency': latency_figures(session, next(iter(OUTPUTS))),
        'looks': [asdict(look) for look in looks],
    }
    with written_whole(options.json) as temporary:
        temporary.write_text(json.dumps(result, indent=1) + '\n')
    plot(looks, options.plot)
    print(json.dumps({name: result[name] for name in result if name != 'looks'}, indent=1))
    return 0 if result['is_flat'] else 1


class Watcher(threading.Thread):
    """Looks at the node once a second, from when it is there until it is gone."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.looks: list[tuple[int, Look]] = []
        self._ended = threading.Event()

    def run(self) -> None:
        """Look until `end`."""
        pid = None
        while not self._ended.wait(PERIOD_S):
            pid = child_running(PLAIN_MODULE) if pid is None else pid
            if pid is not None and (found := self._look(pid)) is not None:
                self.looks.append(found)

    def end(self) -> None:
        """Stop looking."""
        self._ended.set()
        self.join()

    def _look(self, pid: int) -> tuple[int, Look] | None:
        found = sample(pid)
        try:
            threads = len(list((PROC / str(pid) / 'task').iterdir()))
            descriptors = len(list((PROC / str(pid) / 'fd').iterdir()))
        except OSError:
            return None
        if found is None:
            return None
        first_ns = self.looks[0][0] if self.looks else found.wall_ns
        seconds = (found.wall_ns - first_ns) / 1e9
        return found.wall_ns, Look(seconds, found.resident_mb, threads, descriptors)


def at_work(looks: list[tuple[int, Look]], session: Session) -> list[Look]:
    """Return the looks between the first image and the last."""
    return [look for wall, look in looks if session.sent[0] <= wall <= session.sent[-1]]


def growth(looks: list[Look]) -> dict[str, Any]:
    """
    Compare a minute at the end with one after the first minute; of a short run, its thirds.

    Medians, for a look may meet a file that is just being read.
    """
    start_s, end_s = looks[0].seconds, looks[-1].seconds
    settled = [x for x in looks if x.seconds >= start_s + min(SETTLED_S, (end_s - start_s) / 3)]
    part = max(1, min(60, len(settled) // 3))
    first, last = settled[:part], settled[-part:]
    before_after = {name: (_median(first, name), _median(last, name)) for name in PANELS}
    grown = {name: after - before for name, (before, after) in before_after.items()}
    return {
        'seconds': round(end_s - start_s, 1),
        'largest_mb': round(max(look.resident_mb for look in settled), 1),
        'before_and_after': before_after,
        'is_flat': grown['resident_mb'] < MOST_GROWTH_MB
        and grown['threads'] == grown['descriptors'] == 0,
    }


def _median(looks: list[Look], name: str) -> float:
    return float(np.median([getattr(look, name) for look in looks]))


def plot(looks: list[Look], path: Path) -> None:
    """Draw the course of each figure from 0 up."""
    figure = Figure((8, 5), layout='constrained')
    minutes = [look.seconds / 60 for look in looks]
    for axes, (name, label) in zip(
        figure.subplots(len(PANELS), sharex=True), PANELS.items(), strict=True
    ):
        values = [getattr(look, name) for look in looks]
        axes.plot(minutes, values)
        axes.set_ylabel(label)
        axes.set_ylim(0, 1.2 * max(values))
    axes.set_xlabel('minutes')
    with written_whole(path) as temporary:
        figure.savefig(temporary, dpi=100)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[1])
    parser.add_argument('--minutes', type=float, default=30.0)
    parser.add_argument('--hz', type=float, default=30.0)
    parser.add_argument('--runtime', default='auto')
    parser.add_argument('--input-size', default='640x192')
    parser.add_argument('--json', type=Path, default=Path('benchmark/results/soak.json'))
    parser.add_argument('--plot', type=Path, default=Path('docs/images/soak.png'))
    return parser


if __name__ == '__main__':
    sys.exit(main())
