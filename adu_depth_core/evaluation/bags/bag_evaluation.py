# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Score predictions for the frames of a recording."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import NamedTuple

from tqdm import tqdm

from adu_depth_core.evaluation.bags.bag_frames import BagFrame, BagFrames
from adu_depth_core.evaluation.evaluated import Evaluated
from adu_depth_core.evaluation.protocols import Protocol
from adu_depth_core.evaluation.report import ShownFrame
from adu_depth_core.evaluation.scores import Scores
from adu_depth_core.evaluation.stopping import stop_on_interrupt
from adu_depth_core.inference.predictor import Prediction, Predictor


class Answer(NamedTuple):
    """A prediction and the milliseconds that it took."""

    prediction: Prediction
    latency_ms: float | None


Answers = Callable[[BagFrame], Answer | None]
OpenAnswers = Callable[[], AbstractContextManager[Answers]]


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
    with open_answers() as answer:
        evaluated = _evaluated(frames, answer, protocol, on_answer)
    unusable, notices = frames.unusable.copy(), list(frames.notices)
    with open_answers() as answer:
        return BagScore(evaluated, unusable, notices, _shown(evaluated, frames, answer))


def predictions_of(predictor: Predictor) -> OpenAnswers:
    """Answer with a model, every frame, and time it once it is warm."""

    def answer(frame: BagFrame) -> Answer:
        predictor.warm_up(frame.camera.width, frame.camera.height)
        start = time.perf_counter()
        prediction = predictor(frame.image, frame.camera)
        return Answer(prediction, 1000 * (time.perf_counter() - start))

    @contextmanager
    def opened() -> Iterator[Answers]:
        yield answer

    return opened


def _evaluated(
    frames: BagFrames,
    answer: Answers,
    protocol: Protocol,
    on_answer: Callable[[BagFrame, Prediction], None] | None,
) -> Evaluated:
    scores = {sensor.name: Scores(protocol) for sensor in frames.sensors}
    evaluated, first_ns = Evaluated(protocol, scores), None
    bar = tqdm(frames, total=len(frames), desc=protocol.name, unit='frame')
    with stop_on_interrupt() as stop:
        for frame in bar:
            first_ns = frame.stamp_ns if first_ns is None else first_ns
            found = answer(frame)
            if found is not None:
                name, time_s = f'{frame.stamp_ns / 1e9:.3f} s', (frame.stamp_ns - first_ns) / 1e9
                evaluated.add(
                    frame.time_ns, name, time_s, found.prediction, frame.truths, found.latency_ms
                )
                if on_answer is not None:
                    on_answer(frame, found.prediction)
            if stop.asked:
                evaluated.interrupted = True
                break
    return evaluated


def _shown(evaluated: Evaluated, frames: BagFrames, answer: Answers) -> list[ShownFrame]:
    """Read the frames again that a report shows."""
    typical, shown = evaluated.typical_frames(), {}
    # Answers that were recorded can only be read in the order of time.
    for caption, row in sorted(typical.items(), key=lambda item: item[1].key):
        frame = frames.at(row.key)
        found = answer(frame) if frame else None
        if frame and found:
            truth_m = next(iter(frame.truths.values()), None)
            shown[caption] = ShownFrame(
                f'{caption}, at {row.name}',
                frame.image,
                found.prediction.depth_m,
                found.prediction.std_m,
                truth_m,
            )
    return [shown[caption] for caption in typical if caption in shown]
