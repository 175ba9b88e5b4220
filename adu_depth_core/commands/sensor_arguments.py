# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Arguments that make another sensor of a robot the teacher, and what is known of that sensor."""

import argparse
from collections.abc import Callable, Mapping
from pathlib import Path

from adu_depth_core.bags.reader import Bag
from adu_depth_core.bags.sensor_topics import Role
from adu_depth_core.bags.transforms import Transforms
from adu_depth_core.commands.arguments import not_negative
from adu_depth_core.errors import InputError
from adu_depth_core.inference.sensor_teachers import (
    DepthTeacher,
    DisparityTeacher,
    PointsTeacher,
    SensorTeacher,
)
from adu_depth_core.samples.depth_noise import ConfidenceScale, DepthNoise

# What goes into the note of a recording: with another value its labels would be others.
KNOWN = (
    *('disparity_std', 'relative_std', 'depth_baseline', 'confidence_best', 'confidence_worst'),
    'extrinsics',
)


def add_teachers(teacher: argparse._MutuallyExclusiveGroup) -> None:
    """Add the sensors among which, and other teachers, one is chosen."""
    teacher.add_argument('--disparity-topic', help='DisparityImage of another stereo system')
    teacher.add_argument('--depth-topic', help='depth images registered to the camera')
    teacher.add_argument(
        '--scan-topic', dest='points_topic', help='PointCloud2 of a laser scanner: true depth'
    )


def add_knowledge(parser: argparse.ArgumentParser) -> None:
    """Add what is known of the sensor."""
    noise, scale = DepthNoise(), ConfidenceScale()
    group = parser.add_argument_group('sensors of a bag')
    group.add_argument('--confidence-topic', help='confidence images of --depth-topic')
    numbers: list[tuple[str, float, Callable[[str], float], str]] = [
        ('disparity-std', noise.disparity_std_px, not_negative, 'error of disparity in px'),
        ('relative-std', noise.least_relative_std, not_negative, 'least error, share of depth'),
        ('depth-baseline', 0.0, not_negative, 'of a depth camera that triangulates, in m'),
        ('confidence-best', scale.best, float, 'number of full confidence'),
        ('confidence-worst', scale.worst, float, 'number of no confidence'),
    ]
    for name, default, kind, text in numbers:
        group.add_argument(
            f'--{name}', type=kind, default=default, help=f'{text} (default: {default:g})'
        )
    group.add_argument(
        '--extrinsics', type=Path, help='YAML for --scan-topic, where the bag has no tf_static'
    )


def said_topics(options: argparse.Namespace) -> Mapping[Role, str]:
    """
    Return the topic of each kind of message that the chosen sensor speaks in; empty without one.

    Raises InputError where arguments do not go together.
    """
    roles: tuple[Role, ...] = ('disparity', 'depth', 'points', 'confidence')
    said = {role: name for role in roles if (name := getattr(options, f'{role}_topic'))}
    if 'confidence' in said and 'depth' not in said:
        raise InputError('--confidence-topic: goes with --depth-topic')
    if options.extrinsics and 'points' not in said:
        raise InputError('--extrinsics: goes with --scan-topic')
    if said and not options.data.startswith('bag:'):
        topic = next(iter(said.values()))
        raise InputError(f'{topic}: {options.data} has no topics; give --data bag:FOLDER')
    return said


def sensor_teacher(
    options: argparse.Namespace, said: Mapping[Role, str], bag: Bag
) -> SensorTeacher:
    """Return the chosen sensor; InputError where what is known of it cannot be."""
    noise = DepthNoise(options.disparity_std, options.relative_std)
    if 'disparity' in said:
        return DisparityTeacher(noise)
    if 'points' in said:
        return PointsTeacher(Transforms.of_file_or_bag(options.extrinsics, bag).matrix)
    scale = ConfidenceScale(options.confidence_best, options.confidence_worst)
    return DepthTeacher(noise, options.depth_baseline, scale if 'confidence' in said else None)


def sensor_note(options: argparse.Namespace, said: Mapping[Role, str]) -> dict[str, object] | None:
    """Return what a recording keeps of the sensor that labelled it; None without one."""
    if not said:
        return None
    known = {name: getattr(options, name) for name in KNOWN}
    if known['extrinsics'] is not None:
        known['extrinsics'] = str(known['extrinsics'])
    return {**{f'{role}_topic': topic for role, topic in said.items()}, **known}
