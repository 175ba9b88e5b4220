# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Scores of what a node published: matched by exact stamp, nothing invented, nothing lost."""

from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
import pytest

from adu_depth_core.bags import bag_writer, open_bag, write_bag
from adu_depth_core.bags.camera_topics import CameraTopics
from adu_depth_core.camera import Camera
from adu_depth_core.evaluation.bags.bag_evaluation import (
    BagScore,
    evaluate_bag,
    predictions_of,
)
from adu_depth_core.evaluation.bags.bag_frames import BagFrame, BagFrames
from adu_depth_core.evaluation.bags.bounds import Figures, figures_of_playback
from adu_depth_core.evaluation.bags.depth_bag import DepthTopics
from adu_depth_core.evaluation.bags.playback import (
    MAX_WAITING,
    Playback,
    PlayedBag,
    answers_of,
    complete_stamps,
    incomplete_stamps,
)
from adu_depth_core.evaluation.bags.truth_sensors import DepthTopic
from adu_depth_core.evaluation.protocols import find_protocol
from adu_depth_core.inference.prediction import Prediction, new_prediction
from adu_depth_core.messages.stamped import camera_info_message, image_message
from adu_depth_core.messages.types import CAMERA_INFO_TYPE, IMAGE_TYPE
from adu_depth_core.samples.sample import StereoSample

TOPICS = DepthTopics.in_namespace('/demo')
TRUTH = '/stereo/ground_truth/depth/image_rect'
IMAGE, INFO = '/stereo/left/image_rect', '/stereo/left/camera_info'
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


def scored(playback: Playback, recording: Path, truth: str | None = TRUTH) -> BagScore:
    sensors = [DepthTopic(truth)] if truth else []
    with open_bag(recording) as bag:
        frames = BagFrames(bag, IMAGE, INFO, sensors)
        return evaluate_bag(frames, lambda: answers_of(playback), find_protocol('dense'))


def figures(playback: Playback, recording: Path, truth: str | None = TRUTH) -> Figures:
    return figures_of_playback(scored(playback, recording, truth).evaluated, playback)


def test_stamp_is_incomplete_when_any_of_the_topics_lacks_it() -> None:
    times = {'depth': {1: 0, 2: 0, 3: 0}, 'info': {1: 0, 2: 0, 3: 0}, 'std': {1: 0, 3: 0, 4: 0}}
    assert incomplete_stamps(times) == [2, 4]
    assert incomplete_stamps({'depth': {}, 'std': {}}) == []


def test_latency_is_taken_of_the_same_stamp_only(tmp_path: Path) -> None:
    published = publish(tmp_path / 'bag', [1, 3, 9], delay_ns=50 * MS)
    playback = Playback.read(published, TOPICS, {1: 0, 2: 0, 3: 20 * MS})
    found = [playback.latency_ms(stamp) for stamp in (1, 2, 3, 9)]
    assert found == [pytest.approx(50), None, pytest.approx(30), None]
    assert playback.frames_out == 2


def test_messages_are_grouped_by_stamp_however_they_interleave(tmp_path: Path) -> None:
    publish(tmp_path / 'bag', [1, 2, 3, 4], without={TOPICS.std: [2], TOPICS.depth: [3]})
    with open_bag(tmp_path / 'bag') as bag:
        groups = list(complete_stamps(bag, [TOPICS.depth, TOPICS.std]))
    assert [stamp for stamp, _ in groups] == [1, 4]
    assert all(set(messages) == {TOPICS.depth, TOPICS.std} for _, messages in groups)


def test_only_so_many_incomplete_stamps_are_held(tmp_path: Path) -> None:
    late, count = 1000, MAX_WAITING + 5
    with bag_writer(tmp_path / 'bag') as bag:
        for topic, start_ns in ((TOPICS.depth, 0), (TOPICS.std, late)):
            for stamp in range(1, count + 1):
                header = {'stamp_ns': stamp, 'frame_id': 'camera'}
                data = image_message(metres(1, 1, 1, 1), encoding='32FC1', **header)
                bag.write(topic, IMAGE_TYPE, data, start_ns + stamp)
    with open_bag(tmp_path / 'bag') as bag:
        stamps = [stamp for stamp, _ in complete_stamps(bag, [TOPICS.depth, TOPICS.std])]
    assert stamps == list(range(count - MAX_WAITING + 1, count + 1))


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
    playback = Playback.read(published, TOPICS, {stamp: stamp + 10 * MS for stamp in stamps})
    score = scored(playback, recording)
    found = figures_of_playback(score.evaluated, playback)
    assert (found.frames_in, found.frames_out, found.dropped) == (4, 3, 1)
    assert found.incomplete == 0
    assert found.abs_rel == pytest.approx((0.25 + 0.0 + 1.0) / 3)
    assert found.density == 1.0
    assert (found.latency_p50_ms, found.latency_p95_ms) == (30.0, 30.0)
    assert [frame.caption.split()[0] for frame in score.shown] == ['worst', 'median', 'best']
    assert [float(frame.truth_m[0, 0]) for frame in score.shown] == [5.0, 8.0, 10.0]


