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

import numpy as np
import pytest
from sensor_msgs.msg import Image

from adu_depth_core.camera import Camera
from adu_depth_core.inference.predictor import Predictor
from bare_environment import BARE
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
QUICK_NODE = SLOW_NODE.replace('time.sleep(0.5)', '').replace("print('at work', flush=True)", '')
# Prints the stamp of each depth that it hears, and takes a while over it.
SUBSCRIBER = """
import sys, time
import rclpy
from rclpy.node import Node
from rclpy.qos import QoSProfile
from sensor_msgs.msg import Image
from adu_depth_ros.dds_profile import apply_large_image_profile

def heard(message):
    print(message.header.stamp.sec, flush=True)
    time.sleep(float(sys.argv[1]))

apply_large_image_profile()
rclpy.init()
node = Node('subscriber')
node.create_subscription(Image, 'depth/image_rect', heard, QoSProfile(depth=10))
print('listens', flush=True)
rclpy.spin(node)
"""
# Of an image of that size the node publishes 1 MB: a hundred that pile up would be seen.
LARGE = {'width': 640, 'height': 192}
MESSAGES, MOST_GROWTH_KB = 100, 10_000

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


def test_node_runs_where_opencv_is_all_there_is(world: World, start: Start) -> None:
    """As apt installs it; its answer is that of onnxruntime."""
    program = f'{BARE}\nfrom adu_depth_ros.mono.mono_depth_node import main\nsys.exit(main())'
    camera, audience = world.camera(), world.audience()
    process = start('-c', program, '--ros-args', '-p', 'input_size:=320x96')
    pixels = np.random.default_rng(0).integers(0, 256, (96, 320, 3), np.uint8)
    seen = Camera(320, 96, 200.0, 200.0, 159.5, 47.5)
    projection = [200.0, 0.0, 159.5, 0.0, 0.0, 200.0, 47.5, 0.0, 0.0, 0.0, 1.0, 0.0]
    message = Image(width=320, height=96, encoding='rgb8', step=960)
    message.data.frombytes(pixels.tobytes())

    def publish() -> None:
        camera.publish_info(width=320, height=96, p=projection)
        camera.send(message)

    camera.node.create_timer(0.2, publish)
    world.spin_until(lambda: audience['depth/image_rect'], 'depth arrives')
    process.terminate()
    assert 'runs on opencv, cpu, float32' in read_until(process, 'images came')
    answer = audience['depth/image_rect'][0]
    predictor = Predictor.load(
        'tiny', runtime='onnxruntime', precision='float32', input_size=(320, 96)
    )
    depth_m = np.frombuffer(answer.data, np.float32).reshape(96, 320)
    np.testing.assert_allclose(depth_m, predictor(pixels, seen).depth_m, rtol=1e-3)


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


def resident_kb(process: 'subprocess.Popen[str]') -> int:
    status = Path(f'/proc/{process.pid}/status').read_text()
    return int(status.partition('VmRSS:')[2].split()[0])


def read_newer(process: 'subprocess.Popen[str]', stamp: int) -> None:
    """Read what a subscriber writes, up to a stamp that is newer."""
    assert process.stdout is not None
    assert any(int(line) > stamp for line in process.stdout)


@pytest.mark.timeout(300)
@pytest.mark.parametrize(('pause_s', 'is_stopped'), [(0.0, True), (0.5, False)])
def test_subscriber_that_stops_or_is_slow_holds_nobody_up(
    world: World, start: Start, pause_s: float, is_stopped: bool
) -> None:
    audience, camera = world.audience(), world.camera()
    large = Image(**LARGE, encoding='rgb8', step=3 * LARGE['width'])
    large.data.frombytes(bytes(large.step * large.height))
    camera.node.create_timer(0.05, lambda: (camera.publish_info(**LARGE), camera.send(large)))
    received = audience['depth/image_rect']

    def more(count: int) -> None:
        wanted = len(received) + count
        world.spin_until(lambda: len(received) >= wanted, f'{count} more for the others')

    node, other = start('-c', QUICK_NODE), start('-c', SUBSCRIBER, str(pause_s))
    world.spin_during(lambda: read_until(other, 'listens'), 'it listens')
    world.spin_during(lambda: read_newer(other, 0), 'both hear the node')
    if is_stopped:
        other.send_signal(signal.SIGSTOP)
    more(MESSAGES // 4)
    before_kb = resident_kb(node)
    for _ in range(4):
        more(MESSAGES // 4)
    assert resident_kb(node) - before_kb < MOST_GROWTH_KB
    stamps = [message.header.stamp.sec for message in received]
    assert stamps == sorted(set(stamps))
    if is_stopped:
        other.send_signal(signal.SIGCONT)
    newest = stamps[-1]
    world.spin_during(lambda: read_newer(other, newest), 'it hears what came since')
    more(5)


def test_unfit_parameter_ends_with_1_and_a_sentence(start: Start) -> None:
    process = start(*NODE, '-p', 'max_depth:=-1.0')
    said, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    assert 'cannot start: ' in said
    assert 'max_depth' in said
    assert 'Traceback' not in said
