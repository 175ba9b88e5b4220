# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Points of PointCloud2 messages, however they are packed."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from adu_depth_core.bags import open_bag, read_points
from adu_depth_core.errors import InputError
from adu_depth_core.messages.cdr import deserialised, header, message_type, serialised
from adu_depth_core.messages.clouds import point_cloud_message
from adu_depth_core.messages.types import POINT_CLOUD_TYPE

POINTS = np.array([[1.5, -2, 3], [4, 5, -6.25], [7, 8, 9], [0, 0.5, 1]], np.float32)
FLOAT32, FLOAT64, INT16 = 7, 8, 3


def cloud(
    data: bytes, fields: list[tuple[str, int, int]], *, step: int, width: int = 4, **changes: Any
) -> bytes:
    """Serialise a cloud of one row whose fields are (name, offset, datatype)."""
    field = message_type('sensor_msgs/msg/PointField')
    values = {
        'header': header(1, 'laser'),
        'height': 1,
        'width': width,
        'fields': [field(name=n, offset=o, datatype=d, count=1) for n, o, d in fields],
        'is_bigendian': False,
        'point_step': step,
        'row_step': step * width,
        'data': np.frombuffer(data, np.uint8),
        'is_dense': True,
    }
    return serialised(message_type(POINT_CLOUD_TYPE)(**{**values, **changes}), POINT_CLOUD_TYPE)


def packed(kind: str, *, offsets: tuple[int, ...] = (2, 14, 23), step: int = 40) -> bytes:
    """Return records with x, y, z at odd places and rubbish around them."""
    layout = np.dtype(
        {'names': list('xyz'), 'formats': [kind] * 3, 'offsets': offsets, 'itemsize': step}
    )
    records = np.full(len(POINTS) * step, 0xEE, np.uint8).view(layout)
    for axis, column in zip('xyz', POINTS.T, strict=True):
        records[axis] = column
    return records.tobytes()


XYZ = [('x', 0, FLOAT32), ('y', 4, FLOAT32), ('z', 8, FLOAT32)]


def test_points_come_back_with_stamp_and_frame() -> None:
    data = point_cloud_message(POINTS, stamp_ns=1_000_000_007, frame_id='laser')
    found = read_points(data)
    assert (found.stamp_ns, found.frame_id, found.points_m.dtype) == (
        1_000_000_007,
        'laser',
        np.float32,
    )
    np.testing.assert_array_equal(found.points_m, POINTS)


def test_intensity_is_a_field_beside_the_points() -> None:
    four = np.hstack([POINTS, np.arange(4, dtype=np.float32)[:, None]])
    data = point_cloud_message(four, stamp_ns=0, frame_id='laser')
    message = deserialised(data, POINT_CLOUD_TYPE)
    assert [field.name for field in message.fields] == ['x', 'y', 'z', 'intensity']
    np.testing.assert_array_equal(message.data.view(np.float32).reshape(-1, 4), four)
    np.testing.assert_array_equal(read_points(data).points_m, POINTS)


@pytest.mark.parametrize(
    ('kind', 'datatype'), [('<f4', FLOAT32), ('>f4', FLOAT32), ('<f8', FLOAT64), ('>f8', FLOAT64)]
)
def test_fields_may_stand_anywhere_in_either_byte_order(kind: str, datatype: int) -> None:
    fields = [('ring', 0, INT16), ('z', 23, datatype), ('x', 2, datatype), ('y', 14, datatype)]
    data = cloud(packed(kind), fields, step=40, is_bigendian=kind[0] == '>')
    np.testing.assert_array_equal(read_points(data).points_m, POINTS)


def test_rows_may_be_padded() -> None:
    rows = np.full((2, 2 * 12 + 5), 0xEE, np.uint8)
    rows[:, :24] = POINTS.reshape(2, 6).view(np.uint8)
    data = cloud(rows.tobytes(), XYZ, step=12, width=2, height=2, row_step=29)
    np.testing.assert_array_equal(read_points(data).points_m, POINTS)


def test_points_that_are_not_finite_are_dropped() -> None:
    spoilt = POINTS.copy()
    spoilt[1, 2], spoilt[2, 0] = np.nan, np.inf
    data = point_cloud_message(spoilt, stamp_ns=0, frame_id='laser')
    assert not deserialised(data, POINT_CLOUD_TYPE).is_dense
    np.testing.assert_array_equal(read_points(data).points_m, POINTS[[0, 3]])
    fields = [('x', 0, FLOAT64), ('y', 8, FLOAT64), ('z', 16, FLOAT64)]
    data = cloud(np.array([1e300, 0, 0, 1, 2, 3]).tobytes(), fields, step=24, width=2)
    np.testing.assert_array_equal(read_points(data).points_m, [[1, 2, 3]])


def test_points_in_the_scanner_itself_are_dropped() -> None:
    points = np.array([[0, 0, 0], [0, 0, 2], [-0.0, 0, -0.0], [1e-3, 0, 0]], np.float32)
    data = point_cloud_message(points, stamp_ns=0, frame_id='laser')
    np.testing.assert_array_equal(read_points(data).points_m, points[[1, 3]])


def test_cloud_without_points_is_empty() -> None:
    for data in (
        point_cloud_message(np.empty((0, 3), np.float32), stamp_ns=0, frame_id='laser'),
        cloud(b'', [], step=0, width=0),
    ):
        assert read_points(data).points_m.shape == (0, 3)


@pytest.mark.parametrize(
    ('fields', 'changes', 'words'),
    [
        (XYZ[:2], {}, 'no field z; they have x, y'),
        ([], {}, 'no field x; they have none at all'),
        ([*XYZ[:2], ('z', 8, INT16)], {}, 'field z is of type 3, not FLOAT32'),
        ([*XYZ[:2], ('z', 9, FLOAT32)], {}, 'field z is not within the 12 bytes'),
        (XYZ, {'width': 5}, '48 bytes of data are fewer than the 60 of 5x1 points'),
        (XYZ, {'width': 2**32 - 1, 'row_step': 0}, 'fewer than the 51539607540'),
        (XYZ, {'height': 2, 'row_step': 20}, r'row_step 20 is less than 4 \* 12'),
        (XYZ, {'point_step': 0}, 'not within the 0 bytes'),
    ],
)
def test_cloud_that_cannot_be_is_refused(
    fields: list[tuple[str, int, int]], changes: dict[str, Any], words: str
) -> None:
    with pytest.raises(InputError, match=words):
        read_points(cloud(POINTS.tobytes(), fields, step=12, **changes))


def refusal(data: bytes) -> str:
    try:
        read_points(data)
    except InputError as error:
        return str(error)
    return ''


def test_whatever_is_cut_or_changed_is_read_or_refused() -> None:
    whole = cloud(packed('<f4'), [('x', 2, 7), ('y', 14, 7), ('z', 23, 7)], step=40)
    generator = np.random.default_rng(0)
    for length in range(len(whole) - 4):
        with pytest.raises(InputError):
            read_points(whole[:length])
    for _ in range(2000):
        spoilt = bytearray(whole)
        for at in generator.integers(0, len(spoilt), generator.integers(1, 4)):
            spoilt[at] = generator.integers(256)
        assert '\n' not in refusal(bytes(spoilt))


@pytest.mark.real_data
def test_recorded_cloud_is_read(data_root: Path) -> None:
    with open_bag(data_root / 'bags' / 'rosbag2_2025_09_10-13_03_56_0.mcap') as bag:
        (message,) = bag.messages(['/point_cloud2'])
    found = read_points(message.data)
    assert found.frame_id == 'base_link'
    assert found.points_m.shape == (200, 3)
