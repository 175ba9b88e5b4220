# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""From what the processes of a session saw to figures; times come in nanoseconds."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from adu_depth_core.benchmarks.durations import percentiles_ms
from adu_depth_core.benchmarks.process_figures import Sample
from adu_depth_ros.benchmarks.session import Session

NS = 1_000_000_000
WARM_UP_NS = 1 * NS
Figures = dict[str, Any]


def latency_figures(session: Session, topic: str) -> Figures:
    """
    Tell how old the answers were when they arrived, and which images got none.

    The first second is left out. `age_slope_ms_per_s` is by how much answers get older as time
    goes on; `longest_gap` counts images without an answer one after the other.
    """
    sent = steady(session.sent)
    arrived = dict(session.receipts[topic])
    ages_s = [(arrived[stamp] - stamp) / NS for stamp in sent if stamp in arrived]
    unanswered = [stamp not in arrived for stamp in sent]
    return {
        'sent': len(sent),
        'answered': len(ages_s),
        'dropped': sum(unanswered),
        'longest_gap': longest_run(unanswered),
        **percentiles_ms(ages_s),
        'largest_ms': round(1e3 * max(ages_s), 3) if ages_s else None,
        'age_slope_ms_per_s': slope([s for s in sent if s in arrived], ages_s),
    }


def stage_figures(session: Session, topic: str) -> Figures:
    """
    Tell where the time of a frame went in the node, each stage in percentiles of milliseconds.

    `own work` is from the entry of the callback to the return of the last publish, less the
    network and less the wait for the frame before.
    """
    stages = stages_s(session, topic)
    return {name: percentiles_ms(values) for name, values in stages.items()}


def stages_s(session: Session, topic: str) -> dict[str, list[float]]:
    """Return the seconds that each steady frame spent in each stage."""
    arrived = dict(session.receipts[topic])
    wanted = set(steady(session.sent)) & set(arrived)
    frames = session.node_log['frames']
    rows = [
        _stages(frame, before, arrived[frame['stamp']])
        for before, frame in zip([None, *frames], frames, strict=False)
        if frame['stamp'] in wanted
    ]
    names = _stages(_NOTHING, None, 0)
    return {name: [row[name] / NS for row in rows] for name in names}


def drops_by_place(session: Session, topic: str) -> Figures:
    """Tell where images without an answer were lost."""
    arrived, entered = dict(session.receipts[topic]), dict(session.node_log['entered'])
    worked_on = {frame['stamp'] for frame in session.node_log['frames']}
    lost = [stamp for stamp in steady(session.sent) if stamp not in arrived]
    return {
        'on the way to the node': sum(stamp not in entered for stamp in lost),
        'replaced by a newer one': sum(s in entered and s not in worked_on for s in lost),
        'on the way from the node': sum(stamp in worked_on for stamp in lost),
    }


def beyond_two_passes(session: Session, topic: str) -> Figures:
    """
    Tell by how much answers are older than two passes of the network.

    These are the pass that the image had to wait for, and its own. A node that never falls behind
    leaves little more than the transport.
    """
    arrived = dict(session.receipts[topic])
    wanted = set(steady(session.sent)) & set(arrived)
    frames = session.node_log['frames']
    return percentiles_ms(
        [
            (arrived[frame['stamp']] - frame['stamp'] - _pass_ns(before) - _pass_ns(frame)) / NS
            for before, frame in pairwise(frames)
            if frame['stamp'] in wanted
        ]
    )


def process_figures(session: Session) -> Figures:
    """Return for each process the share of a core that it took, and its resident memory in MB."""
    sent = steady(session.sent)
    if not sent:
        return {}
    inside = {
        name: [s for s in samples if sent[0] <= s.wall_ns <= sent[-1]]
        for name, samples in session.samples.items()
    }
    return {name: _of_process(samples) for name, samples in inside.items() if len(samples) > 1}


def memory_figures(samples: Sequence[Sample]) -> Figures:
    """
    Tell whether a process grows: resident MB in the second and in the last tenth of the time.

    The first tenth, in which it starts, is left out. `mb_per_minute` is the median of the slopes
    between all pairs of samples (Theil and Sen): a leak goes on and moves it, a block that is
    taken once and kept does not.
    """
    tenth = len(samples) // 10
    early, late = samples[tenth : 2 * tenth], samples[-tenth:]
    early_mb, late_mb = (float(np.median([s.resident_mb for s in part])) for part in (early, late))
    later = samples[tenth:]
    minutes = [s.wall_ns / (60 * NS) for s in later]
    return {
        'minutes': round((samples[-1].wall_ns - samples[0].wall_ns) / (60 * NS), 2),
        'second_tenth_mb': round(early_mb, 1),
        'last_tenth_mb': round(late_mb, 1),
        'largest_mb': round(max(s.resident_mb for s in samples), 1),
        'mb_per_minute': _median_slope(minutes, [s.resident_mb for s in later]),
    }


def steady(sent: Sequence[int]) -> list[int]:
    """Return the stamps after the first second."""
    return [stamp for stamp in sent if stamp >= sent[0] + WARM_UP_NS]


def longest_run(flags: Sequence[bool]) -> int:
    """Return how many True there are at most one after the other."""
    longest = run = 0
    for flag in flags:
        run = run + 1 if flag else 0
        longest = max(longest, run)
    return longest


def slope(stamps: Sequence[int], ages_s: Sequence[float]) -> float | None:
    """Return by how many milliseconds a second the ages grow."""
    return _slope([s / NS for s in stamps], [1e3 * age for age in ages_s])


def _slope(x: Sequence[float], y: Sequence[float]) -> float | None:
    if len(x) < 2:
        return None
    return round(float(np.polyfit(np.asarray(x) - x[0], y, 1)[0]), 4)


def _median_slope(x: Sequence[float], y: Sequence[float]) -> float:
    pairs = np.triu_indices(len(x), 1)
    rise, time = (np.subtract.outer(values, values)[pairs] for values in (y, x))
    return round(float(np.median(rise / time)), 4)


_NOTHING = dict.fromkeys(
    (
        *('stamp', 'entered', 'began', 'asked'),
        *('forward_began', 'forward_ended', 'answered', 'done'),
    ),
    0,
)


def _stages(
    frame: Mapping[str, int], before: Mapping[str, int] | None, received: int
) -> dict[str, int]:
    busy_until = max(frame['entered'], before['done'] if before else 0)
    waited = busy_until - frame['entered']
    forward = _pass_ns(frame)
    return {
        'to the callback': frame['entered'] - frame['stamp'],
        'wait for the frame before': waited,
        'hand-over to the worker': frame['began'] - busy_until,
        'message to array': frame['asked'] - frame['began'],
        'to the size of the network': frame['forward_began'] - frame['asked'],
        'network': forward,
        'to the size of the camera': frame['answered'] - frame['forward_ended'],
        'to the receiver': received - frame['answered'],
        'all publishing': frame['done'] - frame['answered'],
        'own work': frame['done'] - frame['entered'] - forward - waited,
    }


def _pass_ns(frame: Mapping[str, int]) -> int:
    return frame['forward_ended'] - frame['forward_began']


def _of_process(samples: Sequence[Sample]) -> Figures:
    first, last = samples[0], samples[-1]
    elapsed_s = (last.wall_ns - first.wall_ns) / NS
    return {
        'cores': round((last.cpu_s - first.cpu_s) / elapsed_s, 3),
        'resident_mb': round(float(np.median([s.resident_mb for s in samples])), 1),
        'shared_mb': round(float(np.median([s.shared_mb for s in samples])), 1),
    }
