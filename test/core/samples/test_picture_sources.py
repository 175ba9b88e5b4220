# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Pictures of videos and cameras; a video stands in for a camera through the same code."""

import time

import cv2
import numpy as np
import pytest

from adu_depth_core.errors import InputError
from adu_depth_core.samples.picture_sources import camera_frames, frames


@pytest.fixture
def video(tmp_path):
    """Three pictures at 10 Hz, each redder than the one before."""
    path = tmp_path / 'drive.avi'
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*'MJPG'), 10, (64, 48))
    for red in (50, 100, 150):
        writer.write(np.full((48, 64, 3), (0, 0, red), np.uint8))
    writer.release()
    return path


def test_frames_of_a_video_know_their_second(video):
    found = list(frames(video))
    assert [frame.name for frame in found] == [f'drive_{n:06d}' for n in range(3)]
    assert [frame.video_s for frame in found] == pytest.approx([0.0, 0.1, 0.2])
    assert [frame.stamp_ns for frame in found] == [None] * 3


def test_camera_gives_rgb_with_the_time_of_day(video):
    before = time.time_ns()
    found = list(camera_frames(str(video)))
    stamps = [frame.stamp_ns for frame in found]
    times = [before, *stamps, time.time_ns()]
    assert times == sorted(times)
    reds = [frame.image[..., 0].mean() for frame in found]
    assert reds == pytest.approx([50, 100, 150], abs=4)
    assert found[0].image[..., 2].max() < 10
    assert [frame.name for frame in found] == [f'camera_{n:06d}' for n in range(3)]


def test_camera_that_is_not_there_is_named(tmp_path):
    with pytest.raises(InputError, match=r'^camera .*none: gives no picture; see whether it'):
        next(camera_frames(str(tmp_path / 'none')))


def test_number_is_a_device(monkeypatch):
    asked = []

    class Nothing:
        def __init__(self, device):
            asked.append(device)

        def set(self, *_):
            return False

        def read(self):
            return False, None

        def release(self):
            asked.append('released')

    monkeypatch.setattr(cv2, 'VideoCapture', Nothing)
    with pytest.raises(InputError, match=r'^camera 2: gives no picture'):
        next(camera_frames('2'))
    assert asked == [2, 'released']
