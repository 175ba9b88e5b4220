# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Run a model file in PyTorch."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from adu_depth_core.errors import InputError
from adu_depth_core.inference.model_file import load_deployed
from adu_depth_core.inference.model_info import sha256
from adu_depth_core.inference.runtime import FLOAT16, FLOAT32, PRECISIONS, Maps, check_precision

WARM_UP_RUNS = 3

Network = Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]


class TorchRuntime:
    """
    PyTorch, channels last: eager on the CPU, one CUDA graph per image size on a CUDA device.

    Parameters
    ----------
    model_file : Path
        A `.safetensors` model file.
    device : str
        `auto` (CUDA where there is one), `cpu`, `cuda`, `cuda:1` …
    precision : str
        Of the backbone, one of `PRECISIONS`.

    Raises
    ------
    InputError
        When the file, the device or the precision cannot be used.

    """

    name = 'torch'
    fixed_size: tuple[int, int] | None = None

    def __init__(self, model_file: Path, device: str = 'auto', precision: str = FLOAT32) -> None:
        check_precision(precision, PRECISIONS, self.name)
        self.precision = precision
        self._device = find_device(device)
        self.device = str(self._device)
        self.native_precision = FLOAT16 if self._device.type == 'cuda' else FLOAT32
        model, self.info = load_deployed(model_file)
        self.model_sha256 = sha256(model_file)
        self._model = model.with_backbone_in(getattr(torch, precision)).to(self._device)
        self._network: Network = self._model
        self._shape: tuple[int, ...] = ()

    @torch.inference_mode()
    def __call__(self, image: NDArray[np.uint8], fx: float) -> Maps:
        """Map (H, W, 3) uint8 RGB and fx in px to depth and std, (H, W) float32 metres."""
        batch = torch.from_numpy(image).to(self._device)[None]
        focal = torch.tensor([fx], dtype=torch.float32, device=self._device)
        if self._device.type == 'cuda' and image.shape != self._shape:
            self._network, self._shape = captured(self._model, batch, focal), image.shape
        depth, std = self._network(batch, focal)
        return depth[0].cpu().numpy(), std[0].cpu().numpy()


def captured(network: Network, image: Tensor, fx: Tensor) -> Network:
    """
    Record a network as a CUDA graph: one launch instead of hundreds.

    What is returned takes inputs of the shapes of `image` and `fx`; its outputs are memory of the
    graph, which the next call overwrites.
    """
    image, fx = image.clone(), fx.clone()
    # TensorFloat-32 would be a lower precision under the name of float32.
    exact = torch.backends.cudnn.flags(enabled=True, benchmark=True, allow_tf32=False)
    with torch.cuda.device(image.device), exact:
        side = torch.cuda.Stream()
        side.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(side):
            for _ in range(WARM_UP_RUNS):
                network(image, fx)
        torch.cuda.current_stream().wait_stream(side)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            outputs = network(image, fx)

    def replayed(new_image: Tensor, new_fx: Tensor) -> tuple[Tensor, Tensor]:
        image.copy_(new_image)
        fx.copy_(new_fx)
        graph.replay()
        return outputs

    return replayed


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
