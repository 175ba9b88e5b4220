# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Score a predictor on a data set under a named protocol."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol as Interface

from tqdm import tqdm

from adu_depth_core.errors import InputError
from adu_depth_core.evaluation.evaluated import Evaluated
from adu_depth_core.evaluation.flip import flip_averaged
from adu_depth_core.evaluation.protocols import Protocol
from adu_depth_core.evaluation.report import ShownFrame
from adu_depth_core.evaluation.scores import Scores
from adu_depth_core.evaluation.stopping import Stop, stop_on_interrupt
from adu_depth_core.inference.predictor import Prediction, Predictor
from adu_depth_core.samples.sample import StereoDataset, StereoSample

TRUTH = 'truth of the data set'

Predict = Callable[[StereoSample], Prediction]


class Processes(Interface):
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


@dataclass(frozen=True)
class DatasetScore:
    """
    What an evaluation of a data set gave.

    Attributes
    ----------
    evaluated : Evaluated
        Scores against `TRUTH` and the course of the frames, whose keys are indices.
    dataset, predict
        What was evaluated.

    """

    evaluated: Evaluated
    dataset: StereoDataset
    predict: Predict

    @property
    def scores(self) -> Scores:
        """Scores against the truth of the data set."""
        return self.evaluated.scores[TRUTH]

    @property
    def absent(self) -> int:
        """Frames that were asked for and that the data set does not have whole."""
        return len(self.dataset.missing.frames())

    @property
    def missing(self) -> int:
        """Frames that were asked for and could not be scored."""
        return self.absent + self.scores.without_truth

    def frame(self, index: int) -> tuple[StereoSample, Prediction]:
        """Read and predict a frame again, to look at it."""
        sample = self.dataset[index]
        return sample, self.predict(sample)


def evaluate(
    predictor: Predictor,
    dataset: StereoDataset,
    protocol: Protocol,
    processes: Processes | None = None,
) -> DatasetScore:
    """
    Score every sample of a data set that has truth; see `scored`.

    The predictor's limits hold only where the protocol leaves out unknown pixels.
    """
    judged = predictor.without_limits() if protocol.clamps_unknown else predictor

    def make_ready(sample: StereoSample) -> None:
        judged.warm_up(sample.camera.width, sample.camera.height)

    def predict(sample: StereoSample) -> Prediction:
        if protocol.flip:
            return flip_averaged(judged, sample.left, sample.camera)
        return judged(sample.left, sample.camera)

    return _scored(dataset, protocol, predict, processes or Alone(), make_ready)


def scored(dataset: StereoDataset, protocol: Protocol, predict: Predict) -> DatasetScore:
    """
    Score any function from sample to prediction, such as a stereo model.

    Ctrl-C ends it with the frames that are finished; `evaluated.interrupted` is true then.

    Raises
    ------
    InputError
        When no image could be scored, or predictions should be averaged over flips: the mirror
        image of a left image is that of a right one, so that a stereo model would be spoilt.

    """
    if protocol.flip:
        raise InputError(f'protocol {protocol.label}: flips are averaged only of one-image models')
    return _scored(dataset, protocol, predict, Alone())


def shown_frames(score: DatasetScore) -> list[ShownFrame]:
    """Read the frames again that a report shows."""
    shown = []
    for caption, row in score.evaluated.typical_frames().items():
        sample, found = score.frame(row.key)
        title = f'{caption}, {row.name}'
        shown.append(ShownFrame(title, sample.left, found.depth_m, found.std_m, sample.depth_m))
    return shown


def _scored(
    dataset: StereoDataset,
    protocol: Protocol,
    predict: Predict,
    processes: Processes,
    make_ready: Callable[[StereoSample], None] = lambda sample: None,
) -> DatasetScore:
    evaluated = Evaluated(protocol, scores={TRUTH: Scores(protocol)})
    indices = range(processes.rank, len(dataset), processes.count)
    bar = {'desc': protocol.label, 'unit': 'image', 'disable': processes.rank > 0}
    with stop_on_interrupt(alone=processes.count == 1) as stop:
        for index in tqdm(indices, **bar):
            sample = dataset[index]
            make_ready(sample)
            _add(evaluated, index, sample, predict)
            if _stopped(stop, evaluated):
                break
        processes.join(evaluated)
    _count_time_from_start(evaluated)
    score = DatasetScore(evaluated, dataset, predict)
    if not score.scores.images:
        if evaluated.interrupted:
            raise KeyboardInterrupt
        raise InputError(f'none of {len(dataset)} images has truth that {protocol.name} counts')
    return score


def _add(evaluated: Evaluated, index: int, sample: StereoSample, predict: Predict) -> None:
    if sample.depth_m is None:
        evaluated.scores[TRUTH].add_without_truth()
        return
    start = time.perf_counter()
    prediction = predict(sample)
    latency_ms = 1000 * (time.perf_counter() - start)
    truths = {TRUTH: sample.depth_m}
    try:
        evaluated.add(index, sample.name, sample.stamp_ns / 1e9, prediction, truths, latency_ms)
    except InputError as error:
        raise InputError(f'{sample.name}: {error}') from error


def _stopped(stop: Stop, evaluated: Evaluated) -> bool:
    evaluated.interrupted = stop.asked
    return stop.asked


def _count_time_from_start(evaluated: Evaluated) -> None:
    rows = evaluated.timeline
    evaluated.timeline = [replace(row, time_s=row.time_s - rows[0].time_s) for row in rows]
