# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The parameters of the stereo teacher node, and what a recording makes of them."""

from pathlib import Path
from typing import Any

from rclpy.node import Node

from adu_depth_core.errors import InputError
from adu_depth_core.user_paths import user_path
from adu_depth_ros.mono.mono_parameters import MONO_DEPTH, OF_RUNTIME
from adu_depth_ros.nodes.factor_parameters import FACTORS
from adu_depth_ros.nodes.parameters import Settable, Setting
from adu_depth_ros.stereo.sample_recording import GIGABYTE, RecordingOptions
from adu_depth_ros.stereo.sensor_parameters import SENSOR, TEACHER

_AS_IN_MONO_DEPTH = {setting.name: setting for setting in MONO_DEPTH}

STEREO_TEACHER = (
    TEACHER,
    Setting(
        'model',
        'teacher',
        Settable.UNCONFIGURED,
        'Model of a stereo teacher, for teacher network: teacher, which ships with the package, '
        'or the path of a .safetensors or .onnx; adu-depth train teacher writes both.',
    ),
    Setting(
        'block_matching',
        False,
        Settable.UNCONFIGURED,
        'Pool what the network says with block matching, where that answers: more exact, and at '
        '1242x375 about four times the time of the network on top. adu-depth label does so unless '
        'told otherwise.',
    ),
    *(_AS_IN_MONO_DEPTH[name] for name in (*OF_RUNTIME, 'camera_size', 'image_transport')),
    Setting(
        'pairing_slop',
        0.005,
        Settable.UNCONFIGURED,
        'By how many seconds the stamps of left and right image, or of image and teacher, may '
        'differ; 0 for equal ones alone.',
        limits=(0.0, 1.0),
    ),
    *SENSOR,
    *(_AS_IN_MONO_DEPTH[name] for name in ('max_image_pixels', 'max_depth', 'max_relative_std')),
    *(_AS_IN_MONO_DEPTH[name] for name in ('rectify', 'rectified_fov')),
    *FACTORS,
    Setting(
        'record_folder',
        '',
        Settable.ALWAYS,
        'Folder of recordings; that of this node is below it, named after its namespace, so that '
        'several cameras share a parameter file. ~ and environment variables are put in. It holds '
        'for the next recording.',
    ),
    Setting(
        'record_jpeg_quality',
        0,
        Settable.ALWAYS,
        'JPEG quality of recorded images, 0 for PNG. It holds for the next recording.',
        limits=(0, 100),
    ),
    Setting(
        'record_every',
        5,
        Settable.ALWAYS,
        'At most every so many pairs that come in are recorded. It holds for the next recording.',
        limits=(1, 1_000_000),
    ),
    Setting(
        'record_min_change',
        6.0,
        Settable.ALWAYS,
        'Grey levels by which a left image has to differ from the last recorded one: the mean '
        'absolute difference of 64x32 cells about their means, so neither noise nor a change of '
        'exposure counts; 0 for all. It holds for the next recording.',
        limits=(0.0, 255.0),
    ),
    Setting(
        'record_min_free_space',
        2.0,
        Settable.ALWAYS,
        'Space in GB that stays free on the disk; the recording stops there. It holds for the '
        'next recording.',
        limits=(0.0, 1e6),
    ),
    *(_AS_IN_MONO_DEPTH[name] for name in ('autostart', 'exit_on_failure')),
)


def recording_options(node: Node) -> RecordingOptions:
    """Return what the parameters of a node ask for; InputError where they name no folder."""
    values: dict[str, Any] = {
        setting.name.removeprefix('record_'): node.get_parameter(setting.name).value
        for setting in STEREO_TEACHER
        if setting.name.startswith('record_')
    }
    if not values['folder']:
        raise InputError('record_folder: is empty; set it to the folder of your recordings')
    return RecordingOptions(
        recording_folder(values['folder'], node.get_namespace()),
        values['jpeg_quality'] or None,
        values['every'],
        values['min_change'],
        values['min_free_space'] * GIGABYTE,
    )


def recording_folder(folder: str, namespace: str) -> Path:
    """Return the folder of a node: several cameras share a parameter file, but no recording."""
    return user_path(folder) / namespace.strip('/')
