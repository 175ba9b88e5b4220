# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""One factor on depth and one on its relative standard deviation, and the file that holds them."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from adu_depth_core.atomic_files import written_whole
from adu_depth_core.bounded_yaml import read_yaml
from adu_depth_core.errors import InputError

FORMAT = 'adu_depth_calibration'
VERSION = 1
NAMES = ('depth_scale', 'std_scale')
# What is farther from 1 is a mistake of units, and no calibration.
LEAST, MOST = 0.01, 100.0
ADVICE = 'adu-depth calibrate writes such files'
HEAD = """\
# Written by adu-depth calibrate, for the parameter `calibration` of mono_depth_node and for
# --calibration of commands. Depth is multiplied by depth_scale, and the standard deviation, as a
# fraction of the depth, by std_scale. What stands under `fitted` is for readers.
"""


@dataclass(frozen=True)
class Factors:
    """
    What a model's answers are multiplied by, unitless.

    Parameters
    ----------
    depth_scale : float
        On the depth; the standard deviation in metres grows with it.
    std_scale : float
        On the standard deviation as a fraction of the depth.

    """

    depth_scale: float = 1.0
    std_scale: float = 1.0

    def __mul__(self, other: 'Factors') -> 'Factors':
        """Return both, one after the other."""
        return Factors(self.depth_scale * other.depth_scale, self.std_scale * other.std_scale)


def read_factors(path: Path, model_sha256: str) -> Factors:
    """
    Read what `write_factors` wrote, for the model with this hash.

    Raises
    ------
    InputError
        When the file cannot be used, or was made for another model.

    """
    try:
        content = read_yaml(path)
    except yaml.YAMLError as error:
        raise InputError(f'{path}: is no YAML; {ADVICE}') from error
    if not isinstance(content, Mapping) or content.get('format') != FORMAT:
        raise InputError(f'{path}: does not say "format: {FORMAT}"; {ADVICE}')
    if content.get('version') != VERSION:
        found = content.get('version')
        raise InputError(f'{path}: is of version {found!r}, this program reads {VERSION}')
    factors = Factors(*(_factor(path, name, content.get(name)) for name in NAMES))
    if content.get('model_sha256') != model_sha256:
        raise InputError(
            f'{path}: was made for the model {str(content.get("model_sha256"))[:12]}, and this '
            f'is {model_sha256[:12]}; calibrate this one, or take that one'
        )
    return factors


def write_factors(
    path: Path, factors: Factors, model_sha256: str, fitted: Mapping[str, Any]
) -> None:
    """
    Write factors, the model that they are for, and how they came about, whole or not at all.

    Raises
    ------
    InputError
        When the file cannot be written, or would not be read again: such factors are of a truth
        in other units.

    """
    for name in NAMES:
        value = getattr(factors, name)
        if not LEAST <= value <= MOST:
            raise InputError(
                f'{name} would be {value:.3g}, which is not from {LEAST} to {MOST:g}; is the '
                'truth in metres, and of these images?'
            )
    content = {
        'format': FORMAT,
        'version': VERSION,
        'model_sha256': model_sha256,
        **{name: float(getattr(factors, name)) for name in NAMES},
        'fitted': dict(fitted),
    }
    with written_whole(path) as part:
        text = yaml.safe_dump(content, sort_keys=False, allow_unicode=True)
        part.write_text(HEAD + text, encoding='utf-8')


def _factor(path: Path, name: str, value: Any) -> float:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not is_number or not LEAST <= value <= MOST or not math.isfinite(value):
        raise InputError(
            f'{path}: {name} is {value!r:.40}, expected a number from {LEAST} to {MOST:g}'
        )
    return float(value)
