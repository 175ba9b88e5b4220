# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The one way from an image to metric depth, for nodes, commands and evaluation."""

import importlib.util
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from adu_depth_core.camera import Camera
from adu_depth_core.errors import InputError
from adu_depth_core.inference.model_info import ModelInfo, sha256
from adu_depth_core.inference.network_image import from_network, to_network
from adu_depth_core.inference.network_size import network_size
from adu_depth_core.weights import shipped_model

RUNTIMES = ('auto', 'onnxruntime', 'torch')
WARM_UP_RUNS = 3


@dataclass(frozen=True)
class Prediction:
    """
    Depth and its uncertainty for one image.

    Attributes
    ----------
    depth_m : (H, W) float32
        Metres along the optical axis; NaN = unknown.
    std_m : (H, W) float32
        One standard deviation in metres; NaN where depth is.

    """

    depth_m: NDArray[np.float32]
    std_m: NDArray[np.float32]


class Runtime(Protocol):
    """What executes the network: uint8 RGB of a size that 32 divides, and fx, to metres."""

    name: str
    device: str
    info: ModelInfo
    model_sha256: str

    def __call__(
        self, image: NDArray[np.uint8], fx: float
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Map (H, W, 3) and px to depth and std, (H, W) float32."""


class Predictor:
    """
    Metric depth for images of any camera.

    Parameters
    ----------
    runtime : Runtime
        Runs the network.
    max_depth : float, optional
        Metres; depth beyond is unknown. The model's own limit where not given.
    max_relative_std : float
        Depth is unknown where std / depth exceeds this.

    Both limits are plain attributes and may be changed between two images.

    """

    def __init__(
        self,
        runtime: Runtime,
        *,
        max_depth: float | None = None,
        max_relative_std: float = 0.5,
    ) -> None:
        self._runtime = runtime
        self.info = runtime.info
        self.model_sha256 = runtime.model_sha256
        self.min_depth = self.info.min_depth
        self.max_depth = self.info.max_depth if max_depth is None else max_depth
        self.max_relative_std = max_relative_std

    @classmethod
    def load(
        cls,
        model: str = 'tiny',
        *,
        runtime: str = 'auto',
        device: str = 'auto',
        max_depth: float | None = None,
        max_relative_std: float = 0.5,
    ) -> 'Predictor':
        """
        Load a model.

        Parameters
        ----------
        model : str
            Name of a model that ships with the package, or path of a `.safetensors` or `.onnx`.
        runtime : str
            `onnxruntime`, `torch`, or `auto`: onnxruntime where it is installed and the model
            has a graph, else torch.
        device : str
            `auto`, `cpu`, `cuda`, `cuda:1` …
        max_depth, max_relative_std
            See the class.

        Raises
        ------
        InputError
            When model, runtime or device cannot be used.

        """
        loaded = load_runtime(_model_path(model), runtime, device)
        return cls(loaded, max_depth=max_depth, max_relative_std=max_relative_std)

    @property
    def runtime_name(self) -> str:
        """`onnxruntime` or `torch`."""
        return self._runtime.name

    @property
    def device_name(self) -> str:
        """`cpu` or `cuda:N`."""
        return self._runtime.device

    def without_limits(self) -> 'Predictor':
        """Return the same predictor with no pixel unknown: evaluation clamps by itself."""
        unlimited = Predictor(self._runtime, max_depth=np.inf, max_relative_std=np.inf)
        unlimited.min_depth = 0.0
        return unlimited

    def warm_up(self, camera: Camera | None = None) -> None:
        """Predict blank images of the camera's size, so that the first real one is not slow."""
        camera = camera or Camera(1242, 375, 721.5, 721.5, 609.6, 172.9)
        blank = np.zeros((camera.height, camera.width, 3), np.uint8)
        for _ in range(WARM_UP_RUNS):
            self(blank, camera)

    def __call__(self, image: NDArray[np.uint8], camera: Camera) -> Prediction:
        """
        Predict one image.

        Parameters
        ----------
        image : (H, W, 3) uint8
            RGB, rectified; any strides.
        camera : Camera
            Of the same size.

        Raises
        ------
        InputError
            When image and camera differ in size.

        """
        if image.dtype != np.uint8 or image.shape != (camera.height, camera.width, 3):
            raise InputError(
                f'image of shape {image.shape} and type {image.dtype} does not fit its camera; '
                f'expected {(camera.height, camera.width, 3)} of uint8'
            )
        size = network_size(camera.width, camera.height, self.info.pixels)
        depth, std = self._runtime(to_network(image, size), camera.resized(*size[:2]).fx)
        return self._limited(from_network(depth, size, camera), from_network(std, size, camera))

    def _limited(self, depth_m: NDArray[np.float32], std_m: NDArray[np.float32]) -> Prediction:
        known = (depth_m >= self.min_depth) & (depth_m <= self.max_depth)
        known &= std_m <= self.max_relative_std * depth_m
        depth_m[~known] = np.nan
        std_m[~known] = np.nan
        return Prediction(depth_m, std_m)


def load_runtime(path: Path, runtime: str, device: str) -> Runtime:
    """Load a model file or graph into the named runtime; `InputError` when it cannot be."""
    if runtime not in RUNTIMES:
        raise InputError(f'runtime "{runtime}" is unknown; there are {", ".join(RUNTIMES)}')
    if not path.is_file():
        raise InputError(f'{path}: no such model file')
    if runtime == 'auto':
        runtime = _best_runtime(path)
    _check_installed(runtime)
    if runtime == 'onnxruntime':
        from adu_depth_core.inference.onnx_runtime import OnnxRuntime

        graph = OnnxRuntime(_graph_of(path), device)
        _check_same_model(path, graph)
        return graph
    from adu_depth_core.inference.torch_runtime import TorchRuntime

    return TorchRuntime(_weights_of(path), device)


def _best_runtime(path: Path) -> str:
    has_graph = path.with_suffix('.onnx').is_file()
    return 'onnxruntime' if has_graph and _is_installed('onnxruntime') else 'torch'


def _check_installed(runtime: str) -> None:
    if not _is_installed(runtime):
        raise InputError(
            f'runtime "{runtime}" is not installed; pip install "adu_depth_ros[onnx]" '
            'or "adu_depth_ros[train]"'
        )


def _is_installed(module: str) -> bool:
    return importlib.util.find_spec(module) is not None


def _graph_of(path: Path) -> Path:
    graph = path.with_suffix('.onnx')
    if not graph.is_file():
        raise InputError(f'{graph}: no graph beside the model; make it by adu-depth export {path}')
    return graph


def _check_same_model(path: Path, graph: Runtime) -> None:
    # A graph left over from an earlier training would answer in the name of the new weights.
    weights = path.with_suffix('.safetensors')
    if weights.is_file() and sha256(weights) != graph.model_sha256:
        raise InputError(
            f'{path.with_suffix(".onnx")}: not made from {weights.name} beside it; '
            f'make it anew by adu-depth export {weights}'
        )


def _weights_of(path: Path) -> Path:
    weights = path.with_suffix('.safetensors')
    if not weights.is_file():
        raise InputError(f'{weights}: no model file beside the graph, torch cannot run an .onnx')
    return weights


def _model_path(model: str) -> Path:
    return Path(model) if Path(model).suffix else shipped_model(model)
