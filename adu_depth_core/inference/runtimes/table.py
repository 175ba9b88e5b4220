# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Which runtime, on which device, in which precision: what is asked for, or the fastest."""

import ctypes
import importlib.util
import logging
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple

from adu_depth_core.errors import InputError
from adu_depth_core.inference.model_info import sha256
from adu_depth_core.inference.runtimes.parity import Parity, measured_parity
from adu_depth_core.inference.runtimes.runtime import FLOAT32, PRECISIONS, Runtime, last_line

AUTO = 'auto'
ON_CPU = ('openvino', 'onnxruntime', 'torch')  # fastest first, as is the next
ON_GPU = ('torch', 'onnxruntime')
RUNTIMES = (AUTO, *ON_CPU)
EXTRAS = {'openvino': 'openvino', 'onnxruntime': 'onnx', 'torch': 'train'}

logger = logging.getLogger(__name__)


class Loaded(NamedTuple):
    """A runtime, and how its precision was judged; None where there was nothing to judge."""

    runtime: Runtime
    parity: Parity | None = None


def load_runtime(
    path: Path, runtime: str = AUTO, device: str = AUTO, precision: str = AUTO
) -> Loaded:
    """
    Load a model file or graph into a runtime.

    Parameters
    ----------
    path : Path
        `.safetensors` or `.onnx`; the other one is looked for beside it.
    runtime : str
        One of `RUNTIMES`; `auto` for the fastest one that is installed and has its file.
    device : str
        `auto`, `cpu`, `cuda`, `cuda:1`, `tensorrt` …
    precision : str
        One of `PRECISIONS`, or `auto`: the lowest in which the device computes natively, if
        its depth of one frame is good (`Parity.good`), else float32.

    Raises
    ------
    InputError
        When they cannot be had.

    """
    _check_names(path, runtime, precision)
    *others, last = _fastest_first(path, device) if runtime == AUTO else [runtime]
    for name in others:
        try:
            return _loaded(path, name, device, precision)
        except InputError:
            raise
        except (ImportError, OSError, RuntimeError) as error:
            logger.warning('goes on without %s: %s', name, last_line(error))
    return _loaded(path, last, device, precision)


def _loaded(path: Path, runtime: str, device: str, precision: str) -> Loaded:
    load = partial(_loader(path, runtime), device)
    return _judged(load) if precision == AUTO else Loaded(load(precision))


def is_installed(runtime: str) -> bool:
    """Return whether the library of a runtime is there, without importing it."""
    return importlib.util.find_spec(runtime) is not None


def _check_names(path: Path, runtime: str, precision: str) -> None:
    for what, name, there in (
        ('runtime', runtime, RUNTIMES),
        ('precision', precision, (AUTO, *PRECISIONS)),
    ):
        if name not in there:
            raise InputError(f'{what} "{name}" is unknown; there are {", ".join(there)}')
    if not path.is_file():
        raise InputError(f'{path}: no such model file')


def _fastest_first(path: Path, device: str) -> list[str]:
    """Return the runtimes that are installed, have their file and may use the device."""
    there = [name for name in ON_CPU if is_installed(name) and _file_of(path, name).is_file()]
    if not there:
        # Their refusals say it best.
        return ['onnxruntime' if path.suffix == '.onnx' else 'torch']
    wants_gpu = device not in (AUTO, 'cpu')
    if wants_gpu or (device == AUTO and _has_nvidia_driver()):
        on_gpu = [name for name in ON_GPU if name in there]
        if device.startswith('tensorrt'):
            on_gpu = [name for name in on_gpu if name == 'onnxruntime']
        ready = [name for name in on_gpu if _has_cuda(name)]
        if ready or wants_gpu:
            return ready or on_gpu or ['onnxruntime']
    return there


def _has_nvidia_driver() -> bool:
    # Cheap: without a driver, a node need not import torch only to hear that there is no GPU.
    try:
        ctypes.CDLL('libcuda.so.1')
    except OSError:
        return False
    return True


def _has_cuda(runtime: str) -> bool:
    if runtime == 'torch':
        import torch

        return torch.cuda.is_available()
    from adu_depth_core.inference.runtimes.onnx_runtime import has_cuda

    return has_cuda()


def _judged(load: Callable[[str], Runtime]) -> Loaded:
    """Load the device's own precision if it is as good as float32, else float32."""
    reference = load(FLOAT32)
    if reference.native_precision == FLOAT32:
        return Loaded(reference)
    try:
        runtime = load(reference.native_precision)
        parity = measured_parity(runtime, reference)
    except (InputError, RuntimeError) as error:
        logger.warning('stays at float32: %s', last_line(error))
        return Loaded(reference)
    found = f'{runtime.name} on {runtime.device} in {runtime.precision}, against float32: {parity}'
    if parity.good:
        logger.info('uses %s', found)
        return Loaded(runtime, parity)
    logger.warning('stays at float32, as the depth is not good enough of %s', found)
    return Loaded(reference, parity)


def _loader(path: Path, name: str) -> Callable[[str, str], Runtime]:
    """Return what loads a runtime, given device and precision."""
    if not is_installed(name):
        raise InputError(
            f'runtime "{name}" is not installed; pip install "adu_depth_ros[{EXTRAS[name]}]"'
        )
    file = _file_of(path, name)
    if name == 'torch':
        if not file.is_file():
            raise InputError(f'{file}: no model file beside the graph, torch cannot run an .onnx')
        from adu_depth_core.inference.runtimes.torch_runtime import TorchRuntime

        return partial(TorchRuntime, file)
    if not file.is_file():
        raise InputError(f'{file}: no graph beside the model; make it by adu-depth export {path}')
    return partial(_on_graph, path, name)


def _on_graph(path: Path, name: str, device: str, precision: str) -> Runtime:
    graph = _file_of(path, name)
    runtime: Runtime
    if name == 'openvino':
        from adu_depth_core.inference.runtimes.openvino_runtime import OpenVinoRuntime

        runtime = OpenVinoRuntime(graph, device, precision)
    else:
        from adu_depth_core.inference.runtimes.onnx_runtime import OnnxRuntime

        runtime = OnnxRuntime(graph, device, precision)
    _check_same_model(path, runtime)
    return runtime


def _file_of(path: Path, runtime: str) -> Path:
    return path.with_suffix('.safetensors' if runtime == 'torch' else '.onnx')


def _check_same_model(path: Path, graph: Runtime) -> None:
    # A graph left over from an earlier training would answer in the name of the new weights.
    weights = path.with_suffix('.safetensors')
    if weights.is_file() and sha256(weights) != graph.model_sha256:
        raise InputError(
            f'{path.with_suffix(".onnx")}: not made from {weights.name} beside it; '
            f'make it anew by adu-depth export {weights}'
        )
