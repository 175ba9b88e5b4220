# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
An example in a graph's metadata: what its network said of one picture when it was exported.

A runtime that has nothing to compare itself with where it is installed compares itself with this.
"""

import json
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from adu_depth_core.errors import InputError

EXAMPLE_KEY = 'adu_depth_example'
WIDTH, HEIGHT, FX = 96, 64, 70.0
EVERY = 8  # px; what is kept of a map
DIGITS = 6
MAX_ERROR = 0.01  # relative; OpenCV 4.5.4 to 4.14 differ by some 1e-6

Network = Callable[[NDArray[np.uint8], float], tuple[NDArray[np.float32], NDArray[np.float32]]]


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
