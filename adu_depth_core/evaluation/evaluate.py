# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Score a predictor, or the mean of it and its mirror image, on a data set under a protocol."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from adu_depth_core.camera import Camera
from adu_depth_core.errors import InputError
from adu_depth_core.evaluation.frame_loop import (
    Alone,
    Answers,
    Evaluated,
    Processes,
    evaluate_frames,
    frames_to_show,
    timed,
)
from adu_depth_core.evaluation.protocols import Protocol
from adu_depth_core.evaluation.report import ShownFrame
from adu_depth_core.evaluation.scores import Scores
from adu_depth_core.inference.predictor import Prediction, Predictor
from adu_depth_core.samples.sample import Depth, Image, StereoDataset, StereoSample

TRUTH = 'truth of the data set'

Predict = Callable[[StereoSample], Prediction]


@dataclass(frozen=True)
class SampleFrame:
    """A sample of a data set as a `NamedFrame`; its key is its index."""

    key: int
    sample: StereoSample

    @property
    def name(self) -> str:
        """Name of the sample."""
        return self.sample.name

    @property
    def stamp_ns(self) -> int:
        """Time of exposure."""
        return self.sample.stamp_ns

    @property
    def image(self) -> Image:
        """The left image."""
        return self.sample.left

    @property
    def truths(self) -> dict[str, Depth]:
        """The truth of the data set."""
        return {} if self.sample.depth_m is None else {TRUTH: self.sample.depth_m}


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

    return _scored(dataset, protocol, predict, processes, make_ready)


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
    return _scored(dataset, protocol, predict)


def shown_frames(score: DatasetScore) -> list[ShownFrame]:
    """Read the frames again that a report shows."""
    answer: Answers[SampleFrame] = timed(lambda frame: score.predict(frame.sample))
    return frames_to_show(
        score.evaluated, lambda index: SampleFrame(index, score.dataset[index]), answer
    )


def _scored(
    dataset: StereoDataset,
    protocol: Protocol,
    predict: Predict,
    processes: Processes | None = None,
    make_ready: Callable[[StereoSample], None] = lambda sample: None,
) -> DatasetScore:
    evaluated = Evaluated(protocol, scores={TRUTH: Scores(protocol)})
    processes = processes or Alone()
    indices = range(processes.rank, len(dataset), processes.count)
    answer: Answers[SampleFrame] = timed(
        lambda frame: predict(frame.sample), lambda frame: make_ready(frame.sample)
    )
    evaluate_frames(
        (SampleFrame(index, dataset[index]) for index in indices),
        answer,
        evaluated,
        total=len(indices),
        truth_needed=True,
        processes=processes,
    )
    score = DatasetScore(evaluated, dataset, predict)
    if not score.scores.images:
        if evaluated.interrupted:
            raise KeyboardInterrupt
        raise InputError(f'none of {len(dataset)} images has truth that {protocol.name} counts')
    return score


def flip_averaged(predictor: Predictor, image: Image, camera: Camera) -> Prediction:
    """
    Return the means of depth and of std; unknown where either prediction is.

    Only for models that see one image: the mirror image of a left image is that of a right one.
    """
    plain = predictor(image, camera)
    mirrored = predictor(np.ascontiguousarray(image[:, ::-1]), camera.flipped())
    half = np.float32(0.5)
    return Prediction(
        half * (plain.depth_m + mirrored.depth_m[:, ::-1]),
        half * (plain.std_m + mirrored.std_m[:, ::-1]),
    )
