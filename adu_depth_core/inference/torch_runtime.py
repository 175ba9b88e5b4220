# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Run a model file in PyTorch."""

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from adu_depth_core.errors import InputError
from adu_depth_core.inference.model_file import load_model_file
from adu_depth_core.inference.model_info import sha256


class TorchRuntime:
    """
    Eager PyTorch on the CPU or a CUDA device.

    Parameters
    ----------
    model_file : Path
        A `.safetensors` model file.
    device : str
        `auto` (CUDA where there is one), `cpu`, `cuda`, `cuda:1` …

    Raises
    ------
    InputError
        When the file or the device cannot be used.

    """

    name = 'torch'

    def __init__(self, model_file: Path, device: str = 'auto') -> None:
        self.device = str(find_device(device))
        model, self.info = load_model_file(model_file)
        self.model_sha256 = sha256(model_file)
        self._model = model.to(self.device)

    def __call__(
        self, image: NDArray[np.uint8], fx: float
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Map (H, W, 3) uint8 RGB and fx in px to depth and std, (H, W) float32 metres."""
        with torch.inference_mode():
            batch = torch.from_numpy(image).to(self.device)[None]
            depth, std = self._model(batch, torch.tensor([fx], device=self.device))
            return depth[0].cpu().numpy(), std[0].cpu().numpy()


def find_device(name: str) -> torch.device:
    """Return the device of that name; `InputError` when there is none."""
    if name == 'auto':
        return torch.device('cuda:0' if torch.cuda.is_available() else 'cpu')
    try:
        device = torch.device(name)
    except RuntimeError as error:
        raise InputError(f'device "{name}" is unknown; use auto, cpu or cuda:0') from error
    if device.type == 'cuda' and not torch.cuda.is_available():
        raise InputError(f'device "{name}": PyTorch finds no CUDA device here; use cpu')
    return device
