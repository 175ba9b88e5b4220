# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""From a model file to the ONNX graph that nodes run."""

from functools import partial
from pathlib import Path

import numpy as np
import onnx
import torch
from numpy.typing import NDArray

from adu_depth_core.atomic_files import written_whole
from adu_depth_core.errors import InputError
from adu_depth_core.inference.graph_file import EXAMPLE_KEY, written_example
from adu_depth_core.inference.model_file import load_reparameterised
from adu_depth_core.inference.model_info import SHA256_KEY, ModelInfo, TeacherInfo, sha256
from adu_depth_core.inference.network_size import MULTIPLE
from adu_depth_core.models.metric_depth import Metric

OPSET = 18
EXAMPLE_SIZE = 640, 192
IMAGES = ('image', 'left', 'right')


def export_onnx(model_file: Path, output: Path, size: tuple[int, int] | None = None) -> None:
    """
    Write the ONNX graph of a model file, of a student or a teacher, whole or not at all.

    A student's inputs are `image`, (1, H, W, 3) uint8 RGB, and `fx`, (1,) float32 in px; a
    teacher's are `left` and `right`, as the image, `fx`, `baseline` in metres, and `offset`, right
    cx - left cx in px. The outputs are `depth` and `std`, (1, H, W) float32 metres. The graph
    carries the model file's metadata and sha256, and a student's an example of what it says.

    Parameters
    ----------
    model_file : Path
        `.safetensors`.
    output : Path
        `.onnx`.
    size : (int, int), optional
        Width and height in px, multiples of 32, of the only images that the graph will take;
        where not given, H and W may be any multiples of 32.

    """
    if output.suffix != '.onnx':
        raise InputError(f'{output}: a graph is a file with the suffix .onnx; name it so')
    model, info = load_reparameterised(model_file)
    graph = _graph(model, info, size)
    _forget_where_it_was_made(graph)
    _set_metadata(graph, model, info, sha256(model_file))
    onnx.checker.check_model(graph)
    with written_whole(output) as temporary:
        onnx.save_model(graph, temporary)


def _graph(model: Metric, info: ModelInfo, size: tuple[int, int] | None) -> onnx.ModelProto:
    width_px, height_px = size or EXAMPLE_SIZE
    height, width = torch.export.Dim('h', min=1), torch.export.Dim('w', min=1)
    any_size = {1: MULTIPLE * height, 2: MULTIPLE * width}
    examples = {
        name: torch.zeros(1, height_px, width_px, 3, dtype=torch.uint8)
        if name in IMAGES
        else torch.ones(1)
        for name in info.INPUTS
    }
    program = torch.onnx.export(
        model,
        tuple(examples.values()),
        input_names=list(examples),
        output_names=['depth', 'std'],
        dynamic_shapes=None
        if size
        else tuple(any_size if n in IMAGES else None for n in examples),
        opset_version=OPSET,
        dynamo=True,
        optimize=True,
        verbose=False,
    )
    assert program is not None
    return program.model_proto


def _forget_where_it_was_made(graph: onnx.ModelProto) -> None:
    """Remove the stack traces, with paths of this machine, that the exporter leaves in a graph."""
    inner = graph.graph
    inner.ClearField('metadata_props')
    for part in (*inner.node, *inner.input, *inner.output, *inner.value_info, *inner.initializer):
        part.ClearField('metadata_props')


def _set_metadata(
    graph: onnx.ModelProto, model: Metric, info: ModelInfo, source_sha256: str
) -> None:
    metadata = {info.KEY: info.to_json(), SHA256_KEY: source_sha256}
    if not isinstance(info, TeacherInfo):  # no runtime of teachers asks for one
        metadata[EXAMPLE_KEY] = written_example(partial(_predicted, model))
    onnx.helper.set_model_props(graph, metadata)


@torch.inference_mode()
def _predicted(
    model: Metric, image: NDArray[np.uint8], fx: float
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    depth, std = model(torch.from_numpy(image)[None], torch.tensor([fx]))
    return depth[0].numpy(), std[0].numpy()
