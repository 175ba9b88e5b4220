# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Messages whose fields hold anything that their types allow, as a bag gives them to us."""

from functools import partial
from typing import Any

import cv2
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from adu_depth_core.bags import BagMessage, read_picture, to_depth_m, to_rgb
from adu_depth_core.messages.cdr import header, message_type, serialised
from adu_depth_core.messages.clouds import read_points
from adu_depth_core.messages.pixels import ENCODINGS, is_of_depth
from adu_depth_core.messages.rectifying import Rectifying
from adu_depth_core.messages.stamped import read_camera_info
from adu_depth_core.messages.types import (
    CAMERA_INFO_TYPE,
    COMPRESSED_IMAGE_TYPE,
    IMAGE_TYPE,
    POINT_CLOUD_TYPE,
)
from random_cases import Cases

SIZES = st.sampled_from([0, 1, 2, 3, 4, 6, 2**16, 2**31, 2**32 - 1])
STEPS = st.sampled_from([0, 1, 5, 6, 8, 12, 16, 18, 24, 2**31, 2**32 - 1])
NAMES = st.sampled_from(
    [*ENCODINGS, 'bayer_rggb8', 'yuv422_yuy2', 'rgb16', 'bgr16', '', 'x\ny', '16SC1', '32FC3']
)
NUMBERS = st.sampled_from(
    [0.0, -0.0, 1.0, 10.0, -10.0, 721.5, np.nan, np.inf, -np.inf, 1e308, 5e-324]
)
FORMATS = st.sampled_from(
    [
        *('jpeg', 'png', '', 'rgb8; jpeg compressed bgr8', 'bgr8; jpeg compressed rgb8'),
        *('16UC1; compressedDepth png', '32FC1; compressedDepth', '16UC1; compressedDepth rvl'),
        *('mono16; png compressed ', '; ; ;', 'x\ny'),
    ]
)
PIXELS = np.arange(72, dtype=np.uint8).reshape(4, 6, 3)
PICTURES = [
    *(cv2.imencode(suffix, PIXELS)[1].tobytes() for suffix in ('.png', '.jpg', '.bmp')),
    cv2.imencode('.png', PIXELS.astype(np.uint16)[..., 0])[1].tobytes(),
    cv2.imencode('.jpg', PIXELS)[1].tobytes() + bytes(40),
    b'\xff\xd8\xff\xc0\x00\x11\x08\xff\xff\xff\xff\x03',
    b'GIF89a' + bytes(20),
    b'',
]
PARAMETERS = [b'', bytes(12), np.array([0, 1, 2], '<f4').tobytes(), b'\xff' * 12]


K = [721.5, 0.0, 3.0, 0.0, 721.5, 2.0, 0.0, 0.0, 1.0]
P = [721.5, 0.0, 3.0, -390.0, 0.0, 721.5, 2.0, 0.0, 0.0, 0.0, 1.0, 0.0]


