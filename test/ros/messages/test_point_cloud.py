# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Points from depth: where they are, what they carry, which are left out."""

import importlib.util

import numpy as np
import pytest
from sensor_msgs.msg import PointCloud2, PointField
from std_msgs.msg import Header

from adu_depth_core.camera import Camera
from adu_depth_core.inference.depth_points import PointFilter
from adu_depth_core.inference.predictor import Prediction
from adu_depth_ros.messages.point_cloud import PointCloud

CAMERA = Camera(3, 2, fx=2.0, fy=4.0, cx=1.0, cy=0.0)
DEPTH = np.array([[2.0, 4.0, 8.0], [np.nan, 4.0, 8.0]], np.float32)
STD = np.array([[0.1, 0.2, 0.9], [np.nan, 0.4, 0.8]], np.float32)
IMAGE = np.arange(18, dtype=np.uint8).reshape(2, 3, 3)
PREDICTION = Prediction(DEPTH, STD)
ALL = PointFilter()

needs_reader = pytest.mark.skipif(
    importlib.util.find_spec('sensor_msgs_py') is None, reason='sensor_msgs_py is not installed'
)


def cloud(chosen: PointFilter = ALL, maker: PointCloud | None = None) -> PointCloud2:
    header = Header(frame_id='camera_optical_frame')
    return (maker or PointCloud()).message(header, IMAGE, CAMERA, PREDICTION, chosen)


def points(message: PointCloud2) -> np.ndarray:
    """Read by what the message says of itself."""
    kinds = {PointField.FLOAT32: np.float32}
    record = np.dtype(
        {
            'names': [field.name for field in message.fields],
            'formats': [kinds[field.datatype] for field in message.fields],
            'offsets': [field.offset for field in message.fields],
            'itemsize': message.point_step,
        }
    )
    assert message.row_step == message.point_step * message.width
    assert len(message.data) == message.row_step * message.height
    return np.frombuffer(message.data, record)


def positions(message: PointCloud2) -> list[list[float]]:
    read = points(message)
    return np.stack([read['x'], read['y'], read['z']], axis=-1).tolist()


def test_every_known_pixel_becomes_the_point_it_shows() -> None:
    message = cloud()
    expected = [[-1, 0, 2], [0, 0, 4], [4, 0, 8], [0, 1, 4], [4, 2, 8]]
    assert positions(message) == expected
    assert message.is_dense
    assert message.header.frame_id == 'camera_optical_frame'


def test_points_are_those_of_the_camera_itself() -> None:
    expected = CAMERA.back_project(DEPTH).reshape(-1, 3)
    np.testing.assert_allclose(positions(cloud()), expected[~np.isnan(DEPTH.ravel())])


def test_points_carry_colour_and_standard_deviation() -> None:
    read = points(cloud())
    colours = np.ascontiguousarray(read['rgb']).view(np.uint32)
    assert [hex(colour) for colour in colours[:2]] == ['0x102', '0x30405']
    assert hex(colours[-1]) == '0xf1011'
    np.testing.assert_array_equal(read['std'], STD[~np.isnan(STD)])


def test_stride_takes_every_second_row_and_column() -> None:
    assert positions(cloud(PointFilter(stride=2))) == [[-1, 0, 2], [4, 0, 8]]


def test_uncertain_points_are_left_out() -> None:
    assert points(cloud(PointFilter(max_std_m=0.4)))['std'].tolist() == pytest.approx(
        [0.1, 0.2, 0.4]
    )


def test_range_is_the_distance_from_the_camera_not_depth() -> None:
    chosen = PointFilter(max_range_m=np.sqrt(80) + 1e-3)  # of (4, 0, 8); (4, 2, 8) is farther
    assert positions(cloud(chosen))[2:] == [[4, 0, 8], [0, 1, 4]]


def test_nothing_known_gives_an_empty_cloud() -> None:
    message = cloud(PointFilter(max_range_m=0.5))
    assert (message.width, message.height, len(message.data)) == (0, 1, 0)
    assert len(points(message)) == 0


def test_another_camera_or_stride_is_noticed() -> None:
    maker = PointCloud()
    cloud(maker=maker)
    assert positions(cloud(PointFilter(stride=2), maker)) == [[-1, 0, 2], [4, 0, 8]]
    shifted = Camera(3, 2, fx=2.0, fy=4.0, cx=0.0, cy=0.0)
    message = maker.message(Header(), IMAGE, shifted, PREDICTION, PointFilter())
    assert positions(message)[0] == [0, 0, 2]


def test_grey_image_seen_through_one_channel_gives_grey_points() -> None:
    grey = np.broadcast_to(np.full((2, 3, 1), 7, np.uint8), (2, 3, 3))
    message = PointCloud().message(Header(), grey, CAMERA, PREDICTION, PointFilter())
    assert set(np.ascontiguousarray(points(message)['rgb']).view(np.uint32)) == {0x070707}


@needs_reader
def test_the_reader_of_ros_reads_the_same_points() -> None:
    from sensor_msgs_py.point_cloud2 import read_points

    read = read_points(cloud(), skip_nans=True)
    assert read.dtype.names == ('x', 'y', 'z', 'rgb', 'std')
    assert len(read) == 5
    assert read['x'].tolist() == [-1, 0, 4, 0, 4]
    assert read['std'].tolist() == STD[~np.isnan(STD)].tolist()
