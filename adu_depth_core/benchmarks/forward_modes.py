# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What runs a network for one timing: which network, in which runtime and precision."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adu_depth_core.benchmarks.worker import Work
from adu_depth_core.errors import InputError
from adu_depth_core.inference.runtimes.loading import load_runtime
from adu_depth_core.inference.runtimes.parity import parity_frame
from adu_depth_core.inference.runtimes.runtime import BFLOAT16, FLOAT32

BASELINE = 'resnet18 u-net'
PRESETS = ('tiny', 'base', 'large')
RUNTIMES = {
    'openvino': (FLOAT32, BFLOAT16),
    'onnxruntime': (FLOAT32,),
    'torch': (FLOAT32, BFLOAT16),
}
FX = 600.0

Image = NDArray[np.uint8]


@dataclass(frozen=True)
class Mode:
    """
    One row of the table.

    `precision` is that of the backbone; heads of ours are in float32 in any case. The baseline
    is wholly in `precision`, up to its sigmoid.
    """

    network: str
    runtime: str
    precision: str

    def __str__(self) -> str:
        """Name it."""
        return f'{self.network} {self.runtime} {self.precision}'


def modes_of(network: str) -> list[Mode]:
    """Return all runtimes and precisions for the CPU."""
    return [Mode(network, runtime, p) for runtime, kinds in RUNTIMES.items() for p in kinds]


def maker(mode: Mode, file: Path, size: tuple[int, int]) -> Callable[[], Work]:
    """
    Return what a worker calls.

    Parameters
    ----------
    mode : Mode
        What to time.
    file : Path
        Model of a preset, or graph of the baseline.
    size : (int, int)
        Width and height in px of the network's input.

    """
    if mode.network == BASELINE:
        return partial(_make_baseline, mode.runtime, mode.precision, file, size)
    return partial(_make_ours, mode.runtime, mode.precision, file, size)


def _make_ours(runtime: str, precision: str, file: Path, size: tuple[int, int]) -> Work:
    network = load_runtime(file, runtime, 'cpu', precision).runtime
    return partial(network, parity_frame(*size), FX)


def _make_baseline(runtime: str, precision: str, file: Path, size: tuple[int, int]) -> Work:
    make: dict[str, Callable[[str, Path, Image], Work]] = {
        'openvino': _openvino_baseline,
        'onnxruntime': _onnxruntime_baseline,
        'torch': _torch_baseline,
    }
    try:
        return make[runtime](precision, file, parity_frame(*size))
    except ModuleNotFoundError as error:
        raise InputError(f'runtime "{runtime}" is not installed') from error


def _openvino_baseline(precision: str, file: Path, image: Image) -> Work:
    import openvino

    from adu_depth_core.inference.runtimes.openvino_parts import of_size
    from adu_depth_core.inference.runtimes.openvino_runtime import HINTS, native_precisions
    from adu_depth_core.inference.runtimes.runtime import check_precision

    check_precision(precision, (*native_precisions(), FLOAT32), 'openvino on this CPU')
    core = openvino.Core()
    options: dict[str, Any] = {
        'INFERENCE_PRECISION_HINT': HINTS[precision],
        'PERFORMANCE_HINT': 'LATENCY',
        'ENABLE_CPU_PINNING': False,
    }
    model = of_size(core.read_model(file), *image.shape[:2])
    request = core.compile_model(model, 'CPU', options).create_infer_request()
    return partial(request.infer, {'image': image[None]}, share_inputs=True, share_outputs=True)


def _onnxruntime_baseline(precision: str, file: Path, image: Image) -> Work:
    import onnxruntime

    session = onnxruntime.InferenceSession(str(file), providers=['CPUExecutionProvider'])
    return partial(session.run, None, {'image': image[None]})


def _torch_baseline(precision: str, file: Path, image: Image) -> Work:
    import torch

    from adu_depth_core.benchmarks.networks import baseline

    network = baseline().computing_in(getattr(torch, precision))
    batch = torch.from_numpy(image)[None]

    def run() -> object:
        with torch.inference_mode():
            return network(batch).numpy()

    return run
