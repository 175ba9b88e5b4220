# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
What a model file says about itself; the same text travels in `.safetensors` and `.onnx`.

It comes from strangers, so it is judged here, where it is read, and believed everywhere else.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from adu_depth_core.errors import InputError
from adu_depth_core.inference.network_size import DEFAULT_PIXELS

if TYPE_CHECKING:
    from adu_depth_core.models.teacher import TeacherArchitecture

SHA256_KEY = 'adu_depth_safetensors_sha256'
FORMAT = 2
# Format 1 named the preset alone: what it stood for then, and the one normalisation there was.
FIRST_PRESETS = {
    'tiny': ('mobilenetv4_conv_small', 64),
    'base': ('mobilenetv4_conv_medium', 128),
    'large': ('convnext_tiny', 192),
}
FIRST_NORMALISATION = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
LONGEST_TEXT = 20_000
MOST_PIXELS = 16_000_000

Info = TypeVar('Info', bound='ModelInfo')


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

    KEY: ClassVar[str] = 'adu_depth'
    INPUTS: ClassVar[tuple[str, ...]] = ('image', 'fx')

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


@dataclass(frozen=True)
class TeacherInfo(ModelInfo):
    """
    What a stereo teacher says about itself beside that.

    Parameters
    ----------
    fusion, max_disparity_px, groups, refined
        See `adu_depth_core.models.teacher.TeacherArchitecture`.

    """

    KEY: ClassVar[str] = 'adu_depth_teacher'
    INPUTS: ClassVar[tuple[str, ...]] = ('left', 'right', 'fx', 'baseline', 'offset')

    fusion: str = 'correlation'
    max_disparity_px: int = 96
    groups: int = 8
    refined: bool = False

    def architecture(self) -> 'TeacherArchitecture':
        """Return what to build."""
        from adu_depth_core.models.presets import Preset, find_preset
        from adu_depth_core.models.teacher import TeacherArchitecture

        preset = Preset(self.encoder, self.decoder_width) if self.encoder else None
        return TeacherArchitecture(
            preset or find_preset(self.preset),
            self.canonical_focal,
            self.fusion,  # type: ignore[arg-type]
            self.max_disparity_px,
            self.groups,
            self.refined,
        )


def find_info(metadata: Mapping[str, str], source: str) -> ModelInfo:
    """
    Read what a file says about itself, of a student or of a teacher.

    Raises
    ------
    InputError
        Names `source` where that is nothing, or nothing that can be true.

    """
    for kind in (ModelInfo, TeacherInfo):
        if kind.KEY in metadata:
            return _read(kind, metadata[kind.KEY], source)
    raise InputError(f'{source}: its metadata are not those of a model of this package')


def of_kind(kind: type[Info], info: ModelInfo, source: str) -> Info:
    """Return `info` if it is of a kind, else raise `InputError`."""
    if type(info) is kind:
        return info
    if kind is TeacherInfo:
        raise InputError(f'{source}: not a stereo teacher; train one by adu-depth train teacher')
    raise InputError(f'{source}: a stereo teacher, and not a model for single images')


def sha256(path: Path) -> str:
    """Hash of a file, in hexadecimal: the identity of a model in every result."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _read(kind: type[Info], text: str, source: str) -> Info:
    if len(text) > LONGEST_TEXT:
        raise InputError(f'{source}: its metadata are longer than {LONGEST_TEXT} characters')
    try:
        values = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(f'{source}: its metadata cannot be read ({error})') from error
    if not isinstance(values, dict):
        raise InputError(f'{source}: its metadata are not a mapping')
    values = _in_this_format(values)
    if values.get('format') != FORMAT:
        found = _shown(values.get('format'))
        raise InputError(f'{source}: metadata of format {found}; this version reads {FORMAT}')
    # Teachers began without a least depth.
    values = {'min_depth': kind.min_depth, **values}
    for field in fields(kind):
        if field.name not in values:
            raise InputError(f'{source}: its metadata lack "{field.name}"')
        _check(field.name, values[field.name], source)
    if not values['min_depth'] < values['max_depth']:
        raise InputError(
            f'{source}: its min_depth, {values["min_depth"]:g} m, is not below its max_depth, '
            f'{values["max_depth"]:g} m'
        )
    values = {name: tuple(v) if isinstance(v, list) else v for name, v in values.items()}
    return kind(**{field.name: values[field.name] for field in fields(kind)})


def _in_this_format(values: dict[str, Any]) -> dict[str, Any]:
    """Return metadata of format 1 as this format has them, and others as they are."""
    preset, version = values.get('preset'), values.get('format')
    if type(version) is not int or version != 1 or preset not in tuple(FIRST_PRESETS):
        return values
    encoder, width = FIRST_PRESETS[preset]
    mean, std = (list(numbers) for numbers in FIRST_NORMALISATION)
    return values | {
        'encoder': encoder,
        'decoder_width': width,
        'image_mean': mean,
        'image_std': std,
        'format': FORMAT,
    }


def _check(name: str, value: object, source: str) -> None:
    is_right, expected = RULES[name]
    if not is_right(value):
        raise InputError(f'{source}: its {name} is {_shown(value)}; it must be {expected}')


def _shown(value: object) -> str:
    text = json.dumps(value)
    return text if len(text) <= 40 else f'{text[:40]}…'


Rule = tuple[Callable[[Any], bool], str]


def _number(low: float, high: float) -> Rule:
    return (
        lambda v: type(v) in (int, float) and low <= v <= high,
        f'a number from {low:g} to {high:g}',
    )


def _whole(low: int, high: int, divisor: int = 1) -> Rule:
    multiple = f', a multiple of {divisor}' if divisor > 1 else ''
    return (
        lambda v: type(v) is int and low <= v <= high and v % divisor == 0,
        f'a whole number from {low} to {high}{multiple}',
    )


def _text(longest: int) -> Rule:
    return lambda v: isinstance(v, str) and len(v) <= longest, f'text of up to {longest} letters'


def _one_of(*choices: object) -> Rule:
    kind = type(choices[0])
    return (
        lambda v: type(v) is kind and v in choices,
        f'one of {", ".join(map(str, choices))}',
    )


def _colours(low: float, high: float) -> Rule:
    is_number, expected = _number(low, high)
    return (
        lambda v: isinstance(v, list) and len(v) == 3 and all(map(is_number, v)),
        f'three times {expected}',
    )


# None of them takes NaN or infinity: they compare as false.
RULES: dict[str, Rule] = {
    'preset': _text(100),
    'canonical_focal': _number(1, 1e6),
    'temperature': _number(1e-3, 1e3),
    'min_depth': _number(1e-3, 1e5),
    'max_depth': _number(1e-3, 1e5),
    'pixels': _whole(1024, MOST_PIXELS),
    'licence': _text(LONGEST_TEXT // 4),
    'description': _text(LONGEST_TEXT // 4),
    'encoder': _text(100),
    'decoder_width': _whole(1, 4096),
    'image_mean': _colours(-10, 10),
    'image_std': _colours(1e-3, 10),
    'format': _one_of(FORMAT),
    'fusion': _one_of('correlation', 'concat'),
    'max_disparity_px': _whole(16, 1024, 16),
    'groups': _one_of(*(2**power for power in range(7))),
    'refined': _one_of(False, True),
}
