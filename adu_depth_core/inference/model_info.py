# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What a model file says about itself; the same text travels in `.safetensors` and `.onnx`."""

import hashlib
import json
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, TypeVar

from adu_depth_core.errors import InputError
from adu_depth_core.inference.network_size import DEFAULT_PIXELS

METADATA_KEY = 'adu_depth'
SHA256_KEY = 'adu_depth_safetensors_sha256'
FORMAT = 2
# Format 1 named the preset alone: what it stood for then, and the one normalisation there was.
FIRST_PRESETS = {
    'tiny': ('mobilenetv4_conv_small', 64),
    'base': ('mobilenetv4_conv_medium', 128),
    'large': ('convnext_tiny', 192),
}
FIRST_NORMALISATION = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))

Info = TypeVar('Info')


@dataclass(frozen=True)
class ModelInfo:
    """
    Everything that a prediction needs beside the weights, and what a user should know.

    Parameters
    ----------
    preset : str
        Name of the architecture, see `adu_depth_core.models.presets`.
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
    encoder, decoder_width : str, int
        What the preset stood for when the weights were trained; filled in as the file is written.
    image_mean, image_std : (r, g, b)
        Normalisation of the image, 1 = white; filled in as well.
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
    encoder: str = ''
    decoder_width: int = 0
    image_mean: tuple[float, float, float] = FIRST_NORMALISATION[0]
    image_std: tuple[float, float, float] = FIRST_NORMALISATION[1]
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
        values = _in_this_format(json.loads(text))
        names = [f.name for f in fields(kind)]  # type: ignore[arg-type]
        info = kind(**{name: values[name] for name in names})
    except (ValueError, TypeError, KeyError) as error:
        raise InputError(f'{source}: its metadata lack or spoil {error}') from error
    if values['format'] != FORMAT:
        raise InputError(f'{source}: format {values["format"]}, this version reads {FORMAT}')
    return info


def _in_this_format(values: dict[str, Any]) -> dict[str, Any]:
    """Return metadata of format 1 as this format has them, and others as they are."""
    if values['format'] != 1 or values['preset'] not in FIRST_PRESETS:
        return values
    encoder, width = FIRST_PRESETS[values['preset']]
    mean, std = FIRST_NORMALISATION
    return values | {
        'encoder': encoder,
        'decoder_width': width,
        'image_mean': mean,
        'image_std': std,
        'format': FORMAT,
    }


def sha256(path: Path) -> str:
    """Hash of a file, in hexadecimal: the identity of a model in every result."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
