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
from adu_depth_core.inference.model_file import load_reparameterised
from adu_depth_core.inference.model_info import sha256
from adu_depth_core.inference.runtimes.runtime import (
    FLOAT16,
    FLOAT32,
    MOST_SIZES,
    PRECISIONS,
    Maps,
    arrays,
    check_precision,
    lower_precisions,
)
from adu_depth_core.inference.runtimes.table import check_device

WARM_UP_RUNS = 3
ONE_AT_A_TIME = Lock()

Network = Callable[..., tuple[Tensor, Tensor]]


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
    threads : int
        On the CPU, of the whole process; 0 for PyTorch's own choice.

    Raises
    ------
    InputError
        When the file, the device or the precision cannot be used.

    """

    name = 'torch'
    fixed_size: tuple[int, int] | None = None

    def __init__(
        self, model_file: Path, device: str = 'auto', precision: str = FLOAT32, threads: int = 0
    ) -> None:
        if threads:
            torch.set_num_threads(threads)
        self.precision = precision
        self._device = find_device(device)
        self.device = str(self._device)
        model, self.info = load_reparameterised(model_file)
        lower = lower_precisions(self.info, PRECISIONS[1:])
        check_precision(precision, (FLOAT32, *lower), self.name)
        on_gpu = self._device.type == 'cuda'
        self.native_precision = FLOAT16 if on_gpu and lower else FLOAT32
        self.model_sha256 = sha256(model_file)
        self._model = model.with_backbone_in(getattr(torch, precision)).to(self._device)
        self._recorded = lru_cache(MOST_SIZES)(partial(_recorded, self._model))

    @torch.inference_mode()
    def __call__(self, *inputs: NDArray[np.uint8] | float) -> Maps:
        """Map images and numbers to depth and std, (H, W) float32 metres, see `Runtime`."""
        tensors = [torch.from_numpy(x).to(self._device) for x in arrays(inputs)]
        network: Network = self._model
        if self._device.type == 'cuda':
            network = self._recorded(self._device, *(x.shape for x in tensors))
        depth, std = network(*tensors)
        return depth[0].cpu().numpy(), std[0].cpu().numpy()

    @staticmethod
    def has_cuda() -> bool:
        """Return whether PyTorch finds a CUDA device."""
        return torch.cuda.is_available()


class RecordedGraph:
    """
    A network as a CUDA graph: one launch instead of hundreds.

    Its outputs are memory of the graph, which the next call overwrites.

    Parameters
    ----------
    network : callable
        Kept, since a graph owns none of the weights that it reads.
    *inputs : Tensor
        Of the shapes that it will take, on the device.

    """

    def __init__(self, network: Network, *inputs: Tensor) -> None:
        self._network, self._inputs = network, [x.clone() for x in inputs]
        self._graph = torch.cuda.CUDAGraph()
        # TensorFloat-32 would be a lower precision under the name of float32.
        exact = torch.backends.cudnn.flags(enabled=True, benchmark=True, allow_tf32=False)
        with ONE_AT_A_TIME, torch.cuda.device(inputs[0].device), exact:
            side = torch.cuda.Stream()
            side.wait_stream(torch.cuda.current_stream())
            with torch.cuda.stream(side):
                for _ in range(WARM_UP_RUNS):
                    network(*self._inputs)
            torch.cuda.current_stream().wait_stream(side)
            # thread_local: the thread of another camera may use the device meanwhile.
            graph = torch.cuda.graph(self._graph, stream=side, capture_error_mode='thread_local')
            with graph:
                self._outputs = network(*self._inputs)

    def __call__(self, *inputs: Tensor) -> tuple[Tensor, Tensor]:
        """Run the network on other values."""
        for memory, values in zip(self._inputs, inputs, strict=True):
            memory.copy_(values)
        self._graph.replay()
        return self._outputs


def _recorded(network: Network, device: torch.device, *shapes: torch.Size) -> RecordedGraph:
    """Record a network for images, of four dimensions, and numbers of these shapes."""
    inputs = (
        torch.zeros(shape, dtype=torch.uint8, device=device)
        if len(shape) == 4
        else torch.ones(shape, device=device)
        for shape in shapes
    )
    return RecordedGraph(network, *inputs)


def find_device(name: str) -> torch.device:
    """Return the device of that name; `InputError` when there is none."""
    if name == 'auto':
        return torch.device('cuda:0' if torch.cuda.is_available() else 'cpu')
    check_device(name, ['torch'])
    device = torch.device(name)
    if device.type == 'cuda' and not torch.cuda.is_available():
        raise InputError(f'device "{name}": PyTorch finds no CUDA device here; use cpu')
    if device.type == 'cuda' and (device.index or 0) >= torch.cuda.device_count():
        raise InputError(f'device "{name}": PyTorch finds {torch.cuda.device_count()} here')
    return device
