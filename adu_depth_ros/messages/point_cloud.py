# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Depth as a `PointCloud2` of coloured points, each with its standard deviation."""

import sys
from array import array

import numpy as np
from numpy.typing import NDArray
from sensor_msgs.msg import PointCloud2, PointField
from std_msgs.msg import Header

from adu_depth_core.camera import Camera
from adu_depth_core.inference.depth_points import FIELDS, POINT, DepthPoints, PointFilter
from adu_depth_core.inference.prediction import Prediction


class PointCloud:
    """One message that is filled again and again."""

    def __init__(self) -> None:
        self._points = DepthPoints()
        self._message = PointCloud2(
            height=1,
            fields=[
                PointField(name=name, offset=4 * place, datatype=PointField.FLOAT32, count=1)
                for place, name in enumerate(FIELDS)
            ],
            point_step=POINT.itemsize,
            is_bigendian=sys.byteorder == 'big',
            is_dense=True,
        )

    def message(
        self,
        header: Header,
        image: NDArray[np.uint8],
        camera: Camera,
        prediction: Prediction,
        chosen: PointFilter,
    ) -> PointCloud2:
        """
        Return the points of one image; the message is valid until the next call.

        Parameters
        ----------
        header : std_msgs/Header
            Of the image.
        image : (H, W, 3) uint8
            RGB.
        camera : Camera
            Of the same size.
        prediction : Prediction
            Of the same size.
        chosen : PointFilter

        """
        points = self._points(image, camera, prediction, chosen)
        self._message.header = header
        self._message.width = len(points)
        self._message.row_step = points.nbytes
        data = array('B')
        data.frombytes(points.data.cast('B') if len(points) else b'')
        self._message.data = data
        return self._message
