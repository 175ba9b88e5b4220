# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The node as a process of its own: its start, its end, what it loads."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ros_world import World

NODE = ('-m', 'adu_depth_ros.mono.mono_depth_node', '--ros-args')
# A node whose model takes a while, so that a signal finds it at work.
SLOW_NODE = """
import sys, time
import numpy as np
from adu_depth_core.inference.predictor import Prediction
from adu_depth_ros.mono.mono_depth_node import MonoDepthNode
from adu_depth_ros.nodes.run_node import run_node

class Slow:
    runtime_name, device_name, precision, max_depth = 'slow', 'cpu', 'float32', 80.0
    parity = None
    def warm_up(self, width, height):
        pass
    def output_camera(self, camera):
        return camera
    def __call__(self, image, camera, out):
        print('at work', flush=True)
        time.sleep(0.5)
        depth = np.ones((camera.height, camera.width), np.float32)
        return Prediction(depth, depth)

sys.exit(run_node(lambda: MonoDepthNode(load_predictor=lambda model, **options: Slow())))
"""

Start = Callable[..., 'subprocess.Popen[str]']


@pytest.fixture
def start() -> Iterator[Start]:
    processes: list[subprocess.Popen[str]] = []

    def start_python(*words: str) -> 'subprocess.Popen[str]':
        process = subprocess.Popen(
            [sys.executable, *words],
            env={**os.environ, 'PYTHONUNBUFFERED': '1'},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        processes.append(process)
        return process

    yield start_python
    for process in processes:
        process.kill()
        process.communicate()


def read_until(process: 'subprocess.Popen[str]', fragment: str) -> str:
    """Return what a process wrote, up to the line with `fragment`; pytest's timeout is ours."""
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        lines.append(line)
        if fragment in line:
            return ''.join(lines)
    raise AssertionError(f'ended without "{fragment}": {"".join(lines)}')


@pytest.mark.parametrize('number', [signal.SIGINT, signal.SIGTERM])
def test_missing_model_leaves_a_living_node_that_a_signal_ends_with_0(
    start: Start, tmp_path: Path, number: signal.Signals
) -> None:
    process = start(*NODE, '-p', f'model:={tmp_path / "none.onnx"}')
    said = read_until(process, 'cannot configure: ')
    assert f'{tmp_path / "none.onnx"}: ' in said
    assert process.poll() is None
    process.send_signal(number)
    rest, _ = process.communicate(timeout=30)
    assert process.returncode == 0
    assert 'Traceback' not in said + rest


@pytest.mark.parametrize('number', [signal.SIGINT, signal.SIGTERM])
def test_signal_in_the_middle_of_work_ends_with_0_and_a_summary(
    world: World, start: Start, number: signal.Signals
) -> None:
    world.audience()
    camera = world.camera()
    process = start('-c', SLOW_NODE)
    read_until(process, 'waits for /image_rect')
    camera.wait_for_node()
    camera.node.create_timer(0.1, lambda: (camera.publish_info(), camera.send()))
    world.spin_during(lambda: read_until(process, 'at work'), 'the model is at work')
    process.send_signal(number)
    time.sleep(0.2)  # while it cleans up, another one: a terminal and launch both send it
    process.send_signal(number)
    rest, _ = process.communicate(timeout=30)
    assert process.returncode == 0, rest
    assert ' images came, ' in rest
    assert 'Traceback' not in rest
    assert 'invalid' not in rest


def test_node_that_is_killed_and_restarted_goes_on_with_the_images_that_come(
    world: World, start: Start
) -> None:
    audience = world.audience()
    camera = world.camera()
    camera.node.create_timer(0.1, lambda: (camera.publish_info(), camera.send()))
    process = start('-c', SLOW_NODE)
    world.spin_until(lambda: audience['depth/image_rect'], 'depth arrives')
    process.kill()
    process.wait()
    before, sent = len(audience['depth/image_rect']), camera.sent
    start('-c', SLOW_NODE)
    world.spin_until(
        lambda: any(m.header.stamp.sec > 1000 + sent for m in audience['depth/image_rect']),
        'depth of images that came after the kill arrives',
    )
    stamps = [message.header.stamp.sec for message in audience['depth/image_rect'][before:]]
    assert stamps == sorted(set(stamps))


def test_unfit_parameter_ends_with_1_and_a_sentence(start: Start) -> None:
    process = start(*NODE, '-p', 'max_depth:=-1.0')
    said, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    assert 'cannot start: ' in said
    assert 'max_depth' in said
    assert 'Traceback' not in said
