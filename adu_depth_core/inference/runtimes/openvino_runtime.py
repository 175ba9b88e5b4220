# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Run an exported graph in OpenVINO on the CPU."""

from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import openvino
from numpy.typing import NDArray

from adu_depth_core.errors import InputError
from adu_depth_core.inference.graph_file import read_graph_file
from adu_depth_core.inference.runtimes.openvino_parts import of_size, split_at_head
from adu_depth_core.inference.runtimes.runtime import (
    BFLOAT16,
    FLOAT16,
    FLOAT32,
    MOST_SIZES,
    Maps,
    arrays,
    check_names,
    check_precision,
    fixed_size,
    last_line,
    lower_precisions,
)

HINTS = {FLOAT32: 'f32', BFLOAT16: 'bf16', FLOAT16: 'f16'}
CAPABILITIES = {BFLOAT16: 'BF16', FLOAT16: 'FP16'}

Inputs = Mapping[str, NDArray[Any]]
Network = Callable[[Inputs], Maps]


class OpenVinoRuntime:
    """
    OpenVINO on the CPU; the graph is compiled for each size of the image that comes.

    Parameters
    ----------
    graph : Path
        An `.onnx` file written by `adu-depth export`.
    device : str
        `auto` or `cpu`.
    precision : str
        Of the backbone: `float32`, or what the CPU computes natively.
    threads : int
        On the CPU; 0 for OpenVINO's own choice.

    Raises
    ------
    InputError
        When the file, the device or the precision cannot be used.

    """

    name, device = 'openvino', 'cpu'

    def __init__(
        self, graph: Path, device: str = 'auto', precision: str = FLOAT32, threads: int = 0
    ) -> None:
        self.info, self.model_sha256 = read_graph_file(graph)
        possible = *lower_precisions(self.info, native_precisions()), FLOAT32
        check_precision(precision, possible, 'openvino on this CPU')
        self.native_precision = possible[0]
        self.precision = precision
        core = openvino.Core()
        if threads:
            core.set_property('CPU', {'INFERENCE_NUM_THREADS': threads})
        model = _read(core, graph)
        inputs, outputs = ([x.any_name for x in xs] for xs in (model.inputs, model.outputs))
        check_names(inputs, outputs, self.info, graph)
        self.fixed_size = fixed_size(_lengths(model.inputs[0].partial_shape), graph)
        self._network = lru_cache(MOST_SIZES)(partial(_compiled, core, graph, precision))

    def __call__(self, *inputs: NDArray[np.uint8] | float) -> Maps:
        """Map images and numbers to depth and std, (H, W) float32 metres, see `Runtime`."""
        images_and_numbers = arrays(inputs)
        network = self._network(*images_and_numbers[0].shape[1:3])
        return network(dict(zip(self.info.INPUTS, images_and_numbers, strict=True)))

    @staticmethod
    def has_cuda() -> bool:
        """Return False: this one is for CPUs."""
        return False


def native_precisions() -> tuple[str, ...]:
    """Return the precisions below float32 in which OpenVINO computes on this CPU."""
    there = openvino.Core().get_property('CPU', 'OPTIMIZATION_CAPABILITIES')
    return tuple(name for name, capability in CAPABILITIES.items() if capability in there)


def _read(core: openvino.Core, graph: Path) -> openvino.Model:
    try:
        return core.read_model(graph)
    except RuntimeError as error:
        raise InputError(f'{graph}: openvino cannot load it ({last_line(error)})') from error


def _lengths(shape: openvino.PartialShape) -> list[int | None]:
    if shape.rank.is_dynamic:
        return []
    return [side.get_length() if side.is_static else None for side in shape]


def _compiled(
    core: openvino.Core, graph: Path, precision: str, height: int, width: int
) -> Network:
    model = of_size(_read(core, graph), height, width)
    if precision == FLOAT32:
        return _whole(_request(core, model, FLOAT32))
    backbone, head = split_at_head(model, HINTS[precision])
    return _in_two(_request(core, backbone, precision), _request(core, head, FLOAT32))


def _request(core: openvino.Core, model: openvino.Model, precision: str) -> openvino.InferRequest:
    options = {
        'INFERENCE_PRECISION_HINT': HINTS[precision],
        'PERFORMANCE_HINT': 'LATENCY',
        # A robot's cores have other work too: threads tied to a core would wait for it.
        'ENABLE_CPU_PINNING': False,
    }
    return core.compile_model(model, 'CPU', options).create_infer_request()


def _whole(network: openvino.InferRequest) -> Network:
    def run(inputs: Inputs) -> Maps:
        network.infer(inputs, share_inputs=True)
        return _maps(network)

    return run


def _in_two(backbone: openvino.InferRequest, head: openvino.InferRequest) -> Network:
    # The head reads where the backbone writes: no copy between the two.
    head.set_input_tensor(0, backbone.get_output_tensor(0))

    def run(inputs: Inputs) -> Maps:
        backbone.infer({'image': inputs['image']}, share_inputs=True)
        head.infer({'fx': inputs['fx']}, share_inputs=True)
        return _maps(head)

    return run


def _maps(request: openvino.InferRequest) -> Maps:
    depth, std = (request.get_tensor(name).data[0] for name in ('depth', 'std'))
    return depth, std
