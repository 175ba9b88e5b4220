# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A teacher's model file: fp16 weights and metadata, as a student's, told apart by its key."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from safetensors.torch import save_file

from adu_depth_core.atomic_files import written_whole
from adu_depth_core.errors import InputError
from adu_depth_core.inference.model_file import read_tensors, stored
from adu_depth_core.inference.model_info import FORMAT, info_from_json
from adu_depth_core.models.presets import find_preset
from adu_depth_core.models.teacher import Fusion, Teacher, TeacherArchitecture

TEACHER_KEY = 'adu_depth_teacher'


@dataclass(frozen=True)
class TeacherInfo:
    """
    What a teacher's file says about itself.

    Parameters
    ----------
    preset, canonical_focal, temperature, max_depth, pixels, licence, description
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
    format: int = FORMAT

    @property
    def decoder_width(self) -> int:
        """Channels of the decoder's features."""
        return find_preset(self.preset).decoder_width

    def architecture(self) -> TeacherArchitecture:
        """Return what to build."""
        return TeacherArchitecture(
            find_preset(self.preset),
            self.canonical_focal,
            self.fusion,
            self.max_disparity_px,
            self.groups,
        )


def write_teacher_file(path: Path, network: Teacher, info: TeacherInfo) -> None:
    """Write the weights of a teacher in fp16 together with what `info` says."""
    metadata = {TEACHER_KEY: json.dumps(asdict(info), sort_keys=True)}
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
    try:
        network.load_state_dict(tensors)
    except RuntimeError as error:
        raise InputError(f'{path}: its weights do not fit its metadata') from error
    return network.eval(), info
