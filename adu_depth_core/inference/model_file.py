# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The model file: fp16 weights and metadata in one `.safetensors`; nothing is ever unpickled."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from adu_depth_core.atomic_files import written_whole
from adu_depth_core.errors import InputError
from adu_depth_core.inference.model_info import METADATA_KEY, ModelInfo
from adu_depth_core.models.encoder import Normalisation
from adu_depth_core.models.metric_depth import MetricDepth
from adu_depth_core.models.presets import Preset
from adu_depth_core.models.reparameterised import DeployedStudent
from adu_depth_core.models.student import Student


def write_model_file(path: Path, network: Student, info: ModelInfo) -> None:
    """Write the weights of a student in fp16 together with what `info` says."""
    complete = replace(info, **of_network(network.preset, network.normalisation))
    with written_whole(path) as temporary:
        save_file(stored(network), temporary, metadata={METADATA_KEY: complete.to_json()})


def load_model_file(path: Path) -> tuple[MetricDepth, ModelInfo]:
    """
    Read a model file.

    Returns
    -------
    MetricDepth
        In evaluation mode, float32, on the CPU.
    ModelInfo
        Its metadata.

    Raises
    ------
    InputError
        When the file is missing, spoilt, or its weights are not those of its preset.

    """
    tensors, metadata = read_tensors(path)
    if METADATA_KEY not in metadata:
        raise InputError(f'{path}: not a model of this package, or not one for single images')
    info = ModelInfo.from_json(metadata[METADATA_KEY], str(path))
    network = Student(Preset(info.encoder, info.decoder_width))
    network.encoder.normalisation = Normalisation(info.image_mean, info.image_std)
    try:
        network.load_state_dict(tensors)
    except RuntimeError as error:
        raise InputError(
            f'{path}: its weights do not fit encoder "{info.encoder}" and decoder width '
            f'{info.decoder_width}, which it names'
        ) from error
    model = MetricDepth(network, info.canonical_focal, info.temperature, network.normalisation)
    return model.eval(), info


def load_deployed(path: Path) -> tuple[MetricDepth, ModelInfo]:
    """Read a model file as `load_model_file` does, to predict and not to train."""
    model, info = load_model_file(path)
    assert isinstance(model.network, Student)
    model.network = DeployedStudent(model.network)
    return model.eval(), info


def of_network(preset: Preset, normalisation: Normalisation) -> dict[str, Any]:
    """Return what a network says of itself for its metadata."""
    return {
        'encoder': preset.encoder,
        'decoder_width': preset.decoder_width,
        'image_mean': normalisation.mean,
        'image_std': normalisation.std,
    }


def stored(network: nn.Module) -> dict[str, Tensor]:
    """Return the weights as files keep them: floating point numbers in fp16."""
    return {name: _stored(tensor) for name, tensor in network.state_dict().items()}


def read_tensors(path: Path) -> tuple[Mapping[str, Tensor], Mapping[str, str]]:
    """Read the weights in float32, and the metadata; `InputError` when that is impossible."""
    if not path.is_file():
        raise InputError(f'{path}: no such model file')
    try:
        with safe_open(path, framework='pt') as opened:
            names = opened.keys()
            tensors = {name: _loaded(opened.get_tensor(name)) for name in names}
            return tensors, opened.metadata() or {}
    except (SafetensorError, OSError) as error:
        raise InputError(f'{path}: not a readable .safetensors file ({error})') from error


def _stored(tensor: Tensor) -> Tensor:
    tensor = tensor.detach().cpu().contiguous()
    return tensor.half() if tensor.is_floating_point() else tensor


def _loaded(tensor: Tensor) -> Tensor:
    return tensor.to(torch.float32) if tensor.is_floating_point() else tensor
