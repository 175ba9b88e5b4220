# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
The part of an exported graph that any `cv2.dnn` can run, for images of one size.

OpenCV 4 loads no graph that computes with its own shapes, and not all kinds of nodes. Between the
normalised image and the two maps of a quarter of its size there are none of those but where a
feature is brought up to the size of the next finer one; and as the sides of an image are multiples
of 32, that is always twice its own. So the nodes between are taken, with factors of 2 in place of
computed sizes and limits as OpenCV 4.6 wants them, and what is left at both ends is a few lines of
arithmetic.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np

from adu_depth_core.errors import InputError
from adu_depth_core.inference.graph_file import contents
from adu_depth_core.inference.protobuf import SpoiltError, Value, fields, nested, text, written

FIRST_KIND = 'Conv'
# What encoders of convolutions are made of. Of others OpenCV 4.14 is known to crash the process.
KINDS = frozenset(
    [
        'Add',
        'AveragePool',
        'Clip',
        'Conv',
        'GlobalAveragePool',
        'HardSigmoid',
        'HardSwish',
        'MaxPool',
        'Mul',
        'ReduceMean',
        'Relu',
        'Resize',
        'Sigmoid',
    ]
)
LAST_WEIGHT = 'network.head.add.weight'  # of the convolution that adds up the head's two maps
IMAGE_CHANNELS, MAPS, REDUCTION = 3, 2, 4
SCALES = 'factors_of_two'
FLOAT = 1  # of a tensor's elements, and of an attribute

# Numbers of fields in onnx.proto.
MODEL_IR, MODEL_GRAPH, MODEL_OPSET = 1, 7, 8
NODE, NAME, TENSOR, INPUT, OUTPUT = 1, 2, 5, 11, 12  # of a graph
NODE_INPUT, NODE_OUTPUT, NODE_KIND, NODE_ATTRIBUTE = 1, 2, 4, 5
ATTRIBUTE_NAME, ATTRIBUTE_FLOAT, ATTRIBUTE_TYPE = 1, 2, 20
TENSOR_DIM, TENSOR_TYPE, TENSOR_FLOATS, TENSOR_NAME, TENSOR_BYTES = 1, 2, 4, 8, 9
VALUE_NAME, VALUE_TYPE, TYPE_TENSOR, TYPE_ELEMENT, TYPE_SHAPE = 1, 2, 1, 1, 2
SHAPE_DIM, DIM_VALUE = 1, 1


class Node(NamedTuple):
    """A node of a graph: the names of what it takes and gives, and its bytes in the file."""

    kind: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    message: memoryview


class OnnxGraph(NamedTuple):
    """
    As much of an `.onnx` file as must be known to take a part out of it.

    Attributes
    ----------
    nodes : tuple of Node
        In an order in which they can be computed.
    tensors : dict of str to memoryview
        The bytes of the weights, by name.
    inputs : dict of str to tuple
        The lengths of each input, None where any will do.
    outputs : tuple of str
    opsets : tuple of memoryview
        Which versions of the format the nodes are written in.

    """

    nodes: tuple[Node, ...]
    tensors: dict[str, memoryview]
    inputs: dict[str, tuple[int | None, ...]]
    outputs: tuple[str, ...]
    opsets: tuple[memoryview, ...]


def read_graph(path: Path) -> OnnxGraph:
    """Read an `.onnx` file; raises `InputError` where it is none."""
    try:
        model = list(fields(memoryview(contents(path))))
        graph = [pair for part in _all(model, MODEL_GRAPH) for pair in fields(part)]
        inputs = [list(fields(part)) for part in _all(graph, INPUT)]
        return OnnxGraph(
            tuple(map(_node, _all(graph, NODE))),
            {text(dict(fields(part)).get(TENSOR_NAME)): part for part in _all(graph, TENSOR)},
            {text(dict(value).get(VALUE_NAME)): _lengths(value) for value in inputs},
            tuple(text(dict(fields(part)).get(VALUE_NAME)) for part in _all(graph, OUTPUT)),
            tuple(_all(model, MODEL_OPSET)),
        )
    except (IndexError, UnicodeDecodeError, SpoiltError) as error:
        raise InputError(f'{path}: not a readable .onnx file ({error})') from error


