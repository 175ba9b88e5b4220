# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What every runtime offers, and the precisions that its backbone may have."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from adu_depth_core.errors import InputError
from adu_depth_core.inference.model_info import MOST_PIXELS, ModelInfo, TeacherInfo
from adu_depth_core.inference.network_size import MULTIPLE

FLOAT32, BFLOAT16, FLOAT16 = PRECISIONS = ('float32', 'bfloat16', 'float16')

# Of images, that a runtime stays ready for: cameras that share one take turns.
MOST_SIZES = 4

Maps = tuple[NDArray[np.float32], NDArray[np.float32]]


class Runtime(Protocol):
    """
    What executes a network: uint8 RGB of a size that 32 divides, and numbers, to metres.

    Attributes
    ----------
    name, device : str
        Such as `openvino` and `cpu`.
    precision : str
        Of the backbone, one of `PRECISIONS`; the head computes in float32 in any case.
    native_precision : str
        The lower precision in which the device computes by nature; `float32` where it has none.
    info : ModelInfo
        What the model says about itself; of a stereo teacher a `TeacherInfo`.
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

    def __call__(self, *inputs: NDArray[np.uint8] | float) -> Maps:
        """
        Map what `info.INPUTS` names to depth and std, (H, W) float32 metres.

        Images are (H, W, 3); of a student the inputs are image and fx in px, of a teacher left,
        right, fx in px, baseline in metres and offset in px (right cx - left cx). The arrays that
        come back may be the runtime's own memory, which the next call overwrites.
        """


def arrays(inputs: tuple[NDArray[np.uint8] | float, ...]) -> list[NDArray[Any]]:
    """Return the inputs as a graph takes them: images (1, H, W, 3), numbers (1,) float32."""
    return [
        np.ascontiguousarray(x)[None] if isinstance(x, np.ndarray) else np.array([x], np.float32)
        for x in inputs
    ]


def fixed_size(shape: Sequence[object], graph: Path) -> tuple[int, int] | None:
    """
    Return the size of the only images that a graph takes, None for any size.

    Parameters
    ----------
    shape : sequence of int or anything else
        Of the images, (1, H, W, 3).
    graph : Path

    Raises
    ------
    InputError
        When no image can have it.

    """
    if len(shape) != 4:
        raise InputError(f'{graph}: takes images of {len(shape)} dimensions in place of 4')
    _, height, width, _ = shape
    if not (isinstance(height, int) and isinstance(width, int)):
        return None
    if min(height, width) < MULTIPLE or height % MULTIPLE or width % MULTIPLE:
        raise InputError(f'{graph}: takes images of {width}x{height}, no multiples of {MULTIPLE}')
    if height * width > MOST_PIXELS:
        raise InputError(f'{graph}: takes images of {width}x{height}, too large for any camera')
    return width, height


def check_names(
    inputs: Sequence[str], outputs: Sequence[str], info: ModelInfo, graph: Path
) -> None:
    """Refuse a graph that does not take and give what its metadata promise."""
    if tuple(inputs) != info.INPUTS or not {'depth', 'std'} <= set(outputs):
        raise InputError(
            f'{graph}: maps {", ".join(inputs)} to {", ".join(outputs)} in place of '
            f'{", ".join(info.INPUTS)} to depth, std; export it anew by adu-depth export'
        )


def lower_precisions(info: ModelInfo, possible: tuple[str, ...]) -> tuple[str, ...]:
    """Return those of the precisions below float32 that a kind of model can do with."""
    # A disparity matched in eight bits of mantissa is off by more than the head could hide.
    return () if isinstance(info, TeacherInfo) else possible


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
