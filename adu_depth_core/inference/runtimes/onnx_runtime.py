# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Run an exported graph in onnxruntime."""

import logging
import os
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from adu_depth_core.errors import InputError
from adu_depth_core.inference.graph_file import read_graph_file
from adu_depth_core.inference.model_info import sha256
from adu_depth_core.inference.runtimes.engine_cache import (
    EngineCache,
    EngineOf,
    engine_folder,
    made_with,
)
from adu_depth_core.inference.runtimes.runtime import (
    FLOAT32,
    MOST_SIZES,
    Maps,
    arrays,
    check_names,
    check_precision,
    fixed_size,
    last_line,
)

PROVIDERS = {
    'cpu': 'CPUExecutionProvider',
    'cuda': 'CUDAExecutionProvider',
    'tensorrt': 'TensorrtExecutionProvider',
}
# TensorFloat-32 would be a lower precision under the name of float32. TensorRT has a variable of
# the environment for it, and no option.
NO_TF32 = {'NVIDIA_TF32_OVERRIDE': '0'}
CUDA_OPTIONS = {'use_tf32': '0'}
# TensorRT shall build no engine before the size of the images is known: no part is large enough.
NO_ENGINE = {'trt_min_subgraph_size': str(2**31 - 1)}

Provider = str | tuple[str, dict[str, str]]
OfSize = Callable[[int, int], onnxruntime.InferenceSession]

logger = logging.getLogger(__name__)


class OnnxRuntime:
    """
    onnxruntime on the CPU or a CUDA device, in float32.

    Parameters
    ----------
    graph : Path
        An `.onnx` file written by `adu-depth export`.
    device : str
        `auto` (CUDA where onnxruntime has it), `cpu`, `cuda`, `cuda:1`, `tensorrt`,
        `tensorrt:1` … TensorRT builds an engine with the first image of a size: that takes
        minutes, unless it is in the cache.
    precision : str
        `float32`.
    threads : int
        On the CPU; 0 for onnxruntime's own choice.
    engine_cache : str
        Folder in which TensorRT's engines are kept; see `engine_folder` where not given.

    Raises
    ------
    InputError
        When the file, the device or the precision cannot be used.

    """

    name, native_precision = 'onnxruntime', FLOAT32

    def __init__(
        self,
        graph: Path,
        device: str = 'auto',
        precision: str = FLOAT32,
        threads: int = 0,
        engine_cache: str = '',
    ) -> None:
        check_precision(precision, (FLOAT32,), self.name)
        self.precision = precision
        self.info, self.model_sha256 = read_graph_file(graph)
        session = _checked_session(graph, device, threads)
        self.device = _device_name(session.get_providers()[0], device)
        inputs, outputs = session.get_inputs(), session.get_outputs()
        names = [x.name for x in inputs], [x.name for x in outputs]
        check_names(*names, self.info, graph)
        self.fixed_size = fixed_size(inputs[0].shape, graph)
        self._session: OfSize = lambda height, width: session
        if self.device.startswith('tensorrt'):
            cache = EngineCache(engine_folder(engine_cache), made_with())
            sides = inputs[0].shape[1:3]
            self._session = _with_engines(graph, device, precision, threads, cache, sides)

    def __call__(self, *inputs: NDArray[np.uint8] | float) -> Maps:
        """Map images and numbers to depth and std, (H, W) float32 metres, see `Runtime`."""
        images_and_numbers = arrays(inputs)
        session = self._session(*images_and_numbers[0].shape[1:3])
        named = dict(zip(self.info.INPUTS, images_and_numbers, strict=True))
        depth, std = session.run(['depth', 'std'], named)
        return depth[0], std[0]

    @staticmethod
    def has_cuda() -> bool:
        """Return whether this onnxruntime was built for CUDA."""
        return PROVIDERS['cuda'] in onnxruntime.get_available_providers()


