# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Run an exported graph in the OpenCV that every ROS installation has."""

import math
from collections.abc import Callable
from functools import lru_cache, partial
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from adu_depth_core.camera import canonical_factor
from adu_depth_core.errors import InputError
from adu_depth_core.inference.graph_file import (
    EXAMPLE_KEY,
    check_example,
    read_graph_file,
    read_metadata,
)
from adu_depth_core.inference.model_info import ModelInfo, TeacherInfo
from adu_depth_core.inference.runtimes.opencv_graph import OnnxGraph, backbone, read_graph
from adu_depth_core.inference.runtimes.runtime import (
    FLOAT32,
    MOST_SIZES,
    Maps,
    check_names,
    check_precision,
    fixed_size,
)

# As in adu_depth_core.models.head, which imports torch.
MAX_SCALE, MIN_LOG_SCALE = 0.5, -6.0
# At 32 px depth was off by 20 to 50 % in OpenCV 4.14, at 64 px and more by 1e-6.
LEAST_SIDE = 64
LONGEST_REASON = 300  # characters: OpenCV tells of all its functions on the way
NO_SCALE = -20.0  # is far below what becomes MIN_LOG_SCALE, and its exponential is finite

Backbone = Callable[[NDArray[np.float32]], NDArray[np.float32]]


class OpenCvRuntime:
    """
    `cv2.dnn` on the CPU, from OpenCV 4.5.4 on; a part of the graph is loaded for each size.

    Parameters
    ----------
    graph : Path
        An `.onnx` file of a student, written by `adu-depth export`.
    device : str
        `auto` or `cpu`.
    precision : str
        `float32`.
    threads : int
        Of OpenCV in the whole process; 0 for OpenCV's own choice.

    Raises
    ------
    InputError
        When the file, the device or the precision cannot be used, or this OpenCV computes other
        depths than were computed when the graph was exported.

    """

    name, device = 'opencv', 'cpu'
    precision = native_precision = FLOAT32

    def __init__(
        self, graph: Path, device: str = 'auto', precision: str = FLOAT32, threads: int = 0
    ) -> None:
        check_precision(precision, (FLOAT32,), self.name)
        self.info, self.model_sha256 = read_graph_file(graph)
        if isinstance(self.info, TeacherInfo):
            raise InputError(f'{graph}: opencv runs no stereo teacher; use runtime onnxruntime')
        if threads:
            cv2.setNumThreads(threads)
        parts = read_graph(graph)
        check_names(tuple(parts.inputs), parts.outputs, self.info, graph)
        self.fixed_size = fixed_size(parts.inputs['image'], graph)
        self._backbone = lru_cache(MOST_SIZES)(partial(_loaded, parts, graph))
        if example := read_metadata(graph).get(EXAMPLE_KEY):
            check_example(self, example, f'{graph}: OpenCV {cv2.__version__}')

    def __call__(self, *inputs: NDArray[np.uint8] | float) -> Maps:
        """Map image and fx to depth and std, (H, W) float32 metres, see `Runtime`."""
        image, fx = inputs
        assert isinstance(image, np.ndarray)
        assert not isinstance(fx, np.ndarray)
        height, width = image.shape[:2]
        maps = self._backbone(width, height)(_normalised(image, self.info))
        # Half-pixel centres and a repeated edge, as the graph's own end has them.
        m, t = (cv2.resize(x, (width, height), interpolation=cv2.INTER_LINEAR) for x in maps[0])
        return _metric(np.asarray(m, np.float32), np.asarray(t, np.float32), fx, self.info)

    @staticmethod
    def has_cuda() -> bool:
        """Return False: builds of OpenCV with CUDA are rare, and not for this."""
        return False


def _loaded(parts: OnnxGraph, graph: Path, width: int, height: int) -> Backbone:
    if min(width, height) < LEAST_SIDE:
        raise InputError(
            f'{graph}: OpenCV is wrong about images of {width}x{height}: where a side is below '
            f'{LEAST_SIDE} px its coarsest maps have one; use a larger size or runtime onnxruntime'
        )
    try:
        network = cv2.dnn.readNetFromONNX(np.frombuffer(backbone(parts, width, height), np.uint8))
    except cv2.error as error:
        raise _refused(graph, error) from error

    def run(blob: NDArray[np.float32]) -> NDArray[np.float32]:
        network.setInput(blob)
        try:
            return np.asarray(network.forward(), np.float32)
        except cv2.error as error:
            raise _refused(graph, error) from error

    return run


def _refused(graph: Path, error: cv2.error) -> InputError:
    reason = ' '.join(str(error).replace('>', ' ').split())
    return InputError(
        f'{graph}: OpenCV {cv2.__version__} cannot run it ({reason[:LONGEST_REASON]}); '
        'use runtime onnxruntime'
    )


def _normalised(image: NDArray[np.uint8], info: ModelInfo) -> NDArray[np.float32]:
    """Map (H, W, 3) uint8 to (1, 3, H, W) float32, as the encoder wants it."""
    mean, deviation = (255 * np.array(x) for x in (info.image_mean, info.image_std))
    blob = np.asarray(cv2.dnn.blobFromImage(image, mean=tuple(mean)), np.float32)
    blob /= deviation.astype(np.float32)[:, None, None]
    return blob


def _metric(m: NDArray[np.float32], t: NDArray[np.float32], fx: float, info: ModelInfo) -> Maps:
    """Map canonical log-depth and what becomes its scale to depth and std, all (H, W)."""
    with np.errstate(over='ignore'):  # becomes infinite, as in other runtimes
        metres = np.exp(m) / np.float32(canonical_factor(fx, info.canonical_focal))
    depth = np.asarray(metres, np.float32)
    b = np.float32(MAX_SCALE) / (1 + np.exp(-np.maximum(t, np.float32(NO_SCALE))))
    b = np.maximum(b, np.float32(math.exp(MIN_LOG_SCALE)))
    std = np.float32(math.sqrt(2) * info.temperature) * b * depth
    return depth, np.asarray(std, np.float32)
