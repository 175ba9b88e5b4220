# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Scores of what a node published: matched by exact stamp, nothing invented, nothing lost."""

from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
import pytest

from adu_depth_core.camera import Camera
from adu_depth_core.data.bags import bag_writer, open_bag, write_bag
from adu_depth_core.data.bags.camera_topics import CameraTopics
from adu_depth_core.data.bags.matching import complete_stamps, joined
from adu_depth_core.data.bags.messages import camera_info_message, image_message
from adu_depth_core.data.bags.topics import CAMERA_INFO_TYPE, IMAGE_TYPE
from adu_depth_core.data.sample import StereoSample
from adu_depth_core.errors import InputError
from adu_depth_core.evaluation.playback import (
    DepthTopics,
    FrameScore,
    incomplete_stamps,
    latencies_ms,
    pooled_coverage_error,
    score_frame,
    spread_stamps,
    typical_stamps,
)
from adu_depth_core.evaluation.playback_score import pictures_of_frames, score_playback
from adu_depth_core.evaluation.uncertainty import LEVELS

TOPICS = DepthTopics.in_namespace('/demo')
TRUTH = '/stereo/ground_truth/depth/image_rect'
CAMERA = Camera(2, 2, fx=1.0, fy=1.0, cx=0.5, cy=0.5)
MS = 1_000_000


def metres(*values: float) -> np.ndarray:
    return np.array(values, np.float32).reshape(2, 2)


def publish(
    path: Path,
    stamps: Iterable[int],
    *,
    depth_m: np.ndarray | None = None,
    without: Mapping[str, Iterable[int]] = {},
    delay_ns: int = 40 * MS,
) -> Path:
    """Write what a node would have published: one depth everywhere, std a tenth of it."""
    depth_m = metres(10, 10, 10, 10) if depth_m is None else depth_m
    with bag_writer(path) as bag:
        for stamp in stamps:
            for topic in TOPICS.all():
                if stamp in set(without.get(topic, ())):
                    continue
                header = {'stamp_ns': stamp, 'frame_id': 'camera'}
                if topic in (TOPICS.depth, TOPICS.std):
                    pixels = depth_m if topic == TOPICS.depth else depth_m / 10
                    data = image_message(pixels, encoding='32FC1', **header)
                    bag.write(topic, IMAGE_TYPE, data, stamp + delay_ns)
                else:
                    data = camera_info_message(CAMERA, **header)
                    bag.write(topic, CAMERA_INFO_TYPE, data, stamp + delay_ns)
    return path


def record(path: Path, truths: Mapping[int, np.ndarray | None]) -> Path:
    """Write the recording that was played: {stamp: truth}."""
    left = np.zeros((2, 2, 3), np.uint8)
    write_bag(
        path,
        [StereoSample('a', stamp, left, CAMERA, depth_m=m) for stamp, m in truths.items()],
    )
    return path


def test_stamp_is_incomplete_when_any_of_the_topics_lacks_it() -> None:
    times = {'depth': {1: 0, 2: 0, 3: 0}, 'info': {1: 0, 2: 0, 3: 0}, 'std': {1: 0, 3: 0, 4: 0}}
    assert incomplete_stamps(times) == [2, 4]
    assert incomplete_stamps({'depth': {}, 'std': {}}) == []


def test_latency_is_taken_of_the_same_stamp_only() -> None:
    sent = {1: 100 * MS, 2: 200 * MS, 3: 300 * MS}
    received = {3: 350 * MS, 1: 120 * MS, 9: 900 * MS}
    assert latencies_ms(sent, received).tolist() == [20.0, 50.0]


def test_messages_are_grouped_by_stamp_however_they_interleave(tmp_path: Path) -> None:
    publish(tmp_path / 'bag', [1, 2, 3, 4], without={TOPICS.std: [2], TOPICS.depth: [3]})
    with open_bag(tmp_path / 'bag') as bag:
        groups = list(complete_stamps(bag, [TOPICS.depth, TOPICS.std]))
    assert [stamp for stamp, _ in groups] == [1, 4]
    assert all(set(messages) == {TOPICS.depth, TOPICS.std} for _, messages in groups)


def test_streams_are_joined_where_their_stamps_are_equal() -> None:
    first = [(1, {'a': b'1'}), (3, {'a': b'3'}), (4, {'a': b'4'}), (9, {'a': b'9'})]
    second = [(2, {'b': b'2'}), (3, {'b': b'3'}), (9, {'b': b'9'}), (10, {'b': b'10'})]
    assert list(joined(iter(first), iter(second))) == [
        (3, {'a': b'3', 'b': b'3'}),
        (9, {'a': b'9', 'b': b'9'}),
    ]


def test_frame_is_scored_where_truth_and_prediction_are_known() -> None:
    depth_m = metres(11, 20, np.nan, 10)
    truth_m = metres(10, 25, 10, np.inf)
    score = score_frame(5, depth_m, depth_m / 10, truth_m)
    assert score.stamp_ns == 5
    assert score.pixels == 2
    assert score.errors['abs_rel'] == pytest.approx((0.1 + 0.2) / 2, rel=1e-6)
    assert score.errors['density'] == pytest.approx(2 / 3)


