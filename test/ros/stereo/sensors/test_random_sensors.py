# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
Messages of sensors with anything in them, over DDS: the node lives and answers the good ones.

500 messages of each kind; `--hypothesis-profile=many` sends 24 times as many.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import settings
from sensor_msgs.msg import Image, PointCloud2, PointField
from stereo_msgs.msg import DisparityImage

from random_cases import Cases
from sensor_robot import Started
from stereo_world import StereoWorld

MESSAGES = 20 * settings.default.max_examples  # type: ignore[union-attr]
GOOD_EVERY = 10
SIZES = [0, 1, 4, 8, 9, 65536, 2**31, 2**32 - 1]
ENCODINGS = ['16UC1', 'mono16', 'mono8', 'rgb8', '64FC1', '', 'x\ny', '\x1b[31m']
NUMBERS = [0.0, -1.0, 721.5, 3e38, 1e-38, float('nan'), float('inf'), float('-inf')]
FRAMES = ['', '/', 'other', 'a\nb [ERROR] forged', 'é' * 300]

Random = np.random.Generator


def usual_or(random: Random, usual: Any, others: list[Any]) -> Any:
    return usual if random.random() < 0.85 else others[random.integers(len(others))]


def floats(random: Random, usual: float, count: int) -> bytes:
    values = np.full(count, usual, np.float32)
    odd = random.integers(0, count, 4)
    values[odd] = [NUMBERS[n] for n in random.integers(0, len(NUMBERS), 4)]
    return values.tobytes()


def any_image(random: Random, usual: float = 3.0) -> Image:
    message = Image(
        width=usual_or(random, 8, SIZES),
        height=usual_or(random, 4, SIZES),
        encoding=usual_or(random, '32FC1', ENCODINGS),
        step=usual_or(random, 32, SIZES),
        is_bigendian=int(random.random() < 0.1),
    )
    data = floats(random, usual, 32)
    message.data.frombytes(data[: usual_or(random, 128, [0, 1, 127, 64])])
    return message


def any_disparity(random: Random) -> DisparityImage:
    return DisparityImage(
        image=any_image(random),
        f=usual_or(random, 10.0, NUMBERS),
        t=usual_or(random, 0.5, NUMBERS),
        min_disparity=usual_or(random, 0.0, NUMBERS),
    )


def any_points(random: Random) -> PointCloud2:
    names = usual_or(random, 'xyz', ['', 'xy', 'xxyz', 'abc'])
    datatype = usual_or(random, PointField.FLOAT32, [0, 1, 8, 255])
    message = PointCloud2(
        height=usual_or(random, 1, SIZES),
        width=usual_or(random, 4, SIZES),
        point_step=usual_or(random, 12, SIZES),
        row_step=usual_or(random, 48, SIZES),
        is_bigendian=random.random() < 0.1,
        fields=[
            PointField(name=name, offset=4 * at, datatype=datatype, count=1)
            for at, name in enumerate(names)
        ],
    )
    message.data.frombytes(floats(random, 5.0, 12))
    return message


def good(kind: str) -> Any:
    pixels = Image(width=8, height=4, encoding='32FC1', step=32)
    pixels.data.frombytes(np.full(32, 2.0, np.float32).tobytes())
    if kind == 'depth':
        return pixels
    if kind == 'disparity':
        return DisparityImage(image=pixels, f=10.0, t=0.5)
    fields = [PointField(name=n, offset=4 * at, datatype=7, count=1) for at, n in enumerate('xyz')]
    message = PointCloud2(height=1, width=1, fields=fields, point_step=12, row_step=12)
    message.data.frombytes(np.array([5, 0, 0], np.float32).tobytes())
    return message


def count(cases: Cases, kind: str, *, answered: bool) -> None:
    """Count a message as read where the node has answered it, and else as refused."""
    (cases.read if answered else cases.refused)[kind] += 1


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ('kind', 'any_message', 'frame'),
    [
        ('disparity', any_disparity, 'left_optical_frame'),
        ('depth', any_image, 'left_optical_frame'),
        ('points', any_points, 'laser'),
    ],
)
def test_node_outlives_any_message_of_a_sensor(
    stereo: StereoWorld,
    started: Started,
    extrinsics: str,
    kind: str,
    any_message: Callable[[Random], Any],
    frame: str,
    cases: Cases,
) -> None:
    random = np.random.default_rng(3)
    node, robot = started(kind, extrinsics=extrinsics, right=kind == 'disparity')
    stereo.audience(node, 'depth/image_rect')
    for number in range(MESSAGES):
        is_good = not number % GOOD_EVERY
        message = good(kind) if is_good else any_message(random)
        message.header.frame_id = frame if is_good else usual_or(random, frame, FRAMES)
        before, answered = node.frames_out + node.dropped, node.frames_out
        robot.send(node, **{f'teacher__{kind}': message})
        stereo.spin_until(
            lambda before=before: node.frames_out + node.dropped > before, 'answered or dropped'
        )
        count(cases, f'{kind} over DDS', answered=node.frames_out > answered)
        assert not is_good or node.frames_out == answered + 1
    assert stereo.world.state_of(node) == 'active'
    assert not any('\n' in log.msg or '\x1b' in log.msg for log in stereo.world.logs)


@pytest.mark.timeout(600)
def test_node_outlives_any_confidence(stereo: StereoWorld, started: Started, cases: Cases) -> None:
    random = np.random.default_rng(4)
    node, robot = started('depth', use_confidence=True)
    stereo.audience(node, 'depth/image_rect')
    for number in range(MESSAGES):
        is_good = not number % GOOD_EVERY
        confidence = good('depth') if is_good else any_image(random, 50.0)
        before, answered = node.frames_out + node.dropped, node.frames_out
        robot.send(node, teacher__depth=good('depth'), teacher__confidence=confidence)
        stereo.spin_until(
            lambda before=before: node.frames_out + node.dropped > before, 'answered or dropped'
        )
        count(cases, 'confidence over DDS', answered=node.frames_out > answered)
        assert not is_good or node.frames_out == answered + 1
    assert stereo.world.state_of(node) == 'active'
