# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What a node published while a recording was played to it, against that recording."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from adu_depth_core.data.bags import header_stamp_ns, open_bag, to_depth_m
from adu_depth_core.data.bags.matching import Messages, complete_stamps, joined
from adu_depth_core.data.bags.messages import read_image
from adu_depth_core.data.bags.reader import Bag
from adu_depth_core.data.sample import Depth
from adu_depth_core.errors import InputError
from adu_depth_core.evaluation.metrics import depth_errors
from adu_depth_core.evaluation.uncertainty import LEVELS, coverage, normalised_errors

Times = Mapping[int, int]


@dataclass(frozen=True)
class DepthTopics:
    """The topics that a depth node publishes."""

    depth: str
    depth_info: str
    std: str
    std_info: str

    @classmethod
    def in_namespace(cls, namespace: str) -> 'DepthTopics':
        """Return the names of a node in `namespace` ('' or '/name')."""
        names = ('depth/image_rect', 'depth/camera_info')
        std_names = ('depth_std/image_rect', 'depth_std/camera_info')
        return cls(*(f'{namespace}/{name}' for name in (*names, *std_names)))

    def all(self) -> tuple[str, str, str, str]:
        """Return the four names."""
        return self.depth, self.depth_info, self.std, self.std_info


@dataclass(frozen=True)
class FrameScore:
    """
    How one published depth image compares with the truth.

    `errors` are those of `depth_errors`; `coverage` is (10,), the share of the `pixels`
    compared that lie inside the interval of each level.
    """

    stamp_ns: int
    errors: Mapping[str, float]
    coverage: NDArray[np.float64]
    pixels: int


def receipt_times(bag: Bag, names: Collection[str]) -> dict[str, dict[int, int]]:
    """Return {topic: {header stamp: time of recording}}, both in nanoseconds."""
    times: dict[str, dict[int, int]] = {name: {} for name in names}
    for message in bag.messages(names):
        times[message.topic].setdefault(header_stamp_ns(message.data), message.time_ns)
    return times


def incomplete_stamps(times: Mapping[str, Times]) -> list[int]:
    """Return the stamps that some of the topics have and others have not, in order."""
    topics = times.values()
    seen = {stamp for of_topic in topics for stamp in of_topic}
    return sorted(stamp for stamp in seen if not all(stamp in of_topic for of_topic in topics))


def latencies_ms(published_ns: Times, received_ns: Times) -> NDArray[np.float64]:
    """Return the milliseconds from publishing to receipt of every stamp that was received."""
    stamps = sorted(set(published_ns) & set(received_ns))
    times = [(received_ns[stamp] - published_ns[stamp]) / 1e6 for stamp in stamps]
    return np.array(times, np.float64)


def score_frame(
    stamp_ns: int, depth_m: Depth, std_m: Depth, truth_m: Depth, *, max_depth: float = 80.0
) -> FrameScore:
    """
    Compare depth and std with the truth, all (H, W) float32 in metres, NaN = unknown.

    Raises InputError when their sizes differ.
    """
    if not depth_m.shape == std_m.shape == truth_m.shape:
        raise InputError(
            f'sizes differ: depth {depth_m.shape}, std {std_m.shape}, truth {truth_m.shape}; '
            'the truth must be an image of the same camera'
        )
    errors = normalised_errors(depth_m, std_m, truth_m, max_depth=max_depth)
    return FrameScore(
        stamp_ns,
        depth_errors(depth_m, truth_m, max_depth=max_depth),
        coverage(errors),
        len(errors),
    )


def pooled_coverage_error(scores: Sequence[FrameScore]) -> float:
    """Return the mean of |coverage - level| over the levels, all pixels pooled; NaN without."""
    pixels = [score.pixels for score in scores]
    if not sum(pixels):
        return float('nan')
    pooled = np.average([score.coverage for score in scores], axis=0, weights=pixels)
    return float(np.mean(np.abs(pooled - np.array(LEVELS))))


def score_frames(
    published: Path, recording: Path, topics: DepthTopics, truth_topic: str
) -> Iterator[FrameScore]:
    """Yield the score of every stamp that has depth, std and truth, in order."""
    with _matched(published, topics, recording, [truth_topic]) as frames:
        for stamp_ns, messages in frames:
            yield score_frame(
                stamp_ns,
                depth_of(messages[topics.depth]),
                depth_of(messages[topics.std]),
                depth_of(messages[truth_topic]),
            )


def frames_at(
    stamps: Collection[int],
    published: Path,
    recording: Path,
    topics: DepthTopics,
    recorded: Collection[str],
) -> dict[int, Messages]:
    """Return the messages of depth, std and the `recorded` topics at some stamps."""
    with _matched(published, topics, recording, recorded) as frames:
        return {stamp: messages for stamp, messages in frames if stamp in stamps}


def typical_stamps(scores: Sequence[FrameScore]) -> dict[str, int]:
    """Return the stamps of the best, the median and the worst frame by abs_rel."""
    compared = [score for score in scores if np.isfinite(score.errors['abs_rel'])]
    ranked = sorted(compared, key=lambda score: score.errors['abs_rel'])
    if not ranked:
        return {}
    places = {'best': 0, 'median': len(ranked) // 2, 'worst': len(ranked) - 1}
    return {name: ranked[place].stamp_ns for name, place in places.items()}


def spread_stamps(stamps: Iterable[int]) -> dict[str, int]:
    """Return the first, the middle and the last stamp: what to show where there is no truth."""
    ordered = sorted(stamps)
    if not ordered:
        return {}
    return {'first': ordered[0], 'middle': ordered[len(ordered) // 2], 'last': ordered[-1]}


def depth_of(data: bytes) -> Depth:
    """Return metric depth, (H, W) float32, of a serialised Image."""
    image = read_image(data)
    return to_depth_m(image.pixels, image.encoding)


@contextmanager
def _matched(
    published: Path, topics: DepthTopics, recording: Path, recorded: Collection[str]
) -> Iterator[Iterator[tuple[int, Messages]]]:
    with open_bag(published) as answers, open_bag(recording) as questions:
        yield joined(
            complete_stamps(answers, [topics.depth, topics.std]),
            complete_stamps(questions, recorded),
        )
