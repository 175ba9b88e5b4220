# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Parameters of the mono node that say which laser_scan it makes."""

from collections.abc import Callable
from typing import Any

from adu_depth_core.inference.planar_scan import ScanShape
from adu_depth_ros.nodes.parameters import Settable, Setting

# The first of two is below the second.
SCAN_ENDS = (
    ('scan_min_height', 'scan_max_height'),
    ('scan_min_angle', 'scan_max_angle'),
    ('scan_min_range', 'scan_max_range'),
)
SCAN = (
    Setting(
        'scan_min_height',
        -0.2,
        Settable.ALWAYS,
        'Lower end in metres of the band of heights that laser_scan looks at; from the camera '
        'upwards, so below it negative. Keep it above the floor.',
        limits=(-100.0, 100.0),
    ),
    Setting(
        'scan_max_height',
        0.0,
        Settable.ALWAYS,
        'Upper end in metres of that band.',
        limits=(-100.0, 100.0),
    ),
    Setting(
        'scan_min_angle',
        -1.57,
        Settable.ALWAYS,
        'First bearing of laser_scan in radians, left positive; what the camera does not see is '
        'left out.',
        limits=(-3.1416, 3.1416),
    ),
    Setting(
        'scan_max_angle',
        1.57,
        Settable.ALWAYS,
        'Last bearing in radians.',
        limits=(-3.1416, 3.1416),
    ),
    Setting(
        'scan_angle_increment',
        0.01,
        Settable.ALWAYS,
        'Radians from one bearing to the next.',
        limits=(0.0005, 0.5),
    ),
    Setting(
        'scan_min_range',
        0.5,
        Settable.ALWAYS,
        'Metres; what is nearer is not looked at.',
        limits=(0.0, 1000.0),
    ),
    Setting(
        'scan_max_range',
        20.0,
        Settable.ALWAYS,
        'Metres; what is farther is free.',
        limits=(0.1, 1000.0),
    ),
    Setting(
        'scan_max_std',
        0.0,
        Settable.ALWAYS,
        'Standard deviation in metres up to which depth is sure enough for laser_scan; 0 for no '
        'limit.',
        limits=(0.0, 1000.0),
    ),
    Setting(
        'scan_max_relative_std',
        0.2,
        Settable.ALWAYS,
        'The same as a fraction of the depth; 0 for no limit.',
        limits=(0.0, 10.0),
    ),
    Setting(
        'scan_pitch',
        0.0,
        Settable.ALWAYS,
        'Radians by which the camera looks down; not 0 needs scan_frame, a level frame at the '
        'lens.',
        limits=(-1.5, 1.5),
    ),
    Setting(
        'scan_frame',
        '',
        Settable.ALWAYS,
        "frame_id of laser_scan, at the lens, x forward, y left, z up; empty for the image's "
        'without _optical.',
    ),
)


def scan_shape(value: Callable[[str], Any]) -> ScanShape:
    """Return the scan that these parameters ask for."""
    return ScanShape(
        heights_m=(value('scan_min_height'), value('scan_max_height')),
        angles=(value('scan_min_angle'), value('scan_max_angle')),
        increment=value('scan_angle_increment'),
        ranges_m=(value('scan_min_range'), value('scan_max_range')),
        max_std_m=value('scan_max_std'),
        max_relative_std=value('scan_max_relative_std'),
        pitch=value('scan_pitch'),
        frame=value('scan_frame'),
    )
