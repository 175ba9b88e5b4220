# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""How fast frames come and go, how long the model takes, and how old its answers are."""

from collections import deque
from collections.abc import Callable, Mapping
from threading import Lock

import numpy as np

WINDOW_S = 5.0
DURATIONS = 100
UNKNOWN = 'unknown'
# No image waits so long: its stamp is of another clock, as that of a bag.
STRANGE_AGE_S = 3600.0


class Rate:
    """Events a second over the last `WINDOW_S`, by a clock that may jump."""

    def __init__(self, now_ns: int) -> None:
        self._since_ns = now_ns
        self._times_ns: deque[int] = deque()

    def count(self, now_ns: int) -> None:
        """Note an event."""
        self._forget(now_ns)
        self._times_ns.append(now_ns)

    def hz(self, now_ns: int) -> float:
        """Return the rate; it is cautious in the first second."""
        self._forget(now_ns)
        elapsed_s = min(max((now_ns - self._since_ns) / 1e9, 1.0), WINDOW_S)
        return len(self._times_ns) / elapsed_s

    def _forget(self, now_ns: int) -> None:
        if now_ns < (self._times_ns[-1] if self._times_ns else self._since_ns):
            # Simulated time began anew.
            self._times_ns.clear()
            self._since_ns = now_ns
        while self._times_ns and self._times_ns[0] < now_ns - WINDOW_S * 1e9:
            self._times_ns.popleft()


class FrameStatistics:
    """
    Figures for diagnostics; any thread may write and read them.

    Parameters
    ----------
    now_ns : callable
        The clock of the node: rates and ages are by simulated time where that is used.

    """

    def __init__(self, now_ns: Callable[[], int]) -> None:
        self._now_ns = now_ns
        self._lock = Lock()
        self.reset()

    def reset(self) -> None:
        """Begin anew, as at activation."""
        with self._lock:
            now_ns = self._now_ns()
            self._in, self._out = Rate(now_ns), Rate(now_ns)
            self._durations_s: deque[float] = deque(maxlen=DURATIONS)
            self._age_s: float | None = None

    def came(self) -> None:
        """Note a frame that came in."""
        with self._lock:
            self._in.count(self._now_ns())

    def inferred(self, seconds: float) -> None:
        """Note how long the model took for a frame."""
        with self._lock:
            self._durations_s.append(seconds)

    def went(self, stamp_ns: int) -> None:
        """Note that the answer to an image of this stamp was published."""
        with self._lock:
            now_ns = self._now_ns()
            self._out.count(now_ns)
            self._age_s = (now_ns - stamp_ns) / 1e9

    def input_hz(self) -> float:
        """Return the rate at which frames come."""
        with self._lock:
            return self._in.hz(self._now_ns())

    def values(self) -> Mapping[str, str]:
        """Return all figures as diagnostics show them, with their units."""
        with self._lock:
            now_ns = self._now_ns()
            halves = [_percentile_ms(self._durations_s, share) for share in (50, 95)]
            return {
                'input rate (Hz)': f'{self._in.hz(now_ns):.1f}',
                'output rate (Hz)': f'{self._out.hz(now_ns):.1f}',
                'inference p50 (ms)': halves[0],
                'inference p95 (ms)': halves[1],
                'age when published (ms)': _age_ms(self._age_s),
            }


def _age_ms(age_s: float | None) -> str:
    if age_s is None:
        return UNKNOWN
    if abs(age_s) <= STRANGE_AGE_S:
        return f'{age_s * 1e3:.1f}'
    side = 'before' if age_s > 0 else 'after'
    return (
        f'{UNKNOWN}: stamps are {abs(age_s) / 3600:.1f} h {side} the '
        "node's clock; set use_sim_time where a bag is played with /clock"
    )


def _percentile_ms(durations_s: deque[float], share: float) -> str:
    return f'{np.percentile(durations_s, share) * 1e3:.1f}' if durations_s else UNKNOWN
