# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Which runtime, on which device, in which precision: what is asked for, or the fastest."""

import ctypes
import logging
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple

from adu_depth_core.errors import InputError
from adu_depth_core.inference.model_info import sha256
from adu_depth_core.inference.runtimes.parity import Parity, measured_parity
from adu_depth_core.inference.runtimes.runtime import FLOAT32, PRECISIONS, Runtime, last_line
from adu_depth_core.inference.runtimes.table import (
    AUTO,
    BY_NAME,
    GRAPH,
    MODEL_FILE,
    RUNTIMES,
    RuntimeRow,
    check_device,
    fastest_first,
)

logger = logging.getLogger(__name__)


class LoadedRuntime(NamedTuple):
    """A runtime, and how its precision was judged; None where there was nothing to judge."""

    runtime: Runtime
    parity: Parity | None = None


def load_runtime(
    path: Path,
    runtime: str = AUTO,
    device: str = AUTO,
    precision: str = AUTO,
    threads: int = 0,
    engine_cache: str = '',
) -> LoadedRuntime:
    """
    Load a model file or graph, of a student or a teacher, into a runtime.

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
    threads : int
        On a CPU; 0 for the runtime's own choice.
    engine_cache : str
        Folder in which engines of TensorRT are kept, see `engine_cache.engine_folder`.

    Raises
    ------
    InputError
        When they cannot be had.

    """
    _check_names(path, runtime, precision)
    if runtime == AUTO:
        *others, last = _usable(path, device)
    else:
        others, last = [], BY_NAME[runtime]
        check_device(device, [runtime])
    for row in others:
        try:
            return _loaded(path, row, device, precision, threads, engine_cache)
        except InputError:
            raise
        except (ImportError, OSError, RuntimeError) as error:
            logger.warning('goes on without %s: %s', row.name, last_line(error))
    return _loaded(path, last, device, precision, threads, engine_cache)


def is_installed(runtime: str) -> bool:
    """Return whether the library of a runtime is there, without importing it."""
    return BY_NAME[runtime].is_installed


def _loaded(
    path: Path, row: RuntimeRow, device: str, precision: str, threads: int, engine_cache: str
) -> LoadedRuntime:
    load = partial(_loader(path, row, threads, engine_cache), device)
    return _judged(load) if precision == AUTO else LoadedRuntime(load(precision))


def _check_names(path: Path, runtime: str, precision: str) -> None:
    for what, name, there in (
        ('runtime', runtime, RUNTIMES),
        ('precision', precision, (AUTO, *PRECISIONS)),
    ):
        if name not in there:
            raise InputError(f'{what} "{name}" is unknown; there are {", ".join(there)}')
    if not path.is_file():
        raise InputError(f'{path}: no such model file')


def _usable(path: Path, device: str) -> list[RuntimeRow]:
    """Return, fastest first, the runtimes that are installed, have their file and the device."""
    kind = check_device(device)
    has_file = [row for row in fastest_first('cpu') if path.with_suffix(row.suffix).is_file()]
    there = [row for row in has_file if is_installed(row.name)]
    if not there:
        # Loading this one says what is missing.
        return [next(row for row in reversed(fastest_first('cpu')) if row.suffix == path.suffix)]
    if kind == 'cpu' or (kind == AUTO and not _has_nvidia_driver()):
        return there
    fastest = fastest_first('cuda' if kind == AUTO else kind)
    on_gpu = [row for row in fastest if row in there]
    ready = [row for row in on_gpu if _has_cuda(row)]
    return ready or (there if kind == AUTO else on_gpu or fastest[:1])


def _has_nvidia_driver() -> bool:
    # Cheap: without a driver, a node need not import torch only to hear that there is no GPU.
    try:
        ctypes.CDLL('libcuda.so.1')
    except OSError:
        return False
    return True


def _has_cuda(row: RuntimeRow) -> bool:
    return bool(row.loaded_class().has_cuda())


def _judged(load: Callable[[str], Runtime]) -> LoadedRuntime:
    """Load the device's own precision if it is as good as float32, else float32."""
    reference = load(FLOAT32)
    if reference.native_precision == FLOAT32:
        return LoadedRuntime(reference)
    try:
        runtime = load(reference.native_precision)
        parity = measured_parity(runtime, reference)
    except (InputError, RuntimeError) as error:
        logger.warning('stays at float32: %s', last_line(error))
        return LoadedRuntime(reference)
    found = f'{runtime.name} on {runtime.device} in {runtime.precision}, against float32: {parity}'
    if parity.good:
        logger.info('uses %s', found)
        return LoadedRuntime(runtime, parity)
    logger.warning('stays at float32, as the depth is not good enough of %s', found)
    return LoadedRuntime(reference, parity)


def _loader(
    path: Path, row: RuntimeRow, threads: int, engine_cache: str
) -> Callable[[str, str], Runtime]:
    """Return what loads a runtime, given device and precision."""
    if not is_installed(row.name):
        raise InputError(f'runtime "{row.name}" is not installed; {row.advice}')
    file = path.with_suffix(row.suffix)
    if not file.is_file():
        raise InputError(
            f'{file}: no graph beside the model; make it by adu-depth export {path}'
            if row.suffix == GRAPH
            else f'{file}: no model file beside the graph, {row.name} cannot run an {GRAPH}'
        )
    own = {'engine_cache': engine_cache} if row.builds_engines else {}

    def load(device: str, precision: str) -> Runtime:
        runtime: Runtime = row.loaded_class()(file, device, precision, threads, **own)
        _check_graph_is_of(file, runtime)
        return runtime

    return load


def _check_graph_is_of(file: Path, runtime: Runtime) -> None:
    # A graph left over from an earlier training would answer in the name of the new weights.
    weights = file.with_suffix(MODEL_FILE)
    if file != weights and weights.is_file() and sha256(weights) != runtime.model_sha256:
        raise InputError(
            f'{file}: not made from {weights.name} beside it; '
            f'make it anew by adu-depth export {weights}'
        )