def backbone(graph: OnnxGraph, width: int, height: int) -> bytes:
    """
    Cut the graph of a student to what `cv2.dnn` runs.

    Parameters
    ----------
    graph : OnnxGraph
    width, height : int
        Of the image in px, multiples of 32.

    Returns
    -------
    bytes
        An `.onnx` file that maps the normalised image, (1, 3, H, W) float32, to the head's maps
        before they are brought up to full size, (1, 2, H/4, W/4): log-depth and what becomes the
        scale.

    Raises
    ------
    InputError
        When the graph does not say where these are, or has nodes that `cv2.dnn` cannot be trusted
        with.

    """
    begin, end = _ends(graph)
    nodes = _between(graph, begin, end)
    others = sorted({node.kind for node in nodes} - KINDS)
    if others:
        raise InputError(
            f'this graph has nodes of {", ".join(map(repr, others))}, and OpenCV is known to run '
            'those of convolutional encoders alone; use runtime onnxruntime or openvino'
        )
    used = sorted({name for node in nodes for name in node.inputs} & set(graph.tensors))
    shape = (1, MAPS, height // REDUCTION, width // REDUCTION)
    parts = [
        *(written(NODE, node.message) for node in nodes),
        written(NAME, 'backbone'),
        *(written(TENSOR, graph.tensors[name]) for name in used),
        written(TENSOR, _scales()),
        written(INPUT, _value(begin, (1, IMAGE_CHANNELS, height, width))),
        written(OUTPUT, _value(end, shape)),
    ]
    opsets = b''.join(written(MODEL_OPSET, part) for part in graph.opsets)
    return written(MODEL_IR, 8) + written(MODEL_GRAPH, b''.join(parts)) + opsets


def _ends(graph: OnnxGraph) -> tuple[str, str]:
    convolutions = [n for n in graph.nodes if n.kind == FIRST_KIND and n.inputs and n.outputs]
    last = [node for node in convolutions if LAST_WEIGHT in node.inputs]
    if not last:
        raise InputError(
            'this graph does not say where its head ends; use runtime onnxruntime, or export it '
            'anew by adu-depth export'
        )
    return convolutions[0].inputs[0], last[0].outputs[0]


def _between(graph: OnnxGraph, begin: str, end: str) -> list[Node]:
    """Return, in their order, the nodes that lead from one value to another."""
    makers = {name: at for at, node in enumerate(graph.nodes) for name in node.outputs}
    found: dict[int, Node] = {}
    wanted = [end]
    while wanted:
        name = wanted.pop()
        if name in graph.tensors or name in (begin, '', SCALES):
            continue
        if name not in makers:
            raise InputError(f'this graph computes with "{name}", which cv2.dnn cannot take')
        at = makers[name]
        if at not in found:
            found[at] = _for_opencv(graph.nodes[at], graph.tensors)
            wanted += found[at].inputs
    return [found[at] for at in sorted(found)]


def _for_opencv(node: Node, tensors: Mapping[str, memoryview]) -> Node:
    """Return a node as any `cv2.dnn` takes it."""
    if node.kind == 'Resize':
        return _with_inputs(node, (*node.inputs[:1], '', SCALES))
    if node.kind == 'Clip':
        # Before version 11 of the format, limits were attributes; OpenCV 4.6 takes no others.
        limits = zip(('min', 'max'), node.inputs[1:], strict=False)
        values = ((name, tensors[value]) for name, value in limits if value in tensors)
        attributes = (_attribute(name, _number(tensor)) for name, tensor in values)
        return _with_inputs(node, node.inputs[:1], b''.join(attributes))
    return node


def _with_inputs(node: Node, inputs: tuple[str, ...], more: bytes = b'') -> Node:
    others = (written(n, nested(v)) for n, v in fields(node.message) if n != NODE_INPUT)
    message = b''.join([*(written(NODE_INPUT, name) for name in inputs), *others, more])
    return node._replace(inputs=inputs, message=memoryview(message))


def _attribute(name: str, value: float) -> bytes:
    content = (
        written(ATTRIBUTE_NAME, name)
        + written(ATTRIBUTE_FLOAT, value)
        + written(ATTRIBUTE_TYPE, FLOAT)
    )
    return written(NODE_ATTRIBUTE, content)


def _number(tensor: memoryview) -> float:
    parts = dict(fields(tensor))
    stored = nested(parts.get(TENSOR_BYTES, parts.get(TENSOR_FLOATS, memoryview(b''))))
    if parts.get(TENSOR_TYPE) != FLOAT or len(stored) != 4:
        raise InputError('this graph has a limit that is no float32; export it anew')
    return float(np.frombuffer(stored, '<f4')[0])


def _scales() -> bytes:
    factors = np.array([1, 1, 2, 2], '<f4')
    return (
        written(TENSOR_DIM, factors.size)
        + written(TENSOR_TYPE, FLOAT)
        + written(TENSOR_NAME, SCALES)
        + written(TENSOR_BYTES, factors.tobytes())
    )


def _value(name: str, shape: tuple[int, ...]) -> bytes:
    """Return what an input or output of float32 says of itself."""
    sides = b''.join(written(SHAPE_DIM, written(DIM_VALUE, side)) for side in shape)
    tensor = written(TYPE_ELEMENT, FLOAT) + written(TYPE_SHAPE, sides)
    return written(VALUE_NAME, name) + written(VALUE_TYPE, written(TYPE_TENSOR, tensor))


def _node(message: memoryview) -> Node:
    parts = list(fields(message))
    return Node(
        text(dict(parts).get(NODE_KIND)),
        tuple(text(value) for number, value in parts if number == NODE_INPUT),
        tuple(text(value) for number, value in parts if number == NODE_OUTPUT),
        message,
    )


def _lengths(value: list[tuple[int, Value]]) -> tuple[int | None, ...]:
    sides = value
    for number in (VALUE_TYPE, TYPE_TENSOR, TYPE_SHAPE):
        sides = [pair for part in _all(sides, number) for pair in fields(part)]
    lengths = (dict(fields(side)).get(DIM_VALUE) for side in _all(sides, SHAPE_DIM))
    return tuple(length if isinstance(length, int) else None for length in lengths)


def _all(parts: list[tuple[int, Value]], wanted: int) -> Iterator[memoryview]:
    """Yield the messages that are fields of one number."""
    return (nested(value) for number, value in parts if number == wanted)
