# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Score predictions for the frames of a recording."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

from adu_depth_core.evaluation.bags.bag_frames import BagFrame, BagFrames
from adu_depth_core.evaluation.frame_loop import (
    Answers,
    Evaluated,
    evaluate_frames,
    frames_to_show,
    timed,
)
from adu_depth_core.evaluation.protocols import Protocol
from adu_depth_core.evaluation.report import ShownFrame
from adu_depth_core.evaluation.scores import Scores
from adu_depth_core.inference.predictor import Prediction, Predictor

OpenAnswers = Callable[[], AbstractContextManager[Answers[BagFrame]]]


@dataclass(frozen=True)
class BagScore:
    """
    What the frames of a recording gave.

    Attributes
    ----------
    evaluated : Evaluated
        Scores for each sensor of truth.
    unusable : Counter
        One sentence for each thing wrong, and how often it was.
    notices : list of str
        What is doubtful.
    shown : list of ShownFrame
        Frames to look at.

    """

    evaluated: Evaluated
    unusable: Counter[str]
    notices: list[str]
    shown: list[ShownFrame]


def evaluate_bag(
    frames: BagFrames,
    open_answers: OpenAnswers,
    protocol: Protocol,
    *,
    on_answer: Callable[[BagFrame, Prediction], None] | None = None,
) -> BagScore:
    """
    Score every frame of a recording for which there is an answer, and fetch some to look at.

    Parameters
    ----------
    frames : BagFrames
        Images and their truth.
    open_answers : callable
        Returns, as a context, the function from a frame to its prediction; the function may
        return None for a frame that was dropped, and is given frames in the order of time.
    protocol : Protocol
        Which pixels count.
    on_answer : callable, optional
        Is given every frame and its prediction.

    Ctrl-C ends it with what is finished: `interrupted` is true then.
    """
    scores = {sensor.name: Scores(protocol) for sensor in frames.sensors}
    evaluated = Evaluated(protocol, scores)
    with open_answers() as answer:
        evaluate_frames(frames, answer, evaluated, total=len(frames), on_answer=on_answer)
    unusable, notices = frames.unusable.copy(), list(frames.notices)
    with open_answers() as answer:
        shown = frames_to_show(evaluated, frames.at, answer, at='at ')
    return BagScore(evaluated, unusable, notices, shown)


def predictions_of(predictor: Predictor) -> OpenAnswers:
    """Answer with a model, every frame, and time it once it is warm."""
    answer: Answers[BagFrame] = timed(
        lambda frame: predictor(frame.given, frame.camera),
        lambda frame: predictor.warm_up(frame.camera.width, frame.camera.height),
    )

    @contextmanager
    def opened() -> Iterator[Answers[BagFrame]]:
        yield answer

    return opened
