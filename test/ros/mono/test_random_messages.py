# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
Messages with anything in them, over DDS: the nodes live, and good frames between are answered.

600 messages in all; `--hypothesis-profile=many` sends 24 times as many.
"""

import time
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import settings
from sensor_msgs.msg import CameraInfo, CompressedImage, Image, RegionOfInterest

from ros_world import FakePredictor, Live, World, camera_info, rgb_image

ROUNDS = settings.default.max_examples // 5  # type: ignore[union-attr]
GOOD_EVERY = 10
WIDTH, HEIGHT = 8, 4
SIZES = [0, 1, 4, 8, 9, 65536, 2**31, 2**32 - 1]
ENCODINGS = [
    *('rgb8', 'bgr8', 'rgba8', 'mono8', 'mono16', '16UC1', '32FC1', '8UC3', 'bayer_rggb8'),
    *('yuv422', 'yuv422_yuy2', 'rgb16', '', 'x\ny', '\x1b[31m', 'é' * 40, '8UC5', 'RGB8'),
]
FORMATS = ['jpeg', 'png', '', 'rgb8; jpeg compressed bgr8', '16UC1; compressedDepth', 'a\nb', ';']
NUMBERS = [0.0, -1.0, 721.5, 1e308, 5e-324, float('nan'), float('inf'), float('-inf')]
LENSES = ['rational_polynomial', 'equidistant', 'fisheye', '', 'a\nb', 'é' * 300]
FRAMES = ['camera', '', '/', 'a\nb [ERROR] forged', '<b>', 'é' * 300]
# However many messages are bad, the log stays readable: so many lines in so many seconds.
MOST_LINES, IN_SECONDS = 20, 5.0

Random = np.random.Generator


def usual_or(random: Random, usual: Any, others: list[Any]) -> Any:
    return usual if random.random() < 0.75 else others[random.integers(len(others))]


def any_image(random: Random) -> Image:
    message = Image(
        width=usual_or(random, WIDTH, SIZES),
        height=usual_or(random, HEIGHT, SIZES),
        encoding=usual_or(random, 'rgb8', ENCODINGS),
        step=usual_or(random, 24, SIZES),
        is_bigendian=int(random.integers(2)),
    )
    message.data.frombytes(random.bytes(usual_or(random, 96, [0, 1, 95, 97, 4096])))
    return message


def any_picture(random: Random) -> CompressedImage:
    pixels = random.integers(0, 256, (HEIGHT, WIDTH, 3), np.uint8)
    whole = cv2.imencode(usual_or(random, '.jpg', ['.png', '.bmp']), pixels)[1].tobytes()
    kind = random.integers(4)
    cut = whole[: random.integers(len(whole))]
    changed = bytearray(whole)
    changed[random.integers(len(whole))] ^= 1 << int(random.integers(8))
    padded = whole + bytes(int(random.integers(40)))
    data = (cut, bytes(changed), padded, random.bytes(20))[kind]
    return CompressedImage(format=usual_or(random, 'jpeg', FORMATS), data=data)


def any_info(random: Random, usual: CameraInfo) -> CameraInfo:
    """Return a calibration of which each number may be anything."""
    for name in ('width', 'height', 'binning_x', 'binning_y'):
        setattr(usual, name, usual_or(random, getattr(usual, name), SIZES))
    for name in ('d', 'k', 'r', 'p'):
        values = list(getattr(usual, name))
        if random.random() < 0.3:
            values[random.integers(len(values))] = NUMBERS[random.integers(len(NUMBERS))]
        setattr(usual, name, values)
    if random.random() < 0.2:
        x, y, width, height = (SIZES[n] for n in random.integers(0, len(SIZES), 4))
        usual.roi = RegionOfInterest(x_offset=x, y_offset=y, width=width, height=height)
    return usual


def frame_of(random: Random) -> str:
    return usual_or(random, 'camera', FRAMES)


def send(world: World, live: Live, message: Any, frame_id: str) -> None:
    """Publish an image and see it answered or dropped."""
    node = live.node
    before = node.frames_out + node.dropped
    message.header = live.camera.header()
    message.header.frame_id = frame_id
    live.camera.images.publish(message)
    world.spin_until(lambda: node.frames_out + node.dropped > before, 'it is answered or dropped')


def check_log(world: World, began_s: float) -> None:
    """The log is short, and no foreign word has made a line of it."""
    world.said('nothing in particular')  # all that is on its way has come
    lines = [log.msg for log in world.logs if not log.msg.startswith('mark ')]
    periods = (time.monotonic() - began_s) / IN_SECONDS
    assert len(lines) < MOST_LINES * (periods + 2)
    assert not any('\n' in line or '\x1b' in line for line in lines)


@pytest.mark.timeout(600)
def test_mono_node_outlives_any_image_and_calibration(
    world: World, predictor: FakePredictor
) -> None:
    random, began_s = np.random.default_rng(0), time.monotonic()
    live = world.live(predictor)
    good = rgb_image()
    for number in range(60 * ROUNDS):
        if number % GOOD_EVERY:
            live.camera.send_info(live.node, **fields_of(any_info(random, camera_info())))
            send(world, live, any_image(random), frame_of(random))
            continue
        live.camera.send_info(live.node)
        before = live.node.frames_out
        send(world, live, good, 'camera')
        assert live.node.frames_out == before + 1
        np.testing.assert_array_equal(predictor.images[-1].ravel(), list(good.data))
    assert world.state_of(live.node) == 'active'
    check_log(world, began_s)


@pytest.mark.timeout(600)
def test_mono_node_outlives_any_lens(world: World, predictor: FakePredictor) -> None:
    random, began_s = np.random.default_rng(2), time.monotonic()
    views = {'rectified_image': Image, 'depth/camera_info': CameraInfo}
    live = world.live(predictor, topics=views, rectify='always')
    good = rgb_image()
    for number in range(20 * ROUNDS):
        if number % GOOD_EVERY:
            info = any_info(random, camera_info())
            model = usual_or(random, 'plumb_bob', LENSES)
            count = usual_or(random, 5, [0, 1, 4, 8, 12, 14, 100])
            info.d = [float(usual_or(random, 0.1, NUMBERS)) for _ in range(count)]
            live.camera.send_info(live.node, **fields_of(info), distortion_model=model)
            send(world, live, good, frame_of(random))
            continue
        live.camera.send_info(live.node, d=[0.0] * 5, r=[0.0] * 9, p=[0.0] * 12)
        before = live.node.frames_out
        send(world, live, good, 'camera')
        assert live.node.frames_out == before + 1
        # A camera without a lens is what it was.
        live.audience.wait_for(live.node.frames_out)
        np.testing.assert_array_equal(live.audience['rectified_image'][-1].data, good.data)
    assert world.state_of(live.node) == 'active'
    check_log(world, began_s)


def fields_of(info: CameraInfo) -> dict[str, Any]:
    names = ('width', 'height', 'binning_x', 'binning_y', 'd', 'k', 'r', 'p', 'roi')
    return {name: getattr(info, name) for name in names}


@pytest.mark.timeout(600)
def test_mono_node_outlives_any_compressed_picture(world: World, predictor: FakePredictor) -> None:
    random, began_s = np.random.default_rng(1), time.monotonic()
    live = world.live(
        predictor,
        camera_options={'kind': CompressedImage, 'image': 'image_rect/compressed'},
        image_transport='compressed',
    )
    white = np.full((HEIGHT, WIDTH, 3), 255, np.uint8)
    good = CompressedImage(format='jpeg', data=cv2.imencode('.jpg', white)[1].tobytes())
    for number in range(20 * ROUNDS):
        if number % GOOD_EVERY:
            send(world, live, any_picture(random), frame_of(random))
            continue
        before = live.node.frames_out
        send(world, live, good, 'camera')
        assert live.node.frames_out == before + 1
        np.testing.assert_array_equal(predictor.images[-1], white)
    assert world.state_of(live.node) == 'active'
    check_log(world, began_s)
