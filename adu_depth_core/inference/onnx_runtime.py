# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Run an exported graph in onnxruntime."""

from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from adu_depth_core.errors import InputError
from adu_depth_core.inference.model_info import METADATA_KEY, SHA256_KEY, ModelInfo

PROVIDERS = {'cpu': 'CPUExecutionProvider', 'cuda': 'CUDAExecutionProvider'}


class OnnxRuntime:
    """
    onnxruntime on the CPU or a CUDA device.

    Parameters
    ----------
    graph : Path
        An `.onnx` file written by `adu-depth export`.
    device : str
        `auto` (CUDA where onnxruntime has it), `cpu`, `cuda`, `cuda:1` …

    Raises
    ------
    InputError
        When the file or the device cannot be used.

    """

    name = 'onnxruntime'

    def __init__(self, graph: Path, device: str = 'auto') -> None:
        self._session = _session(graph, device)
        used = self._session.get_providers()[0]
        self.device = 'cpu' if used == PROVIDERS['cpu'] else _cuda_name(device)
        metadata = self._session.get_modelmeta().custom_metadata_map
        self.info = ModelInfo.from_json(metadata.get(METADATA_KEY, ''), str(graph))
        self.model_sha256 = metadata.get(SHA256_KEY, '')

    def __call__(
        self, image: NDArray[np.uint8], fx: float
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Map (H, W, 3) uint8 RGB and fx in px to depth and std, (H, W) float32 metres."""
        inputs = {'image': image[None], 'fx': np.array([fx], np.float32)}
        depth, std = self._session.run(['depth', 'std'], inputs)
        return depth[0], std[0]


def _session(graph: Path, device: str) -> onnxruntime.InferenceSession:
    if not graph.is_file():
        raise InputError(f'{graph}: no such model file')
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(str(graph), options, providers=_providers(device))
    except Exception as error:  # onnxruntime's own exceptions share no public base class
        raise InputError(f'{graph}: onnxruntime cannot load it ({_first_line(error)})') from error


def _providers(device: str) -> list[str | tuple[str, dict[str, str]]]:
    kind, _, number = device.partition(':')
    available = PROVIDERS['cuda'] in onnxruntime.get_available_providers()
    if kind not in ('auto', *PROVIDERS) or (number and not number.isdigit()):
        raise InputError(f'device "{device}" is unknown; use auto, cpu or cuda:0')
    if kind == 'cuda' and not available:
        raise InputError(f'device "{device}": this onnxruntime has no CUDA; use cpu')
    if kind == 'cpu' or not available:
        return [PROVIDERS['cpu']]
    return [(PROVIDERS['cuda'], {'device_id': number or '0'}), PROVIDERS['cpu']]


def _cuda_name(device: str) -> str:
    return f'cuda:{device.partition(":")[2] or 0}'


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
