# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
The networks that are timed, as files: what ships, and untrained ones of the other presets.

The time of a network does not depend on what it has learnt, as long as its activations are
ordinary numbers: untrained ones get the statistics of an image into their normalisation layers.
"""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import torch
from torch import Tensor, nn

from adu_depth_core.errors import InputError
from adu_depth_core.inference.export import export_onnx
from adu_depth_core.inference.model_file import write_model_file
from adu_depth_core.inference.model_info import ModelInfo
from adu_depth_core.inference.runtimes.parity import parity_frame
from adu_depth_core.models.presets import find_preset
from adu_depth_core.models.student import Student, normalised
from adu_depth_core.weights import shipped_model

SEED = 0
FOCAL_PX = 360.0
LEARNT_FROM = 320, 96

Network = TypeVar('Network', bound=nn.Module)


def model_of_preset(preset: str, folder: Path) -> Path:
    """Return the shipped model of a preset; where none ships, write one that learnt nothing."""
    try:
        return shipped_model(preset)
    except InputError:
        path = folder / f'{preset}.safetensors'
    if not path.is_file():
        torch.manual_seed(SEED)
        network = Student(find_preset(preset))
        normalising(network, lambda image: network(normalised(image, network.normalisation)))
        write_model_file(path, network, ModelInfo(preset, FOCAL_PX))
        export_onnx(path, path.with_suffix('.onnx'))
    return path


def normalising(network: Network, run: Callable[[Tensor], object]) -> Network:
    """Give the normalisation layers the statistics of an image; in evaluation mode afterwards."""
    image = torch.from_numpy(parity_frame(*LEARNT_FROM))[None]
    for layer in network.modules():
        if isinstance(layer, nn.BatchNorm2d):
            layer.momentum = 1.0
    network.train()
    with torch.no_grad():
        run(image)
    return network.eval()
