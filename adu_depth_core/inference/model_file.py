# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The model file: fp16 weights and metadata in one `.safetensors`; nothing is ever unpickled."""

from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from adu_depth_core.atomic_files import written_whole
from adu_depth_core.errors import InputError
from adu_depth_core.inference.model_info import METADATA_KEY, ModelInfo
from adu_depth_core.models.metric_depth import MetricDepth
from adu_depth_core.models.presets import find_preset
from adu_depth_core.models.student import Student


def write_model_file(path: Path, network: Student, info: ModelInfo) -> None:
    """Write the weights of a student in fp16 together with what `info` says."""
    tensors = {name: _stored(tensor) for name, tensor in network.state_dict().items()}
    with written_whole(path) as temporary:
        save_file(tensors, temporary, metadata={METADATA_KEY: info.to_json()})


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
    tensors, text = _read(path)
    info = ModelInfo.from_json(text, str(path))
    network = Student(find_preset(info.preset))
    try:
        network.load_state_dict(tensors)
    except RuntimeError as error:
        raise InputError(
            f'{path}: its weights do not fit the preset "{info.preset}" of this version'
        ) from error
    return MetricDepth(network, info.canonical_focal, info.temperature).eval(), info


def _stored(tensor: Tensor) -> Tensor:
    tensor = tensor.detach().cpu().contiguous()
    return tensor.half() if tensor.is_floating_point() else tensor


def _read(path: Path) -> tuple[Mapping[str, Tensor], str]:
    if not path.is_file():
        raise InputError(f'{path}: no such model file')
    try:
        with safe_open(path, framework='pt') as stored:
            text = (stored.metadata() or {}).get(METADATA_KEY, '')
            names = stored.keys()
            return {name: _loaded(stored.get_tensor(name)) for name in names}, text
    except (SafetensorError, OSError) as error:
        raise InputError(f'{path}: not a readable .safetensors file ({error})') from error


def _loaded(tensor: Tensor) -> Tensor:
    return tensor.to(torch.float32) if tensor.is_floating_point() else tensor
