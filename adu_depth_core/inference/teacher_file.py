# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A teacher's model file: fp16 weights and metadata, as a student's, told apart by its key."""

import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from safetensors.torch import save_file

from adu_depth_core.atomic_files import written_whole
from adu_depth_core.errors import InputError
from adu_depth_core.inference.model_file import of_network, read_tensors, stored
from adu_depth_core.inference.model_info import FIRST_NORMALISATION, FORMAT, info_from_json
from adu_depth_core.models.encoder import Normalisation
from adu_depth_core.models.presets import Preset, find_preset
from adu_depth_core.models.teacher import Fusion, Teacher, TeacherArchitecture

TEACHER_KEY = 'adu_depth_teacher'


@dataclass(frozen=True)
class TeacherInfo:
    """
    What a teacher's file says about itself.

    Parameters
    ----------
    preset, canonical_focal, temperature, max_depth, pixels, licence, description, encoder,
    decoder_width, image_mean, image_std
        As in `ModelInfo`.
    fusion, max_disparity_px, groups
        As in `TeacherArchitecture`.
    format : int
        Version of this text.

    """

    preset: str
    canonical_focal: float
    fusion: Fusion
    max_disparity_px: int
    groups: int
    pixels: int
    temperature: float = 1.0
    max_depth: float = 80.0
    licence: str = ''
    description: str = ''
    encoder: str = ''
    decoder_width: int = 0
    image_mean: tuple[float, float, float] = FIRST_NORMALISATION[0]
    image_std: tuple[float, float, float] = FIRST_NORMALISATION[1]
    format: int = FORMAT

    def architecture(self) -> TeacherArchitecture:
        """Return what to build."""
        preset = Preset(self.encoder, self.decoder_width) if self.encoder else None
        return TeacherArchitecture(
            preset or find_preset(self.preset),
            self.canonical_focal,
            self.fusion,
            self.max_disparity_px,
            self.groups,
        )


def write_teacher_file(path: Path, network: Teacher, info: TeacherInfo) -> None:
    """Write the weights of a teacher in fp16 together with what `info` says."""
    complete = replace(info, **of_network(network.architecture.preset, network.normalisation))
    metadata = {TEACHER_KEY: json.dumps(asdict(complete), sort_keys=True)}
    with written_whole(path) as temporary:
        save_file(stored(network), temporary, metadata=metadata)


def load_teacher_file(path: Path) -> tuple[Teacher, TeacherInfo]:
    """
    Read a teacher, in evaluation mode, float32, on the CPU.

    Raises
    ------
    InputError
        When the file is missing, spoilt, or a student's.

    """
    tensors, metadata = read_tensors(path)
    if TEACHER_KEY not in metadata:
        raise InputError(f'{path}: not a stereo teacher; train one by adu-depth train teacher')
    info = info_from_json(TeacherInfo, metadata[TEACHER_KEY], str(path))
    network = Teacher(info.architecture())
    network.encoder.normalisation = Normalisation(info.image_mean, info.image_std)
    try:
        network.load_state_dict(tensors)
    except RuntimeError as error:
        raise InputError(f'{path}: its weights do not fit its metadata') from error
    return network.eval(), info