def mostly(usual: Any, others: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.just(usual) | st.just(usual) | others


def matrix(usual: list[float]) -> st.SearchStrategy[list[float]]:
    one_odd = st.tuples(st.integers(0, len(usual) - 1), NUMBERS).map(
        lambda change: [*usual[: change[0]], change[1], *usual[change[0] + 1 :]]
    )
    return mostly(usual, one_odd | st.lists(NUMBERS, min_size=len(usual), max_size=len(usual)))


def picture_of(cases: Cases, kind: str, msgtype: str, message: object) -> Any:
    recorded = BagMessage('/image', msgtype, serialised(message, msgtype), 0)
    return cases.outcome(kind, lambda: read_picture(recorded))


def check(cases: Cases, kind: str, picture: Any) -> None:
    """What is read is colour or depth; colour is (H, W, 3) uint8, depth metres or unknown."""
    height, width = picture.pixels.shape[:2]
    convert = to_depth_m if is_of_depth(picture.encoding) else to_rgb
    found = cases.outcome(kind, lambda: convert(picture.pixels, picture.encoding))
    if found is None:
        return
    if convert is to_rgb:
        assert (found.shape, found.dtype) == ((height, width, 3), np.uint8)
    else:
        assert (found.shape, found.dtype) == ((height, width), np.float32)


@given(
    width=mostly(6, SIZES),
    height=mostly(4, SIZES),
    encoding=mostly('rgb8', NAMES),
    step=mostly(24, STEPS),
    is_bigendian=st.sampled_from([0, 1, 255]),
    size=mostly(96, st.sampled_from([0, 1, 71, 72, 95, 144])),
)
def test_image(cases: Cases, size: int, **fields: Any) -> None:
    message = message_type(IMAGE_TYPE)(
        header=header(1, 'camera'), data=np.arange(size, dtype=np.uint8), **fields
    )
    picture = picture_of(cases, 'Image', IMAGE_TYPE, message)
    if picture is not None:
        assert picture.pixels.shape[:2] == (fields['height'], fields['width'])
        check(cases, 'pixels of an Image', picture)


@given(format=FORMATS, parameters=st.sampled_from(PARAMETERS), data=st.sampled_from(PICTURES))
def test_compressed_image(cases: Cases, format: str, parameters: bytes, data: bytes) -> None:
    message = message_type(COMPRESSED_IMAGE_TYPE)(
        header=header(1, 'camera'),
        format=format,
        data=np.frombuffer(parameters + data, np.uint8),
    )
    picture = picture_of(cases, 'CompressedImage', COMPRESSED_IMAGE_TYPE, message)
    if picture is not None:
        assert picture.pixels.shape[:2] == (4, 6)
        check(cases, 'pixels of a CompressedImage', picture)


@given(
    size=mostly((6, 4), st.tuples(SIZES, SIZES)),
    roi=mostly((0, 0, 0, 0), st.tuples(SIZES, SIZES, SIZES, SIZES)),
    binning=mostly((0, 0), st.tuples(SIZES, SIZES)),
    k=matrix(K),
    p=matrix(P),
    d=st.lists(NUMBERS, max_size=15),
    r=matrix([1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0]),
    model=st.sampled_from(['plumb_bob', 'rational_polynomial', 'equidistant', '', 'x\ny']),
    fov=st.sampled_from([0.0, 1e-3, 90.0, 160.0]),
)
def test_camera_info(
    cases: Cases,
    size: tuple[int, int],
    roi: tuple[int, ...],
    binning: tuple[int, int],
    k: list[float],
    p: list[float],
    d: list[float],
    r: list[float],
    model: str,
    fov: float,
) -> None:
    x, y, width, height = roi
    message = message_type(CAMERA_INFO_TYPE)(
        header=header(1, 'camera'),
        width=size[0],
        height=size[1],
        distortion_model=model,
        d=np.array(d, np.float64),
        k=np.array(k),
        r=np.array(r),
        p=np.array(p),
        binning_x=binning[0],
        binning_y=binning[1],
        roi=message_type('sensor_msgs/msg/RegionOfInterest')(
            x_offset=x, y_offset=y, height=height, width=width, do_rectify=False
        ),
    )
    data = serialised(message, CAMERA_INFO_TYPE)
    info = cases.outcome('CameraInfo', lambda: read_camera_info(data))
    if info is None:
        return
    for seen in ((info.camera.width, info.camera.height), (6, 4), (3, 2)):
        camera = cases.outcome('camera of an image', partial(info.of_image, *seen))
        if camera is not None:
            assert (camera.width, camera.height) == seen
            assert min(camera.fx, camera.fy) > 0
            assert np.isfinite([camera.fx, camera.fy, camera.cx, camera.cy]).all()
    raw = np.arange(72, dtype=np.uint8).reshape(4, 6, 3)
    rectify = partial(Rectifying('always', fov).of_image, info.calibration, '/image', 6, 4)
    way = cases.outcome('rectification', rectify)
    if way is not None:
        seen = way.seen(way.camera)
        assert (seen.shape, seen.dtype) == ((4, 6), np.bool_)
        assert way.image(raw, way.camera).shape == (4, 6, 3)
        assert way.image(raw, way.camera.resized(3, 2)).shape == (2, 3, 3)
        depth_m = way.depth_m(np.ones((4, 6), np.float32))
        assert np.isnan(depth_m[~seen]).all()
    # What one makes of it may refuse it: a baseline that is not finite makes no rig.
    assert isinstance(info.baseline_m, float)


@given(
    width=mostly(2, SIZES),
    height=mostly(1, SIZES),
    point_step=mostly(12, st.sampled_from([0, 1, 16, 24, 2**31])),
    row_step=mostly(24, STEPS),
    is_bigendian=st.booleans(),
    size=mostly(24, st.sampled_from([0, 1, 12, 48, 96])),
    fields=st.just([('x', 0, 7, 1), ('y', 4, 7, 1), ('z', 8, 7, 1)])
    | st.lists(
        st.tuples(
            st.sampled_from(['x', 'y', 'z', 'x', 'y', 'z', 'intensity', '', 'a\nb']),
            st.sampled_from([0, 4, 8, 12, 2**32 - 1]),
            st.sampled_from([0, 1, 7, 7, 7, 8, 255]),
            st.sampled_from([0, 1, 2**32 - 1]),
        ),
        max_size=5,
    ),
)
def test_point_cloud(
    cases: Cases, size: int, fields: list[tuple[str, int, int, int]], **layout: Any
) -> None:
    field = message_type('sensor_msgs/msg/PointField')
    message = message_type(POINT_CLOUD_TYPE)(
        header=header(1, 'scanner'),
        fields=[field(name=n, offset=o, datatype=t, count=c) for n, o, t, c in fields],
        data=np.arange(size, dtype=np.uint8),
        is_dense=True,
        **layout,
    )
    data = serialised(message, POINT_CLOUD_TYPE)
    cloud = cases.outcome('PointCloud2', lambda: read_points(data))
    if cloud is not None:
        assert cloud.points_m.shape[1:] == (3,)
        assert cloud.points_m.dtype == np.float32
        assert np.isfinite(cloud.points_m).all()
