# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
Run an exported graph in OpenVINO on the CPU, in two models.

OpenVINO's precision hint holds for a whole compiled model, and its marks for single nodes do not
keep the CPU from computing the head's convolution and upsampling in bfloat16, which leaves a few
hundred distinct depths of an image. Two models have a hint each.
"""

from collections.abc import Callable, Mapping
from functools import cache, lru_cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import openvino
from numpy.typing import NDArray
from openvino import opset13
from openvino.passes import ConstantFolding, Manager

from adu_depth_core.errors import InputError
from adu_depth_core.inference.graph_file import read_graph_file
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
HEAD = 'network.head.'  # begins the names of its weights


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
        model = _read(graph)
        inputs, outputs = ([x.any_name for x in xs] for xs in (model.inputs, model.outputs))
        check_names(inputs, outputs, self.info, graph)
        self.fixed_size = fixed_size(_lengths(model.inputs[0].partial_shape), graph)
        self._network = lru_cache(MOST_SIZES)(partial(_compiled, graph, precision, threads))

    def __call__(self, *inputs: NDArray[np.uint8] | float) -> Maps:
        """Map images and numbers to depth and std, (H, W) float32 metres, see `Runtime`."""
        images_and_numbers = arrays(inputs)
        network = self._network(*images_and_numbers[0].shape[1:3])
        return network(dict(zip(self.info.INPUTS, images_and_numbers, strict=True)))

    @staticmethod
    def has_cuda() -> bool:
        """Return False: this one is for CPUs."""
        return False


@cache
def core() -> openvino.Core:
    """
    Return OpenVINO's core, one as long as the process lives.

    On a CPU with AMX a core brings another stack for signals, and gives back the one before as it
    ends. Of two, the first to end takes its stack with it, the second gives that back, and then
    any signal, Ctrl-C or the end of a child, kills the process (OpenVINO 2026.4).
    """
    return openvino.Core()


def native_precisions() -> tuple[str, ...]:
    """Return the precisions below float32 in which OpenVINO computes on this CPU."""
    there = core().get_property('CPU', 'OPTIMIZATION_CAPABILITIES')
    return tuple(name for name, capability in CAPABILITIES.items() if capability in there)


def _read(graph: Path) -> openvino.Model:
    try:
        return core().read_model(graph)
    except RuntimeError as error:
        raise InputError(f'{graph}: openvino cannot load it ({last_line(error)})') from error


def _lengths(shape: openvino.PartialShape) -> list[int | None]:
    if shape.rank.is_dynamic:
        return []
    return [side.get_length() if side.is_static else None for side in shape]


def _compiled(graph: Path, precision: str, threads: int, height: int, width: int) -> Network:
    model = of_size(_read(graph), height, width)
    if precision == FLOAT32:
        return _whole(_request(model, FLOAT32, threads))
    backbone, head = split_at_head(model, HINTS[precision])
    return _in_two(_request(backbone, precision, threads), _request(head, FLOAT32, threads))


def _request(model: openvino.Model, precision: str, threads: int) -> openvino.InferRequest:
    options = {
        'INFERENCE_PRECISION_HINT': HINTS[precision],
        'PERFORMANCE_HINT': 'LATENCY',
        # A robot's cores have other work too: threads tied to a core would wait for it.
        'ENABLE_CPU_PINNING': False,
    }
    if threads:
        options['INFERENCE_NUM_THREADS'] = threads
    return core().compile_model(model, 'CPU', options).create_infer_request()


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


def of_size(model: openvino.Model, height: int, width: int) -> openvino.Model:
    """Give the model's images a fixed size, and turn all that follows from it into constants."""
    images = [value for value in model.inputs if value.partial_shape.rank.get_length() == 4]
    model.reshape({value.any_name: [1, height, width, 3] for value in images})
    passes = Manager()
    passes.register_pass(ConstantFolding())
    passes.run_passes(model)
    return model


def split_at_head(model: openvino.Model, precision: str) -> tuple[openvino.Model, openvino.Model]:
    """
    Cut a model of fixed size where its head begins; the model itself is used up.

    Parameters
    ----------
    model : openvino.Model
        From `of_size`.
    precision : str
        Of the feature that goes from one to the other, in OpenVINO's words: `bf16`, `f16`.

    Returns
    -------
    backbone : openvino.Model
        Maps `image` to the decoder's finest feature, (1, H/4, W/4, C).
    head : openvino.Model
        Maps that feature and `fx` to `depth` and `std`; the first it does is go to float32.

    """
    image, fx = (model.input(name).get_node() for name in ('image', 'fx'))
    found = _head_convolution(model).input_value(0)
    readers = found.get_target_inputs()
    # As the CPU holds it, channels last and in its own type: handing it over reorders nothing.
    feature = opset13.convert(_transposed(found, [0, 2, 3, 1]), precision).output(0)
    shape, kind = feature.get_partial_shape(), feature.get_element_type()
    entry = opset13.parameter(shape, kind, 'feature')
    restored = _transposed(opset13.convert(entry, 'f32').output(0), [0, 3, 1, 2])
    for reader in readers:
        reader.replace_source_output(restored)
    head = openvino.Model([model.output('depth'), model.output('std')], [entry, fx], 'head')
    return openvino.Model([feature], [image], 'backbone'), head


def _transposed(values: openvino.Output, order: list[int]) -> openvino.Output:
    return opset13.transpose(values, opset13.constant(np.array(order))).output(0)


def _head_convolution(model: openvino.Model) -> openvino.Node:
    for node in model.get_ordered_ops():
        if node.get_type_name() == 'Convolution':
            weight = node.input_value(1).get_node()
            if weight.get_friendly_name().startswith(HEAD):
                return node
    raise InputError(
        'this graph does not say where its head begins; use precision float32, or export it anew'
    )
