# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Parameters of every depth node that correct scale and deviation, once or while it runs."""

from collections.abc import Callable
from typing import Any

from adu_depth_core.inference.factors import LEAST, MOST, Factors, read_factors
from adu_depth_core.user_paths import user_path
from adu_depth_ros.nodes.parameters import Settable, Setting
from adu_depth_ros.nodes.running_model import RunningModel

FACTORS = (
    Setting(
        'calibration',
        '',
        Settable.UNCONFIGURED,
        'Path of a file of adu-depth calibrate, whose factors are taken; empty for none. It must '
        'be of the same model.',
    ),
    Setting(
        'depth_scale',
        1.0,
        Settable.ALWAYS,
        'Factor on depth, beside that of calibration; the standard deviation in metres grows with '
        'it.',
        limits=(LEAST, MOST),
    ),
    Setting(
        'std_scale',
        1.0,
        Settable.ALWAYS,
        'Factor on the standard deviation as a fraction of the depth, beside that of calibration.',
        limits=(LEAST, MOST),
    ),
)

ValueOf = Callable[[str], Any]


def calibrated_factors(value: ValueOf, model: RunningModel) -> Factors:
    """Return the factors of the file that `calibration` names; InputError where it cannot be."""
    path = value('calibration')
    return read_factors(user_path(path), model.model_sha256) if path else Factors()


def factors_now(value: ValueOf) -> Factors:
    """Return those of the parameters that may change at any time."""
    return Factors(value('depth_scale'), value('std_scale'))
