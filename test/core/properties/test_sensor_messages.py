# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Messages of other sensors with anything in them: depth of the image, or one sentence."""

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from adu_depth_core.bags import Transforms
from adu_depth_core.bags.rigid import Transform
from adu_depth_core.camera import Camera, StereoRig
from adu_depth_core.inference.sensor_teachers import (
    DepthTeacher,
    DisparityTeacher,
    PointsTeacher,
    SensorTeacher,
    Word,
    with_word,
)
from adu_depth_core.messages.cdr import header, message_type
from adu_depth_core.messages.types import DISPARITY_TYPE, IMAGE_TYPE, POINT_CLOUD_TYPE
from adu_depth_core.samples.depth_noise import ConfidenceScale, DepthNoise
from adu_depth_core.samples.sample import StereoSample
from random_cases import Cases

# 500 messages of each kind; `--hypothesis-profile=many` tries 24 times as many.
MANY = settings(max_examples=20 * settings.default.max_examples)  # type: ignore[union-attr]
WIDTH, HEIGHT = 6, 4
CAMERA = Camera(WIDTH, HEIGHT, 721.5, 721.5, 2.5, 1.5)
LEFT = np.arange(WIDTH * HEIGHT * 3, dtype=np.uint8).reshape(HEIGHT, WIDTH, 3)
ALONE = StereoSample('', 1, LEFT, CAMERA)
PAIR = StereoSample('', 1, LEFT, CAMERA, LEFT[:, ::-1].copy(), StereoRig(CAMERA, CAMERA, 0.5))

SIZES = st.sampled_from([0, 1, 3, 4, 6, 2**16, 2**31, 2**32 - 1])
ODD = [0.0, -0.0, -1.0, 1.0, 255.0, 1e-38, 3e38, float('nan'), float('inf'), float('-inf')]
NUMBERS = st.sampled_from(ODD) | st.floats(width=32)
ENCODINGS = st.sampled_from(['32FC1', '16UC1', 'mono16', 'mono8', 'rgb8', '', 'x\ny', '64FC1'])
FRAMES = st.sampled_from(['camera', '/camera', '', 'other', 'a\nb', 'é' * 40])


