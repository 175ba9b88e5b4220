# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Pairs with anything in them, over DDS: the stereo node lives and answers the good ones."""

from typing import Any

import numpy as np
import pytest
from hypothesis import settings
from sensor_msgs.msg import Image

from stereo_world import FakeTeacher, StereoWorld

ROUNDS = settings.default.max_examples // 5  # type: ignore[union-attr]
GOOD_EVERY = 10
SIZES = [0, 1, 4, 8, 9, 65536, 2**31, 2**32 - 1]
ENCODINGS = ['bgr8', 'mono8', 'mono16', '32FC1', 'bayer_rggb8', 'yuv422', '', 'x\ny', '8UC5']
NUMBERS = [0.0, -1.0, 721.5, 1e308, 5e-324, float('nan'), float('inf'), float('-inf')]

Random = np.random.Generator


def usual_or(random: Random, usual: Any, others: list[Any]) -> Any:
    return usual if random.random() < 0.85 else others[random.integers(len(others))]


def any_image(random: Random) -> Image:
    message = Image(
        width=usual_or(random, 8, SIZES),
        height=usual_or(random, 4, SIZES),
        encoding=usual_or(random, 'rgb8', ENCODINGS),
        step=usual_or(random, 24, SIZES),
    )
    message.data.frombytes(random.bytes(usual_or(random, 96, [0, 1, 95, 97, 4096])))
    return message


def any_projection(random: Random) -> list[float]:
    values = [10.0, 0.0, 3.0, -5.0, 0.0, 10.0, 2.0, 0.0, 0.0, 0.0, 1.0, 0.0]
    values[random.integers(12)] = NUMBERS[random.integers(len(NUMBERS))]
    return values


@pytest.mark.timeout(600)
def test_stereo_node_outlives_any_pair_and_calibration(
    stereo: StereoWorld, teacher: FakeTeacher
) -> None:
    random = np.random.default_rng(2)
    node, rig = stereo.active(teacher)
    stereo.audience(node)
    for number in range(20 * ROUNDS):
        before, answered = node.frames_out + node.dropped, node.frames_out
        if number % GOOD_EVERY:
            rig.send_infos(node, p=any_projection(random))
            rig.send(node, any_image(random), any_image(random))
        else:
            rig.send_infos(node)
            rig.send(node)
        stereo.spin_until(
            lambda before=before: node.frames_out + node.dropped > before, 'answered or dropped'
        )
        assert number % GOOD_EVERY or node.frames_out == answered + 1
    assert stereo.world.state_of(node) == 'active'
