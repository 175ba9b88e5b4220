# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The figures of a whole playback, and the frames that show what they mean."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from adu_depth_core.data.bags import open_bag, to_rgb
from adu_depth_core.data.bags.camera_topics import CameraTopics
from adu_depth_core.data.bags.messages import read_image
from adu_depth_core.evaluation.bounds import Figures
from adu_depth_core.evaluation.metrics import mean_over_images
from adu_depth_core.evaluation.playback import (
    DepthTopics,
    FrameScore,
    Times,
    depth_of,
    frames_at,
    incomplete_stamps,
    latencies_ms,
    pooled_coverage_error,
    receipt_times,
    score_frames,
    spread_stamps,
    typical_stamps,
)
from adu_depth_core.evaluation.playback_pictures import pictures


@dataclass(frozen=True)
class PlaybackScore:
    """
    What a playback gave.

    Parameters
    ----------
    figures : Figures
        What is promised about.
    means : mapping
        Every depth error, averaged over images; empty without truth.
    shown : mapping
        Caption and stamp of the frames that a report shows.

    """

    figures: Figures
    means: Mapping[str, float]
    shown: Mapping[str, int]


def score_playback(
    published: Path,
    topics: DepthTopics,
    recording: Path,
    truth_topic: str | None,
    sent_ns: Times,
) -> PlaybackScore:
    """
    Score what a node published while a recording was played to it.

    Parameters
    ----------
    published : Path
        Bag of what the node published, its time that of receipt.
    topics : DepthTopics
        Names in that bag.
    recording : Path
        Bag that was played.
    truth_topic : str, optional
        True depth in it; without, accuracy is unknown.
    sent_ns : mapping
        {header stamp: wall time of publishing} of the images played, in nanoseconds.

    """
    with open_bag(published) as bag:
        times = receipt_times(bag, topics.all())
    received_ns = times[topics.depth]
    scores: Sequence[FrameScore] = ()
    if truth_topic is not None:
        frames = score_frames(published, recording, topics, truth_topic)
        scores = list(tqdm(frames, total=len(received_ns), desc='scoring', unit='frame'))
    means = mean_over_images([score.errors for score in scores if score.pixels])
    latency_ms = latencies_ms(sent_ns, received_ns)
    figures = Figures(
        frames_in=len(sent_ns),
        frames_out=len(latency_ms),
        incomplete=len(incomplete_stamps(times)),
        abs_rel=_known(means.get('abs_rel')),
        coverage_error=_known(pooled_coverage_error(scores)),
        density=_known(_mean_density(scores)),
        latency_p50_ms=_percentile(latency_ms, 50),
        latency_p95_ms=_percentile(latency_ms, 95),
    )
    return PlaybackScore(figures, means, _shown(scores, received_ns))


def pictures_of_frames(
    shown: Mapping[str, int],
    published: Path,
    topics: DepthTopics,
    recording: Path,
    recorded: CameraTopics,
) -> dict[str, dict[str, str]]:
    """Return {caption: {title: data URL}} for the frames of the given stamps."""
    names = [name for name in (recorded.image, recorded.truth) if name]
    frames = frames_at(set(shown.values()), published, recording, topics, names)
    found = {}
    for caption, stamp_ns in shown.items():
        if stamp_ns in frames:
            messages = frames[stamp_ns]
            image = read_image(messages[recorded.image])
            found[f'{caption}, at {stamp_ns / 1e9:.3f} s'] = pictures(
                to_rgb(image.pixels, image.encoding),
                depth_of(messages[topics.depth]),
                depth_of(messages[topics.std]),
                depth_of(messages[recorded.truth]) if recorded.truth else None,
            )
    return found


def _shown(scores: Sequence[FrameScore], received_ns: Times) -> dict[str, int]:
    by_error = {score.stamp_ns: score.errors['abs_rel'] for score in scores}
    typical = typical_stamps(scores)
    if not typical:
        return {f'{place} frame': stamp for place, stamp in spread_stamps(received_ns).items()}
    return {
        f'{place} frame by abs_rel: {by_error[stamp]:.3f}': stamp
        for place, stamp in typical.items()
    }


def _mean_density(scores: Sequence[FrameScore]) -> float:
    """Average the share of true pixels that are predicted; frames without any count as 0."""
    return float(np.mean([score.errors['density'] for score in scores])) if scores else math.nan


def _known(value: float | None) -> float | None:
    return None if value is None or math.isnan(value) else value


def _percentile(values: NDArray[np.float64], percent: float) -> float | None:
    return float(np.percentile(values, percent)) if len(values) else None
