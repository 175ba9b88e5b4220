# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""evaluate-bag --realtime: the recording goes through the node, latency and drops are its own."""

import json
from pathlib import Path

import numpy as np
import pytest

from adu_depth_core.bags import write_bag
from adu_depth_core.bags.sample_messages import BagFormat
from adu_depth_core.camera import Camera
from adu_depth_core.commands.evaluate_bag import main as evaluate_bag
from adu_depth_core.errors import InputError
from adu_depth_core.samples.sample import StereoSample

FRAMES, FRAME_NS = 12, 100_000_000
SENSOR = 'depth topic /stereo/ground_truth/depth/image_rect'

# Latency is measured: one at a time.
pytestmark = [pytest.mark.real_time, pytest.mark.timeout(300)]


@pytest.fixture(params=['rgb8', 'jpeg'])
def drive(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A recording of noise before a ramp."""
    camera = Camera(416, 128, fx=240.0, fy=240.0, cx=207.5, cy=63.5)
    images = np.random.default_rng(0).integers(0, 256, (FRAMES, 128, 416, 3), np.uint8)
    ramp = np.linspace(40, 2, 128, dtype=np.float32)[:, None].repeat(416, axis=1)
    samples = (
        StereoSample(f'drive/{index}', (index + 1) * FRAME_NS, image, camera, depth_m=ramp)
        for index, image in enumerate(images)
    )
    path = tmp_path / 'drive'
    write_bag(path, samples, bag_format=BagFormat(image=request.param))
    return path


def test_recording_is_played_through_the_node_and_scored(
    drive: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = [str(drive), '--realtime', '--json', '--output', str(tmp_path / 'live')]
    assert evaluate_bag(words) == 0
    live = json.loads((tmp_path / 'live' / 'result.json').read_text())
    assert json.loads(capsys.readouterr().out) == live
    assert live['frames_in'] == FRAMES
    assert live['frames_out'] == FRAMES - live['dropped'] > FRAMES / 2
    assert live['latency']['what'] == 'image published to depth received'
    assert 0 < live['latency']['p50_ms'] <= live['latency']['p99_ms']
    assert all(row['latency_ms'] > 0 for row in live['timeline'])
    assert (tmp_path / 'live' / 'report.html').exists()
    evaluate_bag([str(drive), '--output', str(tmp_path / 'all')])
    every = json.loads((tmp_path / 'all' / 'result.json').read_text())
    # What was published is what the model says, over DDS or not.
    said = {row['name']: row['abs_rel'][SENSOR] for row in every['timeline']}
    heard = {row['name']: row['abs_rel'][SENSOR] for row in live['timeline']}
    assert heard == pytest.approx({name: said[name] for name in heard}, rel=1e-6)


def test_protocol_that_counts_unknown_pixels_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match='use --protocol dense'):
        evaluate_bag([str(tmp_path), '--realtime', '--protocol', 'eigen_garg_kb'])
