# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Run a model file in PyTorch."""

from collections.abc import Callable
from functools import lru_cache, partial
from pathlib import Path
from threading import Lock

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from adu_depth_core.errors import InputError
from adu_depth_core.inference.model_file import load_deployed
from adu_depth_core.inference.model_info import sha256
from adu_depth_core.inference.runtimes.runtime import (
    FLOAT16,
    FLOAT32,
    MOST_SIZES,
    PRECISIONS,
    Maps,
    check_precision,
)

WARM_UP_RUNS = 3
ONE_AT_A_TIME = Lock()

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
        self._recorded = lru_cache(MOST_SIZES)(partial(_recorded, self._model, self._device))

    @torch.inference_mode()
    def __call__(self, image: NDArray[np.uint8], fx: float) -> Maps:
        """Map (H, W, 3) uint8 RGB and fx in px to depth and std, (H, W) float32 metres."""
        batch = torch.from_numpy(image).to(self._device)[None]
        focal = torch.tensor([fx], dtype=torch.float32, device=self._device)
        on_gpu = self._device.type == 'cuda'
        network = self._recorded(*batch.shape) if on_gpu else self._model
        depth, std = network(batch, focal)
        return depth[0].cpu().numpy(), std[0].cpu().numpy()


class Recorded:
    """
    A network as a CUDA graph: one launch instead of hundreds.

    Its outputs are memory of the graph, which the next call overwrites.

    Parameters
    ----------
    network : callable
        Kept, since a graph owns none of the weights that it reads.
    image, fx : Tensor
        Inputs of the shapes that it will take, on the device.

    """

    def __init__(self, network: Network, image: Tensor, fx: Tensor) -> None:
        self._network, self._image, self._fx = network, image.clone(), fx.clone()
        self._graph = torch.cuda.CUDAGraph()
        # TensorFloat-32 would be a lower precision under the name of float32.
        exact = torch.backends.cudnn.flags(enabled=True, benchmark=True, allow_tf32=False)
        with ONE_AT_A_TIME, torch.cuda.device(image.device), exact:
            side = torch.cuda.Stream()
            side.wait_stream(torch.cuda.current_stream())
            with torch.cuda.stream(side):
                for _ in range(WARM_UP_RUNS):
                    network(self._image, self._fx)
            torch.cuda.current_stream().wait_stream(side)
            # thread_local: the thread of another camera may use the device meanwhile.
            graph = torch.cuda.graph(self._graph, stream=side, capture_error_mode='thread_local')
            with graph:
                self._outputs = network(self._image, self._fx)

    def __call__(self, image: Tensor, fx: Tensor) -> tuple[Tensor, Tensor]:
        """Run the network on other values."""
        self._image.copy_(image)
        self._fx.copy_(fx)
        self._graph.replay()
        return self._outputs


def _recorded(network: Network, device: torch.device, *shape: int) -> Recorded:
    image = torch.zeros(shape, dtype=torch.uint8, device=device)
    return Recorded(network, image, torch.ones(1, device=device))


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
    if device.type == 'cuda' and (device.index or 0) >= torch.cuda.device_count():
        raise InputError(f'device "{name}": PyTorch finds {torch.cuda.device_count()} here')
    return device
