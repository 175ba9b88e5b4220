# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What an evaluation gathers, whatever its frames come from."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from adu_depth_core.evaluation.protocols import Protocol
from adu_depth_core.evaluation.scores import Scores
from adu_depth_core.inference.predictor import Prediction
from adu_depth_core.samples.sample import Depth


@dataclass(frozen=True)
class TimelineRow:
    """
    One frame in the course of an evaluation.

    Attributes
    ----------
    key : int
        What the frame is found again by: an index, or a time of recording in nanoseconds.
    name : str
        What a reader calls it.
    time_s : float
        Since the first frame.
    latency_ms : float, optional
        Of its prediction.
    abs_rel : mapping
        For each sensor of truth that had pixels which count.

    """

    key: int
    name: str
    time_s: float
    latency_ms: float | None
    abs_rel: Mapping[str, float]


@dataclass
class Evaluated:
    """
    Scores for each sensor of truth, and the course of the frames.

    Nothing is kept of the pixels: memory grows by one row a frame.
    """

    protocol: Protocol
    scores: dict[str, Scores] = field(default_factory=dict)
    timeline: list[TimelineRow] = field(default_factory=list)
    interrupted: bool = False

    def add(
        self,
        key: int,
        name: str,
        time_s: float,
        prediction: Prediction,
        truths: Mapping[str, Depth],
        latency_ms: float | None,
    ) -> None:
        """Score one frame against every truth that it has."""
        abs_rel = {}
        for sensor in self.scores.keys() - truths.keys():
            self.scores[sensor].add_without_truth()
        for sensor, truth_m in truths.items():
            scores = self.scores.setdefault(sensor, Scores(self.protocol))
            figures = scores.add(prediction.depth_m, prediction.std_m, truth_m)
            if figures is not None:
                abs_rel[sensor] = figures['abs_rel']
        self.timeline.append(TimelineRow(key, name, time_s, latency_ms, abs_rel))

    def typical_frames(self) -> dict[str, TimelineRow]:
        """Return the worst, the median and the best frame by abs_rel; by time without truth."""
        for sensor in self.scores:
            compared = [row for row in self.timeline if _is_known(row.abs_rel.get(sensor))]
            if compared:
                ranked = sorted(compared, key=lambda row: row.abs_rel[sensor])
                places = {'worst': -1, 'median': len(ranked) // 2, 'best': 0}
                return {
                    f'{place} frame, abs_rel {ranked[at].abs_rel[sensor]:.3f}': ranked[at]
                    for place, at in places.items()
                }
        places = {'first frame': 0, 'middle frame': len(self.timeline) // 2, 'last frame': -1}
        return {place: self.timeline[at] for place, at in places.items()} if self.timeline else {}

    def latency(self, what: str) -> dict[str, Any] | None:
        """Return the percentiles of the latency for a report; None without any."""
        known = [row.latency_ms for row in self.timeline if row.latency_ms is not None]
        if not known:
            return None
        figures = {f'p{p}_ms': float(np.percentile(known, p)) for p in (50, 95, 99)}
        return {'what': what, **figures}


def _is_known(value: float | None) -> bool:
    return value is not None and math.isfinite(value)
