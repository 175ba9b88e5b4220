# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The parameters that make another sensor the teacher, and the teacher that they describe."""

from pathlib import Path
from typing import Any

from rclpy.node import Node

from adu_depth_core.bags.transforms import Transforms
from adu_depth_core.inference.sensor_teachers import (
    DepthTeacher,
    DisparityTeacher,
    FindMatrix,
    PointsTeacher,
    SensorTeacher,
)
from adu_depth_core.samples.depth_noise import ConfidenceScale, DepthNoise
from adu_depth_core.user_paths import user_path
from adu_depth_ros.nodes.parameters import Settable, Setting

NETWORK = 'network'
TEACHERS = (NETWORK, 'disparity', 'depth', 'points')
LARGEST_CONFIDENCE = 1e6
_NOISE, _SCALE = DepthNoise(), ConfidenceScale()

TEACHER = Setting(
    'teacher',
    NETWORK,
    Settable.UNCONFIGURED,
    'Who says how far things are: network for the stereo teacher of model; or another sensor on '
    'the topic of that name below teacher/: disparity of another stereo system, depth images '
    'registered to the left image, or points of a laser scanner, which are recorded as truth.',
    choices=TEACHERS,
)
SENSOR = (
    Setting(
        'disparity_std',
        _NOISE.disparity_std_px,
        Settable.UNCONFIGURED,
        'Standard deviation of a disparity in px, of teacher disparity and of depth with a '
        'depth_baseline: depth is then off by depth^2 disparity_std / (focal length baseline).',
        limits=(0.01, 100.0),
    ),
    Setting(
        'relative_std',
        _NOISE.least_relative_std,
        Settable.UNCONFIGURED,
        'Least standard deviation of what teacher disparity or depth says, as a fraction of the '
        'depth.',
        limits=(0.0001, 1.0),
    ),
    Setting(
        'depth_baseline',
        0.0,
        Settable.UNCONFIGURED,
        'Baseline in metres of a depth camera that triangulates; 0 for one that does not (time '
        'of flight), whose error is relative_std alone.',
        limits=(0.0, 20.0),
    ),
    Setting(
        'use_confidence',
        False,
        Settable.UNCONFIGURED,
        'Whether teacher depth comes with confidence images, on teacher/confidence.',
    ),
    Setting(
        'confidence_best',
        _SCALE.best,
        Settable.UNCONFIGURED,
        'Number in a confidence image that means full confidence. Where it is half as much, the '
        'standard deviation is twice as large.',
        limits=(-LARGEST_CONFIDENCE, LARGEST_CONFIDENCE),
    ),
    Setting(
        'confidence_worst',
        _SCALE.worst,
        Settable.UNCONFIGURED,
        'Number in a confidence image that means no confidence: there depth is unknown.',
        limits=(-LARGEST_CONFIDENCE, LARGEST_CONFIDENCE),
    ),
    Setting(
        'points_std',
        0.03,
        Settable.UNCONFIGURED,
        'Standard deviation in metres that is published for the points of teacher points.',
        limits=(0.001, 10.0),
    ),
    Setting(
        'extrinsics',
        '',
        Settable.UNCONFIGURED,
        'YAML file that says how the scanner of teacher points stands to the camera; empty for '
        '/tf_static. ~ and environment variables are put in.',
    ),
)


def sensor_teacher(node: Node, of_tf: FindMatrix) -> SensorTeacher:
    """
    Return the sensor that the parameters of a node describe; `teacher` must not be network.

    `of_tf` knows what /tf_static says. Raises InputError where the description cannot be.
    """

    def value(name: str) -> Any:
        return node.get_parameter(name).value

    if value('teacher') == 'points':
        file = extrinsics_file(node)
        return PointsTeacher(
            Transforms.of_file(file).matrix if file else of_tf, value('points_std')
        )
    noise = DepthNoise(value('disparity_std'), value('relative_std'))
    if value('teacher') == 'disparity':
        return DisparityTeacher(noise)
    scale = None
    if value('use_confidence'):
        scale = ConfidenceScale(value('confidence_best'), value('confidence_worst'))
    return DepthTeacher(noise, value('depth_baseline'), scale)


def needs_tf(node: Node) -> bool:
    """Tell whether a node needs /tf_static: for points, where no file says how they lie."""
    is_points = node.get_parameter('teacher').value == 'points'
    return is_points and extrinsics_file(node) is None


def extrinsics_file(node: Node) -> Path | None:
    """Return the file that `extrinsics` names, None where it is empty."""
    text = node.get_parameter('extrinsics').value
    return user_path(text) if text else None
