# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
`adu-depth benchmark forward`, in turns with a ResNet-18 U-Net.

The baseline is wholly in the precision of a row, up to its sigmoid; of ours the heads are in
float32 in any case.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from adu_depth_core.benchmarks import forward
from adu_depth_core.benchmarks.forward import Mode, Rival, Size, fastest_ms, rows_of, sizes_of
from adu_depth_core.benchmarks.parts import Options, Result
from adu_depth_core.benchmarks.tables import Table
from adu_depth_core.benchmarks.worker import Work
from adu_depth_core.errors import InputError
from adu_depth_core.inference.runtimes.parity import parity_frame
from adu_depth_core.inference.runtimes.runtime import FLOAT32

if TYPE_CHECKING:
    import torch

SUMMARY = f'{forward.SUMMARY}, and a ResNet-18 U-Net'
BASELINE = 'resnet18 u-net'

Image = NDArray[np.uint8]


def measure(options: Options) -> Result:
    """Time all networks and the baseline at all sizes, in turns."""
    return forward.measure_with(options, {BASELINE: Rival(_graph, make_baseline, _on_gpu)})


def tables(result: Result) -> list[Table]:
    """Return the tables of the networks; those of a CPU tell how many times faster they are."""
    found = forward.tables(result)
    for place, size in enumerate(sizes_of(result)):
        fastest, rows = fastest_baseline(result, size), rows_of(result, size)
        times = [fastest / row['p50_ms'] if fastest else None for row in rows]
        found[place] = replace(
            found[place],
            header=(*found[place].header, 'times the baseline'),
            rows=[(*cells, n) for cells, n in zip(found[place].rows, times, strict=True)],
        )
    return found


def fastest_baseline(result: Result, size: Size) -> float | None:
    """Return the least p50 of the baseline at a size."""
    return fastest_ms(result, size, BASELINE)


def make_baseline(mode: Mode, file: Path, size: Size) -> Work:
    """Return what runs one pass of the baseline; `file` is its graph."""
    make: dict[str, Callable[[str, Path, Image], Work]] = {
        'openvino': _by_openvino,
        'onnxruntime': _by_onnxruntime,
        'torch': _by_torch,
    }
    if mode.runtime not in make:
        raise InputError(f'the baseline is not timed in runtime "{mode.runtime}"')
    try:
        return make[mode.runtime](mode.precision, file, parity_frame(*size))
    except ModuleNotFoundError as error:
        raise InputError(f'runtime "{mode.runtime}" is not installed') from error


def _by_openvino(precision: str, file: Path, image: Image) -> Work:

    from adu_depth_core.inference.runtimes.openvino_runtime import (
        HINTS,
        core,
        native_precisions,
        of_size,
    )
    from adu_depth_core.inference.runtimes.runtime import check_precision

    check_precision(precision, (*native_precisions(), FLOAT32), 'openvino on this CPU')
    options: dict[str, Any] = {
        'INFERENCE_PRECISION_HINT': HINTS[precision],
        'PERFORMANCE_HINT': 'LATENCY',
        'ENABLE_CPU_PINNING': False,
    }
    model = of_size(core().read_model(file), *image.shape[:2])
    request = core().compile_model(model, 'CPU', options).create_infer_request()
    return partial(request.infer, {'image': image[None]}, share_inputs=True, share_outputs=True)


def _by_onnxruntime(precision: str, file: Path, image: Image) -> Work:
    import onnxruntime

    session = onnxruntime.InferenceSession(str(file), providers=['CPUExecutionProvider'])
    return partial(session.run, None, {'image': image[None]})


def _by_torch(precision: str, file: Path, image: Image) -> Work:
    import torch
    from unet_baseline import baseline

    network = baseline().computing_in(getattr(torch, precision))
    batch = torch.from_numpy(image)[None]

    def run() -> object:
        with torch.inference_mode():
            return network(batch).numpy()

    return run


def _graph(folder: Path, size: Size) -> Path:
    # Only here and below, since it takes torch, which tables of a result do not need.
    from unet_baseline import baseline_graph

    return baseline_graph(folder, size)


def _on_gpu(kind: 'torch.dtype') -> 'torch.nn.Module':
    from unet_baseline import WithoutFocalLength, baseline

    return WithoutFocalLength(baseline().computing_in(kind))
