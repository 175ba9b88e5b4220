# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Scans of planes whose distance is known by geometry: hit, free, hidden, unsure."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sensor_msgs.msg import LaserScan
from std_msgs.msg import Header

from adu_depth_core.camera import Camera
from adu_depth_core.errors import InputError
from adu_depth_core.inference.planar_scan import Scanner, ScanShape
from adu_depth_core.inference.predictor import Prediction
from adu_depth_ros.messages.laser_scan import laser_scan, scan_frame

CAMERA = Camera(201, 101, fx=100.0, fy=100.0, cx=100.0, cy=50.0)
FLOOR_M = 1.0  # below the camera
SHAPE = ScanShape(heights_m=(-0.8, 0.0), increment=0.02, ranges_m=(0.5, 20.0))


def message(
    scanner: Scanner, header: Header, camera: Camera, prediction: Prediction, shape: ScanShape
) -> LaserScan:
    return laser_scan(header, scanner(camera, prediction, shape), shape)


def seen(depth_m: np.ndarray, relative_std: float = 0.01) -> Prediction:
    depth = np.asarray(depth_m, np.float32)
    return Prediction(depth, relative_std * depth)


def wall(distance_m: float) -> np.ndarray:
    """Depth of a wall that stands across the view, from the floor up."""
    down = CAMERA.rays()[..., 1]
    with np.errstate(divide='ignore'):
        floor = np.where(down > 0, FLOOR_M / down, np.inf)
    return np.minimum(floor, distance_m)


def scan(
    prediction: Prediction, shape: ScanShape = SHAPE, frame: str = 'camera_optical_frame'
) -> LaserScan:
    return message(Scanner(), Header(frame_id=frame), CAMERA, prediction, shape)


def bearings(message: LaserScan) -> np.ndarray:
    return message.angle_min + np.arange(len(message.ranges)) * message.angle_increment


def test_wall_across_the_view_is_as_far_as_geometry_says() -> None:
    message = scan(seen(wall(4.0)))
    # A ray at bearing a meets a plane 4 m ahead after 4 / cos(a) metres.
    expected = 4.0 / np.cos(bearings(message))
    np.testing.assert_allclose(message.ranges, expected, rtol=0.02)
    assert message.angle_min == pytest.approx(-math.pi / 4)
    assert message.angle_max == pytest.approx(math.pi / 4, abs=0.02)
    assert (message.range_min, message.range_max) == (0.5, 20.0)


def test_bearings_grow_to_the_left() -> None:
    depth = wall(8.0)
    depth[:, :50] = np.minimum(depth[:, :50], 3.0)  # columns left of 26.6 degrees
    message = scan(seen(depth))
    left = np.array(message.ranges)[bearings(message) > math.radians(28)]
    right = np.array(message.ranges)[bearings(message) < math.radians(25)]
    assert left.max() < 3.0 * math.sqrt(2) + 0.1
    assert right.min() > 7.9


def test_what_is_sure_beyond_the_range_is_free() -> None:
    assert np.isposinf(scan(seen(wall(25.0))).ranges).all()


def test_unknown_and_unsure_is_not_free() -> None:
    assert np.isnan(scan(seen(np.full((101, 201), np.nan))).ranges).all()
    unsure = SHAPE._replace(max_relative_std=0.2)
    assert np.isnan(scan(seen(wall(25.0), 0.3), unsure).ranges).all()
    assert np.isposinf(scan(seen(wall(25.0), 0.1), unsure).ranges).all()
    in_metres = SHAPE._replace(max_std_m=0.5)
    assert np.isnan(scan(seen(wall(25.0), 0.1), in_metres).ranges).all()


def test_one_unsure_ray_makes_its_bearing_unknown_alone() -> None:
    depth = wall(25.0)
    depth[60, 100] = np.nan  # straight ahead, below the horizon
    message = scan(seen(depth))
    ahead = int(np.argmin(np.abs(bearings(message))))
    unknown = np.flatnonzero(np.isnan(message.ranges))
    assert unknown.tolist() == [ahead]


def test_nearest_sure_point_counts_beside_an_unsure_one() -> None:
    depth = wall(6.0)
    prediction = seen(depth)
    prediction.depth_m[52, 100], prediction.std_m[52, 100] = 2.0, 1.9
    message = scan(prediction, SHAPE._replace(max_relative_std=0.2))
    ahead = int(np.argmin(np.abs(bearings(message))))
    assert message.ranges[ahead] == pytest.approx(6.0, rel=0.01)


@pytest.mark.parametrize(
    ('heights', 'sees'), [((-0.8, 0.0), True), ((-0.3, 0.0), False), ((0.1, 0.5), False)]
)
def test_band_decides_what_is_an_obstacle(heights: tuple[float, float], sees: bool) -> None:
    """A box 0.5 m high stands 3 m ahead on the floor, and far behind it a wall."""
    down = CAMERA.rays()[..., 1]
    depth = wall(30.0)
    hit = (down * 3.0 > FLOOR_M - 0.5) & (down * 3.0 < FLOOR_M)
    depth[hit] = 3.0
    found = scan(seen(depth), SHAPE._replace(heights_m=heights)).ranges
    assert np.isfinite(found).all() == sees
    if not sees:
        assert np.isposinf(found).all()


