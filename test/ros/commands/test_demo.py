# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The demo: three processes over real DDS, figures that follow from what was published."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from adu_depth_core.bags import open_bag, write_bag
from adu_depth_core.bags.camera_topics import CameraTopics
from adu_depth_core.camera import Camera
from adu_depth_core.commands import BAD_INPUT, run
from adu_depth_core.errors import InputError
from adu_depth_core.evaluation.bags.playback import PlayedBag, receipt_times
from adu_depth_core.samples.sample import StereoSample
from adu_depth_ros.commands import demo
from adu_depth_ros.playback.live_playback import play_through_node
from full_disk import little_space

IMAGE, INFO = '/stereo/left/image_rect', '/stereo/left/camera_info'
FRAME_NS = 100_000_000
FRAMES = 10
MARK = 'ADU_DEPTH_TEST_OF_PROCESSES'
NAMES = ('image_rect', 'camera_info')

# Latency is measured: one at a time.
pytestmark = [pytest.mark.real_time, pytest.mark.timeout(300)]


@pytest.fixture
def bag(tmp_path: Path) -> Path:
    camera = Camera(416, 128, fx=240.0, fy=240.0, cx=207.5, cy=63.5)
    images = np.random.default_rng(0).integers(0, 256, (FRAMES, 128, 416, 3), np.uint8)
    samples = (
        StereoSample(f'drive/{index}', (index + 1) * FRAME_NS, image, camera)
        for index, image in enumerate(images)
    )
    write_bag(tmp_path / 'drive', samples)
    return tmp_path / 'drive'


def test_bag_of_a_user_goes_through_the_node(bag: Path, tmp_path: Path) -> None:
    output = tmp_path / 'out'
    words = ['--bag', str(bag), '--output', str(output), '--frames', '8']
    code = demo.main(words)
    result = json.loads((output / 'result.json').read_text())
    assert result['frames_in'] == 8
    assert result['frames_out'] >= 7
    assert result['dropped'] == 8 - result['frames_out']
    assert result['incomplete'] == 0
    assert 'ready for images of 416x128' in (output / 'logs' / 'depth_node.log').read_text()
    assert (result['abs_rel'], result['coverage_error']) == (None, None)
    assert 0 < result['latency_ms']['p50'] <= result['latency_ms']['p95']
    assert result['model']['runtime'] in ('openvino', 'onnxruntime')
    assert result['model']['device'] == 'cpu'
    assert code == (1 if result['missed'] else 0)
    assert set(result['missed']) <= {'frames out', 'latency p95'}  # seven of eight is below 95 %
    report = (output / 'report.html').read_text()
    # Three pictures of three frames, and the course over time.
    assert report.count('<figure>') == 3 * 3 + 1
    assert_answers_carry_stamps_of_the_recording(output / 'published', bag)


def assert_answers_carry_stamps_of_the_recording(published: Path, recording: Path) -> None:
    topics = [f'/demo/{kind}/{name}' for kind in ('depth', 'depth_std') for name in NAMES]
    with open_bag(published) as answers, open_bag(recording) as questions:
        times = receipt_times(answers, topics)
        asked = {image.stamp_ns for image in questions.images(IMAGE)}
        depth = next(answers.images('/demo/depth/image_rect'))
        camera = next(answers.cameras('/demo/depth_std/camera_info'))
        assert camera.camera == next(questions.cameras(INFO)).camera
    assert set(times[topics[0]]) <= asked
    assert all(set(times[topic]) == set(times[topics[0]]) for topic in topics)
    assert depth.frame_id == 'camera_left_optical_frame'
    assert depth.pixels.shape == (128, 416)


def test_missing_model_is_told_before_anything_is_done(tmp_path: Path) -> None:
    output = tmp_path / 'out'
    with pytest.raises(InputError, match='no_such_model'):
        demo.main(['--model', 'no_such_model', '--output', str(output)])
    assert not output.exists()


def test_full_disk_is_one_sentence_and_leaves_nothing_cut(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / 'out'
    with little_space(1000):
        assert run(demo.main, ['--frames', '2', '--output', str(output)]) == BAD_INPUT
    said = capsys.readouterr().err
    assert 'Traceback' not in said
    assert f'{output}/synthetic_seed7_frames2: cannot be written' in said
    assert [path for path in output.rglob('*') if path.is_file()] == []


def test_node_that_cannot_load_its_model_is_quoted(
    bag: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(MARK, str(tmp_path))
    spoilt = tmp_path / 'spoilt.onnx'
    spoilt.write_bytes(b'no model')
    recording = PlayedBag.first_frames(bag, CameraTopics(IMAGE, INFO, None), FRAMES)
    with pytest.raises(InputError, match=r'depth node did not configure.*\n(.*\n)*.*spoilt'):
        play_through_node(recording, tmp_path / 'out', {'model': str(spoilt)})
    assert marked_processes(tmp_path) == []


def test_interrupted_demo_leaves_no_process_behind(bag: Path, tmp_path: Path) -> None:
    words = ['--bag', str(bag), '--output', str(tmp_path / 'out')]
    command = [sys.executable, '-m', 'adu_depth_core', 'demo', *words]
    environment = {**os.environ, MARK: str(tmp_path)}
    with subprocess.Popen(command, env=environment) as process:
        started, deadline = [], time.monotonic() + 60
        while len(started) < 4 and time.monotonic() < deadline:
            time.sleep(0.02)
            started = marked_processes(tmp_path)  # one that is just being started comes and goes
        assert len(started) == 4
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 130
    assert marked_processes(tmp_path) == []


def marked_processes(folder: Path) -> list[int]:
    """Return the processes that were started with the mark of a test, ourselves left out."""
    mark = f'{MARK}={folder}\0'.encode()
    found = []
    for entry in Path('/proc').glob('[0-9]*'):
        # Processes come and go, and those of others do not show theirs.
        with contextlib.suppress(OSError):
            if mark in (entry / 'environ').read_bytes() and int(entry.name) != os.getpid():
                found.append(int(entry.name))
    return found
