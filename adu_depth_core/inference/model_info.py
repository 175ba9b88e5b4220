# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What a model file says about itself; the same text travels in `.safetensors` and `.onnx`."""

import hashlib
import json
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import TypeVar

from adu_depth_core.errors import InputError
from adu_depth_core.inference.network_size import DEFAULT_PIXELS

METADATA_KEY = 'adu_depth'
SHA256_KEY = 'adu_depth_safetensors_sha256'
FORMAT = 1

Info = TypeVar('Info')


@dataclass(frozen=True)
class ModelInfo:
    """
    Everything that a prediction needs beside the weights, and what a user should know.

    Parameters
    ----------
    preset : str
        Architecture, see `adu_depth_core.models.presets`.
    canonical_focal : float
        Focal length in px of the camera in which the network predicts.
    temperature : float
        Calibrates the standard deviation.
    min_depth, max_depth : float
        Metres; depth outside is unknown.
    pixels : int
        Area of the network's input.
    licence, description : str
        Who may use the weights, and what they were trained on.
    format : int
        Version of this text.

    """

    preset: str
    canonical_focal: float
    temperature: float = 1.0
    min_depth: float = 0.3
    max_depth: float = 80.0
    pixels: int = DEFAULT_PIXELS
    licence: str = ''
    description: str = ''
    format: int = FORMAT

    def to_json(self) -> str:
        """Write as JSON."""
        return json.dumps(asdict(self), sort_keys=True)

    @classmethod
    def from_json(cls, text: str, source: str) -> 'ModelInfo':
        """Read what `to_json` wrote; `InputError` names `source` when it is something else."""
        return info_from_json(cls, text, source)


def info_from_json(kind: type[Info], text: str, source: str) -> Info:
    """Read metadata of a kind; `InputError` names `source` when they are something else."""
    try:
        values = json.loads(text)
        names = [f.name for f in fields(kind)]  # type: ignore[arg-type]
        info = kind(**{name: values[name] for name in names})
    except (ValueError, TypeError, KeyError) as error:
        raise InputError(f'{source}: its metadata lack or spoil {error}') from error
    if values['format'] != FORMAT:
        raise InputError(f'{source}: format {values["format"]}, this version reads {FORMAT}')
    return info


def sha256(path: Path) -> str:
    """Hash of a file, in hexadecimal: the identity of a model in every result."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
