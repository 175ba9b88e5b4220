# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What every runtime offers, and the precisions that its backbone may have."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from adu_depth_core.errors import InputError
from adu_depth_core.inference.model_info import ModelInfo

FLOAT32, BFLOAT16, FLOAT16 = PRECISIONS = ('float32', 'bfloat16', 'float16')

# Of images, that a runtime stays ready for: cameras that share one take turns.
MOST_SIZES = 4

Maps = tuple[NDArray[np.float32], NDArray[np.float32]]


class Runtime(Protocol):
    """
    What executes the network: uint8 RGB of a size that 32 divides, and fx, to metres.

    Attributes
    ----------
    name, device : str
        Such as `openvino` and `cpu`.
    precision : str
        Of the backbone, one of `PRECISIONS`; the head computes in float32 in any case.
    native_precision : str
        The lower precision in which the device computes by nature; `float32` where it has none.
    info : ModelInfo
        What the model says about itself.
    model_sha256 : str
        Of the `.safetensors` that it was made from.
    fixed_size : (int, int), optional
        Width and height in px of a graph that knows one size only; None where any will do.

    """

    name: str
    device: str
    precision: str
    native_precision: str
    info: ModelInfo
    model_sha256: str
    fixed_size: tuple[int, int] | None

    def __call__(self, image: NDArray[np.uint8], fx: float) -> Maps:
        """
        Map (H, W, 3) and px to depth and std, (H, W) float32 metres.

        The arrays may be the runtime's own memory, which the next call overwrites.
        """


def check_precision(precision: str, possible: tuple[str, ...], where: str) -> None:
    """Refuse a precision that is not among those possible; `where` says on what, in words."""
    if precision not in possible:
        raise InputError(
            f'precision "{precision}" is not to be had with {where}; '
            f'there {"is" if len(possible) == 1 else "are"} {", ".join(possible)}'
        )


def last_line(error: Exception) -> str:
    """Return the last line of an exception's text that says something: libraries write pages."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[-1] if lines else type(error).__name__
