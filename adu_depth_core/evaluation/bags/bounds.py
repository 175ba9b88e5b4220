# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What the demonstration promises, and whether a run kept it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from adu_depth_core.evaluation.bags.playback import Playback
from adu_depth_core.evaluation.frame_loop import Evaluated

MIN_FRAMES_IN = 50
MIN_SHARE_OUT = 0.95
MAX_ABS_REL = 0.3
MAX_LATENCY_P95_MS = 100.0


@dataclass(frozen=True)
class Figures:
    """
    The figures of a run.

    `incomplete` counts stamps of which some of the four published topics are missing. None means
    that a figure cannot be had: without truth, or without any frame.
    """

    frames_in: int
    frames_out: int
    incomplete: int
    abs_rel: float | None
    coverage_error: float | None
    density: float | None
    latency_p50_ms: float | None
    latency_p95_ms: float | None

    @property
    def dropped(self) -> int:
        """Frames that went in and of which no depth came out."""
        return self.frames_in - self.frames_out


def figures_of_playback(evaluated: Evaluated, playback: Playback) -> Figures:
    """Collect the figures; those of accuracy are of the first sensor of truth."""
    scores = next(iter(evaluated.scores.values()), None)
    accuracy = scores.result()['figures'] if scores and scores.images else {}
    latency = evaluated.latency('') or {}
    return Figures(
        frames_in=len(playback.sent_ns),
        frames_out=playback.frames_out,
        incomplete=playback.incomplete,
        abs_rel=accuracy.get('abs_rel'),
        coverage_error=accuracy.get('coverage_error'),
        density=accuracy.get('density'),
        latency_p50_ms=latency.get('p50_ms'),
        latency_p95_ms=latency.get('p95_ms'),
    )


@dataclass(frozen=True)
class Bound:
    """One promise: `what` must be `limit`, was `value`."""

    what: str
    limit: str
    value: str
    kept: bool


def bounds(figures: Figures, *, is_drive_of_ours: bool, has_truth: bool) -> list[Bound]:
    """
    Judge a run.

    Parameters
    ----------
    figures : Figures
        What was measured.
    is_drive_of_ours : bool
        The rendered drive has enough frames; somebody's recording may be shorter.
    has_truth : bool
        Whether accuracy can be asked for.

    """
    least_out = MIN_SHARE_OUT * figures.frames_in
    found = [
        Bound(
            'frames out',
            f'at least {MIN_SHARE_OUT:.0%} of the frames in',
            f'{figures.frames_out} of {figures.frames_in}',
            figures.frames_out > 0 and figures.frames_out >= least_out,
        ),
        _below('latency p95', figures.latency_p95_ms, MAX_LATENCY_P95_MS, lambda v: f'{v:.0f} ms'),
        Bound(
            'stamps with depth, std and both camera_info',
            'all',
            f'{figures.incomplete} incomplete',
            figures.incomplete == 0,
        ),
    ]
    if is_drive_of_ours:
        enough = figures.frames_in >= MIN_FRAMES_IN
        value = str(figures.frames_in)
        found.insert(0, Bound('frames in', f'at least {MIN_FRAMES_IN}', value, enough))
    if has_truth:
        found.append(_below('abs_rel', figures.abs_rel, MAX_ABS_REL, lambda v: f'{v:.3g}'))
    return found


def verdict(judged: Sequence[Bound]) -> str | None:
    """Return one sentence that names every promise that was not kept; None when all were."""
    missed = [f'{b.what} {b.value} (must be {b.limit})' for b in judged if not b.kept]
    return f'missed: {"; ".join(missed)}' if missed else None


def _below(what: str, value: float | None, limit: float, show: Callable[[float], str]) -> Bound:
    shown = 'unknown' if value is None else show(value)
    return Bound(what, f'below {show(limit)}', shown, value is not None and value < limit)