def test_depth_without_std_is_counted_and_not_scored(tmp_path: Path) -> None:
    published = publish(tmp_path / 'published', [1, 2, 3], without={TOPICS.std: [3]})
    recording = record(tmp_path / 'recording', {1: metres(10, 10, 10, 10), 3: metres(1, 1, 1, 1)})
    found = figures(Playback.read(published, TOPICS, {1: 0, 2: 0, 3: 0}), recording)
    assert found.incomplete == 1
    assert found.abs_rel == 0.0


def test_unknown_figures_are_none(tmp_path: Path) -> None:
    recording = record(tmp_path / 'recording', {7: metres(1, 1, 1, 1)})
    empty = publish(tmp_path / 'empty', [])
    other = publish(tmp_path / 'other', [8])
    for published, truth in ((empty, TRUTH), (other, TRUTH), (other, None)):
        found = figures(Playback.read(published, TOPICS, {7: 0}), recording, truth)
        assert (found.abs_rel, found.coverage_error, found.density) == (None, None, None)
        assert (found.frames_out, found.latency_p95_ms) == (0, None)


def test_frame_in_which_nothing_is_predicted_lowers_the_density(tmp_path: Path) -> None:
    nothing = metres(np.nan, np.nan, np.nan, np.nan)
    published = publish(tmp_path / 'published', [1], depth_m=nothing)
    recording = record(tmp_path / 'recording', {1: metres(1, 1, 1, 1)})
    found = figures(Playback.read(published, TOPICS, {1: 0}), recording)
    assert (found.abs_rel, found.density) == (None, 0.0)


def test_frames_without_truth_are_shown_by_their_place_in_time(tmp_path: Path) -> None:
    published = publish(tmp_path / 'published', [1, 2, 3])
    recording = record(tmp_path / 'recording', dict.fromkeys([1, 2, 3]))
    playback = Playback.read(published, TOPICS, {1: 0, 2: 0, 3: 0})
    shown = scored(playback, recording, None).shown
    assert [frame.caption.split()[0] for frame in shown] == ['first', 'middle', 'last']
    assert all(frame.truth_m is None for frame in shown)


def test_first_frames_of_a_recording_end_with_the_last_of_them(tmp_path: Path) -> None:
    record(tmp_path / 'bag', dict.fromkeys(100 * MS * n for n in range(1, 11)))
    topics = CameraTopics(IMAGE, INFO, None)
    assert PlayedBag.first_frames(tmp_path / 'bag', topics, 4).duration_ns == 300 * MS
    assert PlayedBag.first_frames(tmp_path / 'bag', topics, 4).frames == 4
    for limit in (100, None):
        whole = PlayedBag.first_frames(tmp_path / 'bag', topics, limit)
        assert (whole.frames, whole.duration_ns) == (10, None)


def test_recording_knows_the_size_of_its_images(tmp_path: Path) -> None:
    with bag_writer(tmp_path / 'bag') as bag:
        header = {'stamp_ns': MS, 'frame_id': 'camera'}
        broken, image = b'no image', np.zeros((3, 5, 3), np.uint8)
        for data in (broken, image_message(image, encoding='rgb8', **header)):
            bag.write(IMAGE, IMAGE_TYPE, data, MS)
    topics = CameraTopics(IMAGE, INFO, None)
    assert PlayedBag.first_frames(tmp_path / 'bag', topics, None).image_size == (5, 3)
    assert PlayedBag.first_frames(tmp_path / 'bag', topics, 1).image_size == (5, 3)
    with bag_writer(tmp_path / 'broken') as bag:
        bag.write(IMAGE, IMAGE_TYPE, broken, MS)
    assert PlayedBag.first_frames(tmp_path / 'broken', topics, None).image_size is None


def test_model_is_made_ready_before_it_is_timed() -> None:
    class Model:
        def __init__(self) -> None:
            self.asked: list[tuple[str, int, int]] = []

        def warm_up(self, width: int, height: int) -> None:
            self.asked.append(('ready', width, height))

        def __call__(self, image: np.ndarray, camera: Camera) -> Prediction:
            self.asked.append(('timed', camera.width, camera.height))
            return new_prediction(camera)

    model, wide = Model(), Camera(4, 2, fx=1.0, fy=1.0, cx=1.5, cy=0.5)
    with predictions_of(model)() as answer:
        for stamp, camera in enumerate((CAMERA, wide)):
            image = np.zeros((camera.height, camera.width, 3), np.uint8)
            answer(BagFrame(stamp, stamp, 'camera', image, camera, {}))
    sizes = (2, 2), (4, 2)
    assert model.asked == [(what, *size) for size in sizes for what in ('ready', 'timed')]