def test_sky_that_nobody_knows_does_not_matter_below_the_camera() -> None:
    depth = wall(30.0)
    depth[:50] = np.nan
    assert np.isposinf(scan(seen(depth)).ranges).all()
    above = SHAPE._replace(heights_m=(-0.8, 1.0))
    assert np.isnan(scan(seen(depth), above).ranges).all()


def test_what_stands_before_the_band_hides_it() -> None:
    """The band is below 1 m under the lens; a table at 0.5 m hides it."""
    down = CAMERA.rays()[..., 1]
    with np.errstate(divide='ignore'):
        table = np.where(down > 0, 0.5 / down, np.inf)
    shape = SHAPE._replace(heights_m=(-2.0, -1.0), ranges_m=(2.5, 20.0))
    assert np.isnan(scan(seen(table), shape).ranges).all()


def test_camera_that_looks_down_sees_the_same_wall() -> None:
    pitch = 0.3
    y = CAMERA.rays()[..., 1].astype(float)
    # In the level frame a ray goes ahead and up like this.
    ahead = math.cos(pitch) - y * math.sin(pitch)
    up = -math.sin(pitch) - y * math.cos(pitch)
    with np.errstate(divide='ignore'):
        depth = np.minimum(4.0 / ahead, np.where(up < 0, FLOOR_M / -up, np.inf))
    shape = SHAPE._replace(pitch=pitch, frame='level')
    message = scan(seen(depth), shape)
    ranges, ends = np.array(message.ranges), bearings(message)
    middle = np.abs(ends) < 0.6
    np.testing.assert_allclose(ranges[middle], 4.0 / np.cos(ends[middle]), rtol=0.03)
    assert message.header.frame_id == 'level'


@pytest.mark.parametrize(
    ('image', 'expected'),
    [
        ('camera_optical_frame', 'camera_frame'),
        ('zed_left_camera_frame_optical', 'zed_left_camera_frame'),
        ('/cam_optical', '/cam'),
    ],
)
def test_frame_of_the_scan_is_that_of_the_lens(image: str, expected: str) -> None:
    assert scan_frame(image, SHAPE) == expected
    assert scan_frame(image, SHAPE._replace(frame='base')) == 'base'


def test_frame_that_cannot_be_told_is_asked_for() -> None:
    with pytest.raises(InputError, match='the frame_id "cam0" has no _optical to leave out'):
        scan(seen(wall(4.0)), frame='cam0')
    with pytest.raises(InputError, match='scan_pitch is not 0; name a level frame'):
        scan(seen(wall(4.0)), SHAPE._replace(pitch=0.1))


def test_bearings_that_nobody_sees_are_refused() -> None:
    with pytest.raises(InputError, match=r'0 bearings from 2 to 3 rad; the camera sees -0\.785'):
        scan(seen(wall(4.0)), SHAPE._replace(angles=(2.0, 3.0)))


def test_camera_of_another_size_is_prepared_anew() -> None:
    scanner, header = Scanner(), Header(frame_id='a_optical')
    message(scanner, header, CAMERA, seen(wall(4.0)), SHAPE)
    small = Camera(51, 26, 25.0, 25.0, 25.0, 12.5)
    found = message(scanner, header, small, seen(np.full((26, 51), 9.0)), SHAPE)
    assert np.nanmin(found.ranges) == pytest.approx(9.0)


number = st.floats(-2, 2) | st.sampled_from([0.0, -0.0, 1e-300, 100.0, -100.0])
pixel = st.sampled_from([0.0, -1.0, 1e-3, 1.0, 5.0, 19.9, 20.0, 79.0, np.nan, np.inf, 1e30])


@given(st.data())
def test_any_scan_keeps_its_promises(data: st.DataObject) -> None:
    """Ranges are between the ends, +inf or NaN, as many as the angles say, or it is refused."""
    width, height = data.draw(st.integers(1, 6)), data.draw(st.integers(1, 5))
    focal = data.draw(st.floats(0.2, 50))
    camera = Camera(width, height, focal, focal, data.draw(number), data.draw(number))
    low, high = sorted(data.draw(st.tuples(number, number)))
    first, last = sorted(data.draw(st.tuples(number, number)))
    shape = ScanShape(
        (low, high),
        (first, last),
        data.draw(st.floats(0.0005, 0.5)),
        (data.draw(st.floats(0, 0.5)), data.draw(st.floats(0.6, 50))),
        data.draw(st.sampled_from([0.0, 0.5])),
        data.draw(st.sampled_from([0.0, 0.2])),
        data.draw(st.floats(-1.5, 1.5)),
        'level',
    )
    values = data.draw(st.lists(pixel, min_size=width * height, max_size=width * height))
    depth = np.array(values, np.float32).reshape(height, width)
    with np.errstate(over='ignore', invalid='ignore'):
        prediction = seen(depth, data.draw(st.sampled_from([0.01, 0.3])))
        try:
            found = message(Scanner(), Header(), camera, prediction, shape)
        except InputError:
            return
    ranges = np.array(found.ranges)
    steps = (found.angle_max - found.angle_min) / found.angle_increment
    assert len(ranges) == round(steps) + 1
    finite = ranges[np.isfinite(ranges)]
    assert not np.isneginf(ranges).any()
    assert (finite >= found.range_min - 1e-4).all()
    assert (finite <= found.range_max * 1.0001).all()