def mostly(usual: Any, others: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.just(usual) | st.just(usual) | st.just(usual) | others


@st.composite
def images(draw: st.DrawFn, usual: str) -> Any:
    """Draw an Image that is mostly 6x4 of an encoding, of bytes that are any number."""
    encoding = draw(mostly(usual, ENCODINGS))
    width, height = draw(mostly((WIDTH, HEIGHT), st.tuples(SIZES, SIZES)))
    size = {'32FC1': 4, '16UC1': 2, 'mono16': 2, 'rgb8': 3}.get(encoding, 1)
    step = draw(mostly(WIDTH * size, SIZES))
    values = draw(st.lists(NUMBERS, min_size=1, max_size=4))
    floats = np.resize(np.array(values, np.float32), WIDTH * HEIGHT)
    anything = np.resize(np.frombuffer(draw(st.binary(min_size=1, max_size=8)), np.uint8), 200)
    data = floats.view(np.uint8) if encoding == '32FC1' else anything[: WIDTH * HEIGHT * size]
    cut = draw(mostly(0, st.sampled_from([1, 7, 95, 1000])))
    return message_type(IMAGE_TYPE)(
        header=header(1, draw(mostly('camera', FRAMES))),
        height=height,
        width=width,
        encoding=encoding,
        is_bigendian=draw(st.sampled_from([0, 0, 1])),
        step=step,
        data=data[: max(len(data) - cut, 0)],
    )


def check(
    cases: Cases, kind: str, teacher: SensorTeacher, sample: StereoSample, **messages: Any
) -> None:
    """What is read is of the image: positive depth with a positive error, or unknown in both."""
    said = {role: Word(f'/{role}', message) for role, message in messages.items()}
    found = cases.outcome(kind, lambda: teacher(sample, 'camera', said))
    if found is None:
        return
    for values in (found.depth_m, found.std_m):
        assert (values.shape, values.dtype) == ((HEIGHT, WIDTH), np.float32)
    known = ~np.isnan(found.depth_m)
    np.testing.assert_array_equal(known, ~np.isnan(found.std_m))
    assert (found.depth_m[known] > 0).all()
    assert (found.std_m[known] >= 0).all()
    labelled = cases.outcome(f'sample of {kind}', lambda: with_word(teacher, sample, found))
    assert (labelled is None) == (not np.isfinite(found.depth_m).any())


@MANY
@given(
    image=images('32FC1'),
    f=mostly(721.5, NUMBERS),
    t=mostly(0.5, NUMBERS),
    smallest=mostly(0.0, NUMBERS),
    sample=st.sampled_from([ALONE, PAIR]),
)
def test_disparity(
    cases: Cases, image: Any, f: float, t: float, smallest: float, sample: StereoSample
) -> None:
    message = message_type(DISPARITY_TYPE)(
        header=image.header,
        image=image,
        f=f,
        t=t,
        valid_window=message_type('sensor_msgs/msg/RegionOfInterest')(
            x_offset=0, y_offset=0, height=0, width=0, do_rectify=False
        ),
        min_disparity=smallest,
        max_disparity=0.0,
        delta_d=0.0,
    )
    check(cases, 'DisparityImage', DisparityTeacher(DepthNoise()), sample, disparity=message)


@MANY
@given(depth=images('32FC1') | images('16UC1'), baseline_m=st.sampled_from([0.0, 0.05]))
def test_depth(cases: Cases, depth: Any, baseline_m: float) -> None:
    check(cases, 'depth image', DepthTeacher(DepthNoise(), baseline_m), ALONE, depth=depth)


@MANY
@given(
    confidence=images('mono8') | images('32FC1'),
    scale=st.sampled_from([ConfidenceScale(), ConfidenceScale(255.0, 0.0)]),
)
def test_confidence(cases: Cases, confidence: Any, scale: ConfidenceScale) -> None:
    metres = np.linspace(1, 20, WIDTH * HEIGHT, dtype=np.float32)
    depth = message_type(IMAGE_TYPE)(
        header=header(1, 'camera'),
        height=HEIGHT,
        width=WIDTH,
        encoding='32FC1',
        is_bigendian=0,
        step=4 * WIDTH,
        data=metres.view(np.uint8),
    )
    teacher = DepthTeacher(DepthNoise(), confidence=scale)
    check(cases, 'confidence image', teacher, ALONE, depth=depth, confidence=confidence)


@MANY
@given(
    rows=st.lists(st.tuples(NUMBERS, NUMBERS, NUMBERS), max_size=5),
    frame=mostly('laser', FRAMES),
    width=mostly(None, SIZES),
    point_step=mostly(12, st.sampled_from([0, 1, 8, 16, 2**31])),
    names=mostly('xyz', st.sampled_from(['xy', 'xxyz', 'zyx', 'abc', ''])),
    datatype=mostly(7, st.sampled_from([0, 1, 8, 255])),
)
def test_points(
    cases: Cases,
    rows: list[tuple[float, float, float]],
    frame: str,
    width: int | None,
    point_step: int,
    names: str,
    datatype: int,
) -> None:
    field = message_type('sensor_msgs/msg/PointField')
    # Along the optical axis there is something to see.
    points = np.array([(0, 0, 5), *rows], np.float32)
    message = message_type(POINT_CLOUD_TYPE)(
        header=header(1, frame),
        height=1,
        width=len(points) if width is None else width,
        fields=[
            field(name=name, offset=4 * at, datatype=datatype, count=1)
            for at, name in enumerate(names)
        ],
        is_bigendian=False,
        point_step=point_step,
        row_step=0,
        data=points.reshape(-1).view(np.uint8),
        is_dense=True,
    )
    transforms = Transforms([Transform('camera', 'laser', np.eye(4))], 'here')
    check(cases, 'points of a scanner', PointsTeacher(transforms.matrix), ALONE, points=message)
