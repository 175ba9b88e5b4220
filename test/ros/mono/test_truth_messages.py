# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
Truth with anything in it: the factor on the standard deviation moves by a step at most.

500 messages of each kind; `--hypothesis-profile=many` and benchmark/fuzz.py try 24 times as many.
"""

import math
from typing import Any

import numpy as np
from geometry_msgs.msg import TransformStamped
from hypothesis import given, settings
from hypothesis import strategies as st
from sensor_msgs.msg import PointCloud2, PointField, Range
from std_msgs.msg import Header

from adu_depth_core.bags import Transforms
from adu_depth_core.bags.rigid import Transform
from adu_depth_core.camera import Camera
from adu_depth_core.errors import InputError
from adu_depth_core.inference.predictor import Prediction
from adu_depth_core.inference.running_std_scale import RunningStdScale
from adu_depth_ros.mono.online_truth import OnlineTruth, Published, Truth
from adu_depth_ros.nodes.static_transforms import StaticTransforms
from random_cases import Cases

MANY = settings(max_examples=20 * settings.default.max_examples)  # type: ignore[union-attr]
CAMERA = Camera(8, 4, 10.0, 10.0, 3.5, 1.5)
GAIN, SECONDS = 0.1, 5
# The sensor's x is the camera's z.
AHEAD = np.array([[0, -1, 0, 0], [0, 0, -1, 0], [1, 0, 0, 0], [0, 0, 0, 1]], np.float64)
FRAMES = Transforms([Transform('camera', 'lidar', AHEAD)], 'here')
ODD = [0.0, -0.0, -1.0, 1e38, 1e-38, math.nan, math.inf, -math.inf]
NUMBERS = st.sampled_from(ODD) | st.floats(width=32)
SIZES = st.sampled_from([0, 1, 2, 11, 12, 24, 2**31, 2**32 - 1])
STAMPS = st.sampled_from([SECONDS] * 5 + [0, -1, 2**31 - 1])
NAMES = st.sampled_from(['lidar'] * 5 + ['', 'a\nb', 'é' * 300])


def mostly(usual: Any, others: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.just(usual) | st.just(usual) | st.just(usual) | others


def header(seconds: int, frame: str) -> Header:
    made = Header(frame_id=frame)
    made.stamp.sec = seconds
    return made


def published() -> Published:
    maps = np.full((4, 8), 10, np.float32), np.ones((4, 8), np.float32)
    return Published(header(SECONDS, 'camera'), CAMERA, Prediction(*maps))


def check(cases: Cases, kind: str, message: Truth) -> None:
    """Learn from a message and from a good one after it."""
    truth = OnlineTruth(FRAMES, RunningStdScale())

    def learn() -> None:
        truth.put(message)
        truth.learn(published(), GAIN, 0.05)
        if truth.problem:
            raise InputError(truth.problem)

    cases.outcome(kind, learn)
    before = truth.factor
    assert math.exp(-GAIN) < before < math.exp(GAIN)
    assert all('\n' not in text for text in truth.figures().values())
    good = Range(header=header(SECONDS, 'lidar'), range=30.0, min_range=0.1, max_range=40.0)
    truth.put(good)
    truth.learn(published(), GAIN, 0.05)
    if message.header.stamp.sec != SECONDS:
        assert before == 1
    assert truth.factor > before
    assert truth.problem == ''


@MANY
@given(
    stamp=STAMPS,
    frame=NAMES,
    metres=mostly(10.0, NUMBERS),
    nearest=mostly(0.1, NUMBERS),
    farthest=mostly(40.0, NUMBERS),
    angle=mostly(0.03, NUMBERS),
    kind=st.integers(0, 255),
)
def test_range(
    cases: Cases,
    stamp: int,
    frame: str,
    metres: float,
    nearest: float,
    farthest: float,
    angle: float,
    kind: int,
) -> None:
    message = Range(
        header=header(stamp, frame),
        radiation_type=kind,
        range=metres,
        min_range=nearest,
        max_range=farthest,
        field_of_view=angle,
    )
    check(cases, 'Range as truth', message)


@MANY
@given(
    stamp=STAMPS,
    frame=NAMES,
    rows=st.lists(st.tuples(NUMBERS, NUMBERS, NUMBERS), max_size=4),
    cut=mostly(0, st.sampled_from([1, 7, 12, 1000])),
    width=mostly(None, SIZES),
    height=mostly(1, SIZES),
    point_step=mostly(12, SIZES),
    row_step=mostly(0, SIZES),
    names=mostly('xyz', st.sampled_from(['xy', 'xxyz', 'zyx', 'abc', ''])),
    kind=mostly(7, st.integers(0, 255)),
    offset=mostly(0, SIZES),
    is_bigendian=st.booleans(),
)
def test_cloud(
    cases: Cases,
    stamp: int,
    frame: str,
    rows: list[tuple[float, float, float]],
    cut: int,
    width: int | None,
    names: str,
    kind: int,
    offset: int,
    **layout: Any,
) -> None:
    points = np.array([(10, 0, 0), *rows], np.float32)
    message = PointCloud2(
        header=header(stamp, frame), width=len(points) if width is None else width, **layout
    )
    message.fields = [
        PointField(name=name, offset=min(4 * at + offset, 2**32 - 1), datatype=kind, count=1)
        for at, name in enumerate(names)
    ]
    data = points.tobytes()
    message.data.frombytes(data[: max(len(data) - cut, 0)])
    check(cases, 'PointCloud2 as truth', message)


@MANY
@given(values=st.lists(mostly(0.5, NUMBERS | st.floats()), min_size=7, max_size=7), frame=NAMES)
def test_transform(cases: Cases, values: list[float], frame: str) -> None:
    """What /tf_static says of a sensor is a rigid motion, or it is left out."""
    stamped = TransformStamped(child_frame_id='lidar')
    stamped.header.frame_id = frame
    move, turn = stamped.transform.translation, stamped.transform.rotation
    move.x, move.y, move.z, turn.x, turn.y, turn.z, turn.w = values
    frames = StaticTransforms()
    frames.put(type('Message', (), {'transforms': [stamped]})())
    matrix = cases.outcome('transform', lambda: frames.matrix(frame, 'lidar'))
    if matrix is not None:
        assert np.isfinite(matrix).all()
        np.testing.assert_allclose(matrix[:3, :3] @ matrix[:3, :3].T, np.eye(3), atol=1e-6)