def _checked_session(graph: Path, device: str, threads: int) -> onnxruntime.InferenceSession:
    providers = _providers(device)
    if len(providers) > 1:
        _prepare_for_gpu(providers)
    session = _session(graph, providers, threads, {})
    _check_provider(session.get_providers()[0], _name(providers[0]), device)
    return session


def _session(
    graph: Path, providers: list[Provider], threads: int, lengths: dict[str, int]
) -> onnxruntime.InferenceSession:
    """Load a graph, in which what is of any length has one of `lengths`, by its name."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = threads  # 0, too, is its own choice
    for name, length in lengths.items():
        options.add_free_dimension_override_by_name(name, length)
    try:
        # By itself it would go on with the CPU where a GPU cannot be used, and say so on stdout.
        return onnxruntime.InferenceSession(
            str(graph), options, providers=providers, enable_fallback=0
        )
    except Exception as error:  # onnxruntime's own exceptions share no public base class
        raise InputError(f'{graph}: onnxruntime cannot load it ({last_line(error)})') from error


def _with_engines(
    graph: Path,
    device: str,
    precision: str,
    threads: int,
    cache: EngineCache,
    sides: list[str | int],
) -> OfSize:
    """
    Return what makes sessions with an engine of TensorRT, or finds the one made before.

    `sides` are what the graph calls height and width of its images: lengths, or names of such.
    With lengths for the names all of its shapes are known: one engine, built at once.
    """
    graph_sha256 = sha256(graph)

    def of_size(height: int, width: int) -> onnxruntime.InferenceSession:
        lengths = {
            side: length
            for side, length in zip(sides, (height, width), strict=True)
            if isinstance(side, str)
        }

        def make(engine_options: dict[str, str]) -> onnxruntime.InferenceSession:
            return _session(graph, _providers(device, engine_options), threads, lengths)

        return cache.session(EngineOf(graph_sha256, width, height, precision), make)

    return lru_cache(MOST_SIZES)(of_size)


def _prepare_for_gpu(providers: list[Provider]) -> None:
    if hasattr(onnxruntime, 'preload_dlls'):  # since 1.21: finds CUDA in pip's packages
        onnxruntime.preload_dlls()
    if _name(providers[0]) == PROVIDERS['tensorrt']:
        for name, value in NO_TF32.items():
            os.environ.setdefault(name, value)


def _check_provider(found: str, wanted: str, device: str) -> None:
    # Without CUDA's libraries it leaves a provider out, and says nothing.
    if found == wanted:
        return
    sentence = f'device "{device}": onnxruntime cannot load {wanted}, it has {found}'
    if device != 'auto':
        raise InputError(f'{sentence}; install the CUDA libraries that it wants, or use cpu')
    logger.warning(sentence)


def _name(provider: Provider) -> str:
    return provider if isinstance(provider, str) else provider[0]


def _providers(device: str, of_tensorrt: Mapping[str, str] = NO_ENGINE) -> list[Provider]:
    kind, _, number = device.partition(':')
    if kind == 'auto':
        kind = 'cuda' if OnnxRuntime.has_cuda() else 'cpu'
    if kind == 'cpu':
        return [PROVIDERS['cpu']]
    if PROVIDERS[kind] not in onnxruntime.get_available_providers():
        names = {'cuda': 'CUDA', 'tensorrt': 'TensorRT'}
        raise InputError(f'device "{device}": this onnxruntime has no {names[kind]}; use cpu')
    order = ('tensorrt', 'cuda') if kind == 'tensorrt' else ('cuda',)
    chosen = {'device_id': number or '0'}
    options = {'cuda': CUDA_OPTIONS, 'tensorrt': of_tensorrt}
    gpu: list[Provider] = [(PROVIDERS[name], {**chosen, **options[name]}) for name in order]
    return [*gpu, PROVIDERS['cpu']]


def _device_name(provider: str, device: str) -> str:
    kind = next(name for name, known in PROVIDERS.items() if known == provider)
    return kind if kind == 'cpu' else f'{kind}:{device.partition(":")[2] or 0}'
