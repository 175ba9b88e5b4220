# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The one loop of every evaluation, of data sets and bags: predict a frame, score it, go on."""

import math
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple, Protocol, TypeVar

import numpy as np
from tqdm import tqdm

from adu_depth_core.errors import InputError
from adu_depth_core.evaluation.protocols import Protocol as EvaluationProtocol
from adu_depth_core.evaluation.report import ShownFrame
from adu_depth_core.evaluation.scores import Scores
from adu_depth_core.evaluation.stopping import stop_on_interrupt
from adu_depth_core.inference.predictor import Prediction
from adu_depth_core.samples.sample import Depth, Image


class NamedFrame(Protocol):
    """What is evaluated one by one."""

    @property
    def key(self) -> int:
        """What it is found again by: an index, or a time of recording in nanoseconds."""

    @property
    def name(self) -> str:
        """What a reader calls it."""

    @property
    def stamp_ns(self) -> int:
        """Time of exposure."""

    @property
    def image(self) -> Image:
        """(H, W, 3) uint8, RGB."""

    @property
    def truths(self) -> Mapping[str, Depth]:
        """For each sensor that had something for it: (H, W) float32 metres, NaN = unknown."""


class TimedPrediction(NamedTuple):
    """A prediction and the milliseconds that it took."""

    prediction: Prediction
    latency_ms: float | None


Frame = TypeVar('Frame', bound=NamedFrame)
Answers = Callable[[Frame], TimedPrediction | None]


@dataclass(frozen=True)
class TimelineRow:
    """
    One frame in the course of an evaluation.

    Attributes
    ----------
    key, name, stamp_ns
        See `NamedFrame`.
    time_s : float
        Since the first frame.
    latency_ms : float, optional
        Of its prediction.
    abs_rel : mapping
        For each sensor of truth that had pixels which count.

    """

    key: int
    name: str
    stamp_ns: int
    time_s: float
    latency_ms: float | None
    abs_rel: Mapping[str, float]


@dataclass
class Evaluated:
    """
    Scores for each sensor of truth, and the course of the frames.

    Nothing is kept of the pixels: memory grows by one row a frame.
    """

    protocol: EvaluationProtocol
    scores: dict[str, Scores] = field(default_factory=dict)
    timeline: list[TimelineRow] = field(default_factory=list)
    first_ns: int | None = None
    interrupted: bool = False

    def add(self, frame: NamedFrame, answer: TimedPrediction) -> None:
        """Score one frame against every truth that it has."""
        abs_rel = {}
        for sensor in self.scores.keys() - frame.truths.keys():
            self.scores[sensor].add_without_truth()
        for sensor, truth_m in frame.truths.items():
            scores = self.scores.setdefault(sensor, Scores(self.protocol))
            figures = scores.add(answer.prediction.depth_m, answer.prediction.std_m, truth_m)
            if figures is not None:
                abs_rel[sensor] = figures['abs_rel']
        row = TimelineRow(frame.key, frame.name, frame.stamp_ns, 0.0, answer.latency_ms, abs_rel)
        self.timeline.append(row)

    def count_time_from(self, first_ns: int) -> None:
        """Set the time of each row."""
        self.first_ns = first_ns
        self.timeline = [
            replace(row, time_s=(row.stamp_ns - first_ns) / 1e9) for row in self.timeline
        ]

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


class Processes(Protocol):
    """Who evaluates: process `rank` of `count` takes every `count`-th frame."""

    rank: int
    count: int

    def join(self, evaluated: Evaluated) -> None:
        """Replace what this process found by what all have found together."""


class Alone:
    """One process, all frames."""

    rank, count = 0, 1

    def join(self, evaluated: Evaluated) -> None:
        """Nobody else has found anything."""


def evaluate_frames(
    frames: Iterable[Frame],
    answer: Answers[Frame],
    evaluated: Evaluated,
    *,
    total: int,
    truth_needed: bool = False,
    on_answer: Callable[[Frame, Prediction], None] | None = None,
    processes: Processes | None = None,
) -> None:
    """
    Predict and score frames one by one.

    Parameters
    ----------
    frames : iterable of NamedFrame
        Those of this process.
    answer : callable
        From a frame to its prediction; None for one that was dropped.
    evaluated : Evaluated
        What is found is added to it; Ctrl-C ends the loop with what is finished, and its
        `interrupted` is true then.
    total : int
        How many frames there are, for the progress bar.
    truth_needed : bool
        Count a frame that has no truth as such, and do not predict it.
    on_answer : callable, optional
        Is given every frame and its prediction.
    processes : Processes, optional
        This one alone where not given.

    Raises
    ------
    InputError
        With the frame's name, when it cannot be compared with its truth.

    """
    processes = processes or Alone()
    off = processes.rank > 0
    bar = tqdm(frames, total=total, desc=evaluated.protocol.label, unit='frame', disable=off)
    with stop_on_interrupt(alone=processes.count == 1) as stop:
        for frame in bar:
            if truth_needed and not frame.truths:
                for scores in evaluated.scores.values():
                    scores.add_without_truth()
            else:
                _evaluate_frame(frame, answer, evaluated, on_answer)
            evaluated.interrupted = stop.asked
            if stop.asked:
                break
        processes.join(evaluated)
    if evaluated.first_ns is not None:
        evaluated.count_time_from(evaluated.first_ns)


def timed(
    predict: Callable[[Frame], Prediction], make_ready: Callable[[Frame], None] | None = None
) -> Answers[Frame]:
    """Answer every frame with a prediction, and time it once the model is ready for its size."""

    def answer(frame: Frame) -> TimedPrediction:
        if make_ready is not None:
            make_ready(frame)
        start = time.perf_counter()
        prediction = predict(frame)
        return TimedPrediction(prediction, 1000 * (time.perf_counter() - start))

    return answer


def frames_to_show(
    evaluated: Evaluated,
    frame_at: Callable[[int], Frame | None],
    answer: Answers[Frame],
    at: str = '',
) -> list[ShownFrame]:
    """Read and predict the frames again that a report shows; `at` stands before their names."""
    typical, shown = evaluated.typical_frames(), {}
    # Answers that were recorded can only be read in the order of time.
    for caption, row in sorted(typical.items(), key=lambda item: item[1].key):
        frame = frame_at(row.key)
        found = answer(frame) if frame else None
        if frame and found:
            truth_m = next(iter(frame.truths.values()), None)
            title, prediction = f'{caption}, {at}{row.name}', found.prediction
            shown[caption] = ShownFrame(
                title, frame.image, prediction.depth_m, prediction.std_m, truth_m
            )
    return [shown[caption] for caption in typical if caption in shown]


def _evaluate_frame(
    frame: Frame,
    answer: Answers[Frame],
    evaluated: Evaluated,
    on_answer: Callable[[Frame, Prediction], None] | None,
) -> None:
    if evaluated.first_ns is None:
        evaluated.first_ns = frame.stamp_ns
    found = answer(frame)
    if found is None:
        return
    try:
        evaluated.add(frame, found)
    except InputError as error:
        raise InputError(f'{frame.name}: {error}') from error
    if on_answer is not None:
        on_answer(frame, found.prediction)


def _is_known(value: float | None) -> bool:
    return value is not None and math.isfinite(value)
