# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Point clouds: sensor_msgs/PointCloud2 to and from arrays of points."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adu_depth_core.errors import InputError
from adu_depth_core.messages.cdr import deserialised, header, message_type, serialised, stamp_ns_of
from adu_depth_core.messages.types import POINT_CLOUD_TYPE

AXES = ('x', 'y', 'z')
COLUMNS = (*AXES, 'intensity')
# PointField.FLOAT32 and FLOAT64
FLOATS = {7: 'f4', 8: 'f8'}
FLOAT32 = 7


@dataclass(frozen=True)
class StampedPoints:
    """A point cloud: `points_m` is (N, 3) float32, x y z in metres in the frame `frame_id`."""

    stamp_ns: int
    frame_id: str
    points_m: NDArray[np.float32]


def read_points(data: bytes) -> StampedPoints:
    """
    Deserialise a PointCloud2, see `points_of`.

    Raises
    ------
    InputError
        As `points_of`, and when the bytes are no PointCloud2.

    """
    return points_of(deserialised(data, POINT_CLOUD_TYPE))


def points_of(cloud: Any) -> StampedPoints:
    """
    Return the points of a PointCloud2, be it of rclpy or of rosbags.

    Points that are not finite or exactly zero are dropped: both are how scanners say that nothing
    came back. x, y and z may stand anywhere in a point, as float32 or float64 in either byte
    order.

    Raises
    ------
    InputError
        When it lacks one of them, or holds fewer bytes than it promises.

    """
    points = np.empty((0, 3), np.float32)
    if cloud.width * cloud.height:
        records = _records(cloud).view(_point_type(cloud))
        with np.errstate(over='ignore'):  # float64 beyond float32 is infinite, hence dropped
            points = np.stack([records[axis].astype(np.float32).ravel() for axis in AXES], axis=1)
    points = points[np.isfinite(points).all(axis=1) & points.any(axis=1)]
    return StampedPoints(stamp_ns_of(cloud), cloud.header.frame_id, points)


def point_cloud_message(points: NDArray[np.floating], *, stamp_ns: int, frame_id: str) -> bytes:
    """Serialise (N, 3) points x y z in metres, or (N, 4) with their intensity, as float32."""
    points = np.ascontiguousarray(points, '<f4')
    count, columns = points.shape
    field = message_type('sensor_msgs/msg/PointField')
    message = message_type(POINT_CLOUD_TYPE)(
        header=header(stamp_ns, frame_id),
        height=1,
        width=count,
        fields=[
            field(name=name, offset=4 * index, datatype=FLOAT32, count=1)
            for index, name in enumerate(COLUMNS[:columns])
        ],
        is_bigendian=False,
        point_step=4 * columns,
        row_step=4 * columns * count,
        data=points.reshape(-1).view(np.uint8),
        is_dense=bool(np.isfinite(points).all()),
    )
    return serialised(message, POINT_CLOUD_TYPE)


def _records(cloud: Any) -> NDArray[np.uint8]:
    """View the bytes of a cloud as (height, width * point_step), without the padding of rows."""
    row = cloud.width * cloud.point_step
    # The only row of a cloud without order needs no step, and some writers give none.
    step = cloud.row_step if cloud.height > 1 else row
    if step < row:
        raise InputError(f'row_step {step} is less than {cloud.width} * {cloud.point_step} bytes')
    data = np.asarray(cloud.data, np.uint8)
    if data.size < cloud.height * step:
        raise InputError(
            f'{data.size} bytes of data are fewer than the {cloud.height * step} of '
            f'{cloud.width}x{cloud.height} points'
        )
    rows = data[: cloud.height * step].reshape(cloud.height, step)
    return np.ascontiguousarray(rows[:, :row])


def _point_type(cloud: Any) -> 'np.dtype[np.void]':
    fields = {field.name: field for field in cloud.fields}
    if missing := [axis for axis in AXES if axis not in fields]:
        known = ', '.join(' '.join(name.split()) for name in fields) or 'none at all'
        raise InputError(f'the points have no field {missing[0]}; they have {known}')
    order = '>' if cloud.is_bigendian else '<'
    formats, offsets = [], []
    for axis in AXES:
        kind = FLOATS.get(fields[axis].datatype)
        if kind is None:
            raise InputError(
                f'field {axis} is of type {fields[axis].datatype}, not FLOAT32 (7) or FLOAT64 (8)'
            )
        formats.append(np.dtype(order + kind))
        offsets.append(fields[axis].offset)
        if offsets[-1] + formats[-1].itemsize > cloud.point_step:
            raise InputError(f'field {axis} is not within the {cloud.point_step} bytes of a point')
    return np.dtype(
        {'names': AXES, 'formats': formats, 'offsets': offsets, 'itemsize': cloud.point_step}
    )
