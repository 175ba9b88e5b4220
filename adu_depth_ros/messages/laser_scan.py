# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Depth as a `LaserScan`."""

from array import array

from sensor_msgs.msg import LaserScan
from std_msgs.msg import Header

from adu_depth_core.errors import InputError
from adu_depth_core.inference.planar_scan import PlanarScan, ScanShape

OPTICAL = '_optical'


def laser_scan(header: Header, scan: PlanarScan, shape: ScanShape) -> LaserScan:
    """
    Return the message of a scan.

    Parameters
    ----------
    header : std_msgs/Header
        Of the image.
    scan : PlanarScan
    shape : ScanShape
        By which it was made.

    Raises
    ------
    InputError
        When the frame is not to be told.

    """
    ranges = array('f')
    ranges.frombytes(scan.ranges_m.tobytes())
    near, far = shape.ranges_m
    return LaserScan(
        header=Header(stamp=header.stamp, frame_id=scan_frame(header.frame_id, shape)),
        angle_min=scan.first,
        angle_max=scan.first + (len(ranges) - 1) * shape.increment,
        angle_increment=shape.increment,
        range_min=near,
        range_max=far,
        ranges=ranges,
    )


def scan_frame(image_frame: str, shape: ScanShape) -> str:
    """
    Return the frame of a scan: x forward, y left and z up at the lens, level where it is pitched.

    Raises
    ------
    InputError
        When it is neither given nor to be told from the image's.

    """
    if shape.frame:
        return shape.frame
    if shape.pitch:
        raise InputError(
            'scan_frame: is empty, and scan_pitch is not 0; name a level frame at the lens'
        )
    if OPTICAL not in image_frame:
        raise InputError(
            f'scan_frame: is empty, and the frame_id "{image_frame}" has no {OPTICAL} to leave '
            'out; name a frame at the lens with x forward, y left and z up'
        )
    return image_frame.replace(OPTICAL, '')
