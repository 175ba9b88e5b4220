# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The model file: fp16 weights and metadata in one `.safetensors`; nothing is ever unpickled."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from adu_depth_core.atomic_files import written_whole
from adu_depth_core.errors import InputError
from adu_depth_core.inference.model_info import ModelInfo, TeacherInfo, find_info, of_kind
from adu_depth_core.models.encoder import Normalisation
from adu_depth_core.models.metric_depth import MetricDepth, MetricStereo
from adu_depth_core.models.presets import Preset
from adu_depth_core.models.reparameterised import ReparameterisedStudent
from adu_depth_core.models.reparameterised_teacher import ReparameterisedTeacher
from adu_depth_core.models.student import Student
from adu_depth_core.models.teacher import Teacher

LARGEST_HEADER_BYTES = 2**20
LARGEST_TENSORS_BYTES = 2**32

Network = TypeVar('Network', Student, Teacher)


def write_model_file(path: Path, network: Student | Teacher, info: ModelInfo) -> None:
    """Write the weights of a student or teacher in fp16 together with what `info` says."""
    preset = network.preset if isinstance(network, Student) else network.architecture.preset
    complete = replace(
        info,
        encoder=preset.encoder,
        decoder_width=preset.decoder_width,
        image_mean=network.normalisation.mean,
        image_std=network.normalisation.std,
    )
    weights = {name: _stored(tensor) for name, tensor in network.state_dict().items()}
    with written_whole(path) as temporary:
        save_file(weights, temporary, metadata={info.KEY: complete.to_json()})


def load_model_file(path: Path) -> tuple[MetricDepth, ModelInfo]:
    """
    Read the model file of a student.

    Returns
    -------
    MetricDepth
        In evaluation mode, float32, on the CPU.
    ModelInfo
        Its metadata.

    Raises
    ------
    InputError
        When the file is missing, spoilt, a teacher's, or its weights are not those of its preset.

    """
    tensors, info = _read(path)
    student = _student(tensors, of_kind(ModelInfo, info, str(path)), path)
    return _metric(student, info, student.normalisation), info


def load_teacher_file(path: Path) -> tuple[Teacher, TeacherInfo]:
    """
    Read a teacher, in evaluation mode, float32, on the CPU.

    Raises
    ------
    InputError
        When the file is missing, spoilt, a student's, or its weights do not fit its metadata.

    """
    tensors, any_info = _read(path)
    info = of_kind(TeacherInfo, any_info, str(path))
    return _filled(Teacher(info.architecture()), tensors, info, path).eval(), info


def load_reparameterised(path: Path) -> tuple[MetricDepth | MetricStereo, ModelInfo]:
    """Read a student or a teacher to predict and not to train: what is exported."""
    tensors, info = _read(path)
    if isinstance(info, TeacherInfo):
        teacher = _filled(Teacher(info.architecture()), tensors, info, path)
        reparameterised = ReparameterisedTeacher(teacher)
        stereo = MetricStereo(
            reparameterised, info.canonical_focal, info.temperature, teacher.normalisation
        )
        return stereo.eval(), info
    student = _student(tensors, info, path)
    return _metric(ReparameterisedStudent(student), info, student.normalisation), info


def _metric(network: nn.Module, info: ModelInfo, normalisation: Normalisation) -> MetricDepth:
    return MetricDepth(network, info.canonical_focal, info.temperature, normalisation).eval()


def _student(tensors: Mapping[str, Tensor], info: ModelInfo, path: Path) -> Student:
    return _filled(Student(Preset(info.encoder, info.decoder_width)), tensors, info, path)


def _read(path: Path) -> tuple[Mapping[str, Tensor], ModelInfo]:
    """Read the weights in float32, and the metadata."""
    if not path.is_file():
        raise InputError(f'{path}: no such model file')
    try:
        _check_sizes(path)
        with safe_open(path, framework='pt') as opened:
            info = find_info(opened.metadata() or {}, str(path))
            names = opened.keys()
            return {name: _loaded(opened.get_tensor(name)) for name in names}, info
    except (SafetensorError, OSError) as error:
        raise InputError(f'{path}: not a readable .safetensors file ({error})') from error


def _check_sizes(path: Path) -> None:
    """Judge the length of the header that the first eight bytes tell, before it is read."""
    with path.open('rb') as opened:
        header = int.from_bytes(opened.read(8), 'little')
    size = path.stat().st_size
    if not 2 <= header <= min(size - 8, LARGEST_HEADER_BYTES) or size > LARGEST_TENSORS_BYTES:
        raise InputError(
            f'{path}: not a readable .safetensors file (a header of {header} bytes in a file of '
            f'{size})'
        )


def _filled(
    network: Network, tensors: Mapping[str, Tensor], info: ModelInfo, path: Path
) -> Network:
    network.encoder.normalisation = Normalisation(info.image_mean, info.image_std)
    try:
        network.load_state_dict(tensors)
    except RuntimeError as error:
        raise InputError(
            f'{path}: its weights do not fit encoder "{info.encoder}" and decoder width '
            f'{info.decoder_width}, which it names'
        ) from error
    return network


def _stored(tensor: Tensor) -> Tensor:
    tensor = tensor.detach().cpu().contiguous()
    return tensor.half() if tensor.is_floating_point() else tensor


def _loaded(tensor: Tensor) -> Tensor:
    return tensor.to(torch.float32) if tensor.is_floating_point() else tensor
