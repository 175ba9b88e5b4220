# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Parameters of the mono node that correct scale and deviation, once or while it runs."""

from adu_depth_ros.nodes.factor_parameters import FACTORS
from adu_depth_ros.nodes.parameters import Settable, Setting

TRUTHS = 'points', 'range'
CALIBRATION = (
    *FACTORS,
    Setting(
        'online_truth',
        'none',
        Settable.UNCONFIGURED,
        'Sparse truth that keeps the standard deviation honest while the node runs: points '
        '(PointCloud2 on truth/points), range (Range on truth/range), or none.',
        choices=('none', *TRUTHS),
    ),
    Setting(
        'online_extrinsics',
        '',
        Settable.UNCONFIGURED,
        'Path of a YAML file that says how the sensor of truth lies to the camera; empty for '
        '/tf_static.',
    ),
    Setting(
        'online_gain',
        0.05,
        Settable.ALWAYS,
        'By how much ln of the on-line factor grows with a truth that is all outside the 90 % '
        'interval, instead of inside; the factor stays within 0.25 and 4.',
        limits=(0.001, 0.5),
    ),
    Setting(
        'online_max_offset',
        0.05,
        Settable.ALWAYS,
        'By how many seconds the stamp of truth may differ from that of its image.',
        limits=(0.0, 1.0),
    ),
)