def test_sizes_that_differ_are_refused() -> None:
    with pytest.raises(InputError, match='sizes differ'):
        score_frame(5, metres(1, 1, 1, 1), metres(1, 1, 1, 1), np.ones((3, 3), np.float32))


def score(stamp: int, abs_rel: float, coverage: float = 0.0, pixels: int = 1) -> FrameScore:
    return FrameScore(stamp, {'abs_rel': abs_rel}, np.full(len(LEVELS), coverage), pixels)


def test_coverage_is_pooled_over_pixels_not_over_frames() -> None:
    scores = [score(1, 0.1, coverage=1.0, pixels=300), score(2, 0.1, coverage=0.0, pixels=100)]
    expected = np.mean(np.abs(0.75 - np.array(LEVELS)))
    assert pooled_coverage_error(scores) == pytest.approx(expected)
    assert np.isnan(pooled_coverage_error([]))
    assert np.isnan(pooled_coverage_error([score(1, np.nan, pixels=0)]))


def test_best_median_and_worst_frames_are_found() -> None:
    scores = [score(1, 0.3), score(2, 0.1), score(3, np.nan), score(4, 0.2), score(5, 0.5)]
    assert typical_stamps(scores) == {'best': 2, 'median': 1, 'worst': 5}
    assert typical_stamps([score(3, np.nan)]) == {}
    assert spread_stamps([9, 1, 5]) == {'first': 1, 'middle': 5, 'last': 9}


def test_playback_is_scored_as_a_whole(tmp_path: Path) -> None:
    stamps = [100 * MS * number for number in range(1, 5)]
    published = publish(tmp_path / 'published', stamps[:3])
    truths = (
        metres(8, 8, 8, 8),
        metres(10, 10, 10, np.nan),
        metres(5, 5, 5, 5),
        metres(1, 1, 1, 1),
    )
    recording = record(tmp_path / 'recording', dict(zip(stamps, truths, strict=True)))
    sent = {stamp: stamp + 10 * MS for stamp in stamps}
    result = score_playback(published, TOPICS, recording, TRUTH, sent)
    figures = result.figures
    assert (figures.frames_in, figures.frames_out, figures.dropped) == (4, 3, 1)
    assert figures.incomplete == 0
    assert figures.abs_rel == pytest.approx((0.25 + 0.0 + 1.0) / 3)
    assert figures.density == 1.0
    assert (figures.latency_p50_ms, figures.latency_p95_ms) == (30.0, 30.0)
    assert list(result.shown.values()) == [stamps[1], stamps[0], stamps[2]]
    assert [caption.split()[0] for caption in result.shown] == ['best', 'median', 'worst']


def test_depth_without_std_is_counted_and_not_scored(tmp_path: Path) -> None:
    published = publish(tmp_path / 'published', [1, 2, 3], without={TOPICS.std: [3]})
    recording = record(tmp_path / 'recording', {1: metres(10, 10, 10, 10), 3: metres(1, 1, 1, 1)})
    figures = score_playback(published, TOPICS, recording, TRUTH, {1: 0, 2: 0, 3: 0}).figures
    assert figures.incomplete == 1
    assert figures.abs_rel == 0.0


def test_unknown_figures_are_none(tmp_path: Path) -> None:
    recording = record(tmp_path / 'recording', {7: metres(1, 1, 1, 1)})
    empty = publish(tmp_path / 'empty', [])
    other = publish(tmp_path / 'other', [8])
    for published, truth in ((empty, TRUTH), (other, TRUTH), (other, None)):
        result = score_playback(published, TOPICS, recording, truth, {7: 0})
        figures = result.figures
        assert (figures.abs_rel, figures.coverage_error, figures.density) == (None, None, None)
        assert (figures.frames_out, figures.latency_p95_ms) == (0, None)
        assert not result.means


def test_frame_in_which_nothing_is_predicted_lowers_the_density(tmp_path: Path) -> None:
    nothing = metres(np.nan, np.nan, np.nan, np.nan)
    published = publish(tmp_path / 'published', [1], depth_m=nothing)
    recording = record(tmp_path / 'recording', {1: metres(1, 1, 1, 1)})
    figures = score_playback(published, TOPICS, recording, TRUTH, {1: 0}).figures
    assert (figures.abs_rel, figures.density) == (None, 0.0)


def test_frames_are_shown_with_error_where_there_is_truth(tmp_path: Path) -> None:
    published = publish(tmp_path / 'published', [1, 2])
    recording = record(tmp_path / 'recording', {1: metres(1, 1, 1, 1), 2: metres(1, 1, 1, 1)})
    image, info = '/stereo/left/image_rect', '/stereo/left/camera_info'
    with_truth = CameraTopics(image, info, TRUTH)
    shown = pictures_of_frames({'best': 2}, published, TOPICS, recording, with_truth)
    (pictures,) = shown.values()
    assert list(pictures) == ['image', 'depth', 'error', 'std']
    without = CameraTopics(image, info, None)
    shown = pictures_of_frames({'best': 2}, published, TOPICS, recording, without)
    assert [list(pictures) for pictures in shown.values()] == [['image', 'depth', 'std']]
