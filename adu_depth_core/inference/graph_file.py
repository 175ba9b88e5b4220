# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
What an `.onnx` file says about itself, read before any runtime opens it.

A graph may keep its weights in other files, by any path, and a runtime would read those. Ours
never do, so one that does is refused. All messages of the format that can hold a tensor are
walked through.

Among it is an example: what the network said of one picture when it was exported. A runtime that
has nothing to compare itself with where it is installed compares itself with this.
"""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from adu_depth_core.errors import InputError
from adu_depth_core.inference.model_info import SHA256_KEY, ModelInfo, find_info
from adu_depth_core.inference.protobuf import SpoiltError, fields, text

LARGEST_BYTES = 2**31 - 1  # what protobuf can hold
DEEPEST = 40
# Messages of onnx.proto by the numbers of their fields, as far as they lead to a tensor.
CHILDREN: dict[str, dict[int, str]] = {
    'model': {7: 'graph', 14: 'property', 20: 'training', 25: 'function'},
    'training': {1: 'graph', 2: 'graph'},
    'graph': {1: 'node', 5: 'tensor', 15: 'sparse'},
    'function': {7: 'node', 11: 'attribute'},
    'node': {5: 'attribute'},
    'attribute': {5: 'tensor', 6: 'graph', 10: 'tensor', 11: 'graph', 22: 'sparse', 23: 'sparse'},
    'sparse': {1: 'tensor', 2: 'tensor'},
}
KEY, VALUE = 1, 2  # of a property
EXTERNAL_DATA, DATA_LOCATION = 13, 14  # of a tensor
EXAMPLE_KEY = 'adu_depth_example'
WIDTH, HEIGHT, FX = 96, 64, 70.0
EVERY = 8  # px; what is kept of a map
DIGITS = 6
MAX_ERROR = 0.01  # relative; OpenCV 4.5.4 to 4.14 differ by some 1e-6
Network = Callable[[NDArray[np.uint8], float], tuple[NDArray[np.float32], NDArray[np.float32]]]


class GraphFile(NamedTuple):
    """What an `.onnx` file says: about the model, and the sha256 of what it was made from."""

    info: ModelInfo
    model_sha256: str


def read_graph_file(path: Path) -> GraphFile:
    """
    Read the metadata of a graph.

    Raises
    ------
    InputError
        When the file is missing, spoilt, not a model of this package, or has data elsewhere.

    """
    metadata = read_metadata(path)
    return GraphFile(find_info(metadata, str(path)), metadata.get(SHA256_KEY, '')[:64])


def read_metadata(path: Path) -> dict[str, str]:
    """Read all that a graph says about itself; raises `InputError` as `read_graph_file` does."""
    metadata: dict[str, str] = {}
    try:
        for kind, message in _messages(memoryview(contents(path)), 'model', 0):
            if kind == 'tensor':
                _check_tensor(message, path)
            elif kind == 'property':
                found = dict(fields(message))
                metadata[text(found.get(KEY))] = text(found.get(VALUE))
    except (IndexError, UnicodeDecodeError, SpoiltError) as error:
        raise InputError(f'{path}: not a readable .onnx file ({error})') from error
    return metadata


def contents(path: Path) -> bytes:
    """Read a file that may be a graph; `InputError` where that cannot be."""
    if not path.is_file():
        raise InputError(f'{path}: no such model file')
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise InputError(f'{path}: larger than any .onnx file can be')
        return path.read_bytes()
    except OSError as error:
        raise InputError(f'{path}: cannot be read ({error.strerror})') from error


def _messages(data: memoryview, kind: str, depth: int) -> Iterator[tuple[str, memoryview]]:
    """Yield all messages of the kinds that `CHILDREN` leads to, with their kinds."""
    if depth > DEEPEST:
        raise SpoiltError(f'nested more than {DEEPEST} times')
    children = CHILDREN.get(kind, {})
    for number, value in fields(data):
        child = children.get(number)
        if child is None:
            continue
        if isinstance(value, int):
            raise SpoiltError(f'a number where a {child} belongs')
        yield child, value
        if child in CHILDREN:
            yield from _messages(value, child, depth + 1)


def _check_tensor(message: memoryview, path: Path) -> None:
    for number, value in fields(message):
        if number == EXTERNAL_DATA or (number == DATA_LOCATION and value != 0):
            raise InputError(
                f'{path}: keeps weights in other files, which may be anything; export it anew by '
                'adu-depth export'
            )


def example_image() -> NDArray[np.uint8]:
    """Return a picture, (64, 96, 3), the same with any version of any library."""
    row, column, colour = np.ogrid[:HEIGHT, :WIDTH, :3]
    squares = 40 * (((row // 8) + (column // 8)) % 2)
    return np.asarray(30 + 2 * row + squares + 10 * colour + column // 4, np.uint8)


def written_example(network: Network) -> str:
    """Return what a network, see `Runtime`, says of the picture, as text."""
    return json.dumps([[float(f'{x:.{DIGITS}g}') for x in values] for values in _kept(network)])


def check_example(network: Network, text: str, what: str) -> None:
    """
    Compare a network with what was written.

    Raises
    ------
    InputError
        Names `what` where the two differ by more than a hundredth anywhere.

    """
    found = np.array(_kept(network))
    error = np.abs(found / _expected(text, found.shape, what) - 1).max()
    if not error <= MAX_ERROR:
        raise InputError(
            f'{what} is off by {100 * error:.3g} % from what this graph said when it was '
            'exported; use another runtime, such as onnxruntime'
        )


def _kept(network: Network) -> list[NDArray[np.float32]]:
    return [values[::EVERY, ::EVERY].ravel() for values in network(example_image(), FX)]


def _expected(text: str, shape: tuple[int, ...], what: str) -> NDArray[np.float64]:
    try:
        values = np.array(json.loads(text), np.float64)
    except (ValueError, TypeError, OverflowError, RecursionError):
        values = np.empty(0)
    if values.shape != shape or not (values > 0).all():
        raise InputError(f'{what}: the example in it cannot be read; export it anew')
    return values
