# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Recording without a node: on, off, choosing, and what puts an end to it."""

import errno
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from adu_depth_core.camera import Camera, StereoRig
from adu_depth_core.errors import InputError
from adu_depth_core.recording import Recording, RecordingWriter
from adu_depth_core.samples.sample import StereoSample
from adu_depth_ros.stereo.sample_recording import RecordingOptions, SampleRecording
from full_disk import little_space

CAMERA = Camera(32, 16, 30.0, 30.0, 15.5, 7.5)
DEPTH = np.full((16, 32), 5.0, np.float32)


def sample(number: int) -> StereoSample:
    rng = np.random.default_rng(number)
    left, right = rng.integers(0, 255, (2, 16, 32, 3), np.uint8)
    scale = np.full_like(DEPTH, 0.25)
    rig = StereoRig(CAMERA, CAMERA, 0.5)
    return StereoSample('', number, left, CAMERA, right, rig, None, None, DEPTH, scale)


def offer(recording: SampleRecording, numbers: Iterator[int] | range) -> list[int]:
    """Offer samples as the node does; return the numbers of those that were wanted."""
    wanted = []
    for number in numbers:
        seen = sample(number)
        if recording.wants(number, lambda seen=seen: seen.left):  # type: ignore[misc]
            recording.add(number, seen)
            wanted.append(number)
    return wanted


def test_samples_between_start_and_stop_are_recorded(tmp_path: Path) -> None:
    recording = SampleRecording(pytest.fail)
    assert offer(recording, range(2)) == []
    assert recording.state == 'off'
    recording.start(RecordingOptions(tmp_path / 'r'))
    assert offer(recording, range(2, 5)) == [2, 3, 4]
    assert recording.state == f'on, 3 samples in {tmp_path}/r'
    assert recording.stop() == f'recorded 3 samples in {tmp_path}/r'
    assert offer(recording, range(5, 7)) == []
    found = Recording(tmp_path / 'r')
    assert [found[index].stamp_ns for index in range(len(found))] == [2, 3, 4]
    np.testing.assert_array_equal(found[1].left, sample(3).left)
    np.testing.assert_array_equal(found[1].teacher_depth_m, DEPTH)


def test_second_run_appends_under_a_name_of_its_own(tmp_path: Path) -> None:
    recording = SampleRecording(pytest.fail)
    for _ in range(2):
        recording.start(RecordingOptions(tmp_path))
        offer(recording, range(2))
        recording.stop()
    names = Recording(tmp_path).names
    assert [name.partition('/')[2] for name in names] == ['0000000', '0000001'] * 2
    assert len({name.partition('/')[0] for name in names}) == 2


def test_frames_are_chosen_by_number_and_looks(tmp_path: Path) -> None:
    recording = SampleRecording(pytest.fail)
    recording.start(RecordingOptions(tmp_path, every=3))
    assert offer(recording, range(10, 20)) == [10, 13, 16, 19]
    recording.stop()
    recording.start(RecordingOptions(tmp_path, min_change=1.0))
    assert offer(recording, iter([1, 1, 1, 2, 2])) == [1, 2]


def test_frame_that_is_not_due_is_not_even_decoded(tmp_path: Path) -> None:
    recording = SampleRecording(pytest.fail)
    recording.start(RecordingOptions(tmp_path, every=3))
    offer(recording, range(1))
    assert not recording.wants(2, lambda: pytest.fail('decoded'))


def test_images_are_jpeg_where_asked_for(tmp_path: Path) -> None:
    recording = SampleRecording(pytest.fail)
    recording.start(RecordingOptions(tmp_path, jpeg_quality=90))
    offer(recording, range(1))
    assert [path.suffix for path in (tmp_path / 'right').iterdir()] == ['.jpg']


def test_starting_and_stopping_twice_is_refused(tmp_path: Path) -> None:
    recording = SampleRecording(pytest.fail)
    with pytest.raises(InputError, match='nothing is being recorded'):
        recording.stop()
    recording.start(RecordingOptions(tmp_path))
    with pytest.raises(InputError, match='is recording already: 0 samples in'):
        recording.start(RecordingOptions(tmp_path))
    recording.stop()


def test_folder_that_another_writes_or_that_is_none_is_refused(tmp_path: Path) -> None:
    recording = SampleRecording(pytest.fail)
    with RecordingWriter(tmp_path / 'r'), pytest.raises(InputError, match='another process'):
        recording.start(RecordingOptions(tmp_path / 'r'))
    (tmp_path / 'file').touch()
    with pytest.raises(InputError, match='cannot be written'):
        recording.start(RecordingOptions(tmp_path / 'file' / 'r'))
    assert recording.state == 'off'


def test_disk_without_room_is_refused_at_the_start_and_let_go(tmp_path: Path) -> None:
    recording = SampleRecording(pytest.fail, lambda folder: 1.5e9)
    with pytest.raises(InputError, match=r'has 1\.5 GB left, less than the 2 GB to be kept free'):
        recording.start(RecordingOptions(tmp_path, min_free_bytes=2e9))
    recording.start(RecordingOptions(tmp_path, min_free_bytes=1e9))


def test_disk_that_fills_up_stops_the_recording_before_it_is_full(tmp_path: Path) -> None:
    said: list[str] = []
    room = iter([5e9, 5e9, 3e9, 1e9])
    recording = SampleRecording(said.append, lambda folder: next(room))
    recording.start(RecordingOptions(tmp_path, min_free_bytes=2e9))
    assert offer(recording, range(6)) == [0, 1, 2]  # the third is wanted, and refused
    assert len(said) == 1
    assert 'the recording stops: ' in said[0]
    assert 'after 2 samples in' in said[0]
    assert recording.state.startswith('stopped: ')
    assert not recording.is_on
    assert len(Recording(tmp_path)) == 2


def test_full_disk_leaves_whole_samples_and_a_new_start_goes_on(tmp_path: Path) -> None:
    said: list[str] = []
    recording = SampleRecording(said.append)
    recording.start(RecordingOptions(tmp_path))
    offer(recording, range(2))
    with little_space(100):
        offer(recording, range(2, 4))
    assert len(said) == 1
    assert 'cannot be written (File too large), after 2 samples' in said[0]
    assert recording.failure is not None
    recording.start(RecordingOptions(tmp_path))
    assert recording.failure is None
    offer(recording, range(4, 5))
    recording.stop()
    found = Recording(tmp_path)
    assert [found[index].stamp_ns for index in range(3)] == [0, 1, 4]


def test_whatever_fails_ends_the_recording_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    recording = SampleRecording(said.append)
    recording.start(RecordingOptions(tmp_path))

    def fail(*_: object) -> None:
        raise OSError(errno.EIO, 'Input/output error')

    monkeypatch.setattr(RecordingWriter, 'add', fail)
    offer(recording, range(1))
    assert 'Input/output error' in said[0]
    assert recording.state.startswith('stopped: OSError(')


def test_sample_that_comes_after_the_end_is_left(tmp_path: Path) -> None:
    recording = SampleRecording(pytest.fail)
    recording.start(RecordingOptions(tmp_path))
    assert recording.wants(0, lambda: sample(0).left)
    recording.stop()
    recording.add(0, replace(sample(0)))
    assert recording.state == 'off'
