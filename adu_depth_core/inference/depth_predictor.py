# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What is the same on the way from one image, or from a pair, to metric depth."""

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar, TypeVar

import numpy as np
from numpy.typing import NDArray

from adu_depth_core.camera import Camera
from adu_depth_core.errors import InputError
from adu_depth_core.inference.factors import Factors, read_factors
from adu_depth_core.inference.model_info import ModelInfo, of_kind
from adu_depth_core.inference.network_image import from_network
from adu_depth_core.inference.network_size import (
    NetworkSize,
    filled_size,
    fitted_size,
    network_size,
    parsed_size,
)
from adu_depth_core.inference.prediction import (
    Prediction,
    checked_memory,
    forget,
    multiply,
    new_prediction,
    pool,
)
from adu_depth_core.inference.runtimes.loading import load_runtime
from adu_depth_core.inference.runtimes.parity import USUAL_FX, USUAL_HEIGHT, USUAL_WIDTH, Parity
from adu_depth_core.inference.runtimes.runtime import Maps, Runtime
from adu_depth_core.inference.runtimes.table import AUTO
from adu_depth_core.samples.raw_image import Picture, RawImage, Rectification
from adu_depth_core.weights import model_path

WARM_UP_RUNS = 3

Kind = TypeVar('Kind', bound='DepthPredictor')


class DepthPredictor:
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
    input_size : (int, int), optional
        Width and height in px, multiples of 32, within which the network sees an image; the
        area that the model was trained for where not given.
    at_network_size : bool
        Leave depth at the size at which the network saw the image, see `output_camera`.

    The first two limits are plain attributes and may be changed between two images.

    Attributes
    ----------
    factors : Factors
        What the model's answers are multiplied by, before the limits are looked at; may be changed
        between two images.

    Raises
    ------
    InputError
        When the runtime runs another kind of model, or cannot take `input_size`.

    """

    INFO: ClassVar[type[ModelInfo]]
    SHIPPED: ClassVar[str]

    def __init__(
        self,
        runtime: Runtime,
        *,
        max_depth: float | None = None,
        max_relative_std: float = 0.5,
        input_size: tuple[int, int] | None = None,
        at_network_size: bool = False,
    ) -> None:
        self._runtime = runtime
        self._input_size = _checked_size(input_size, runtime.fixed_size)
        self._at_network_size = at_network_size
        self.info = runtime.info
        self.model_sha256 = runtime.model_sha256
        self.min_depth = self.info.min_depth
        self.max_depth = self.info.max_depth if max_depth is None else max_depth
        self.max_relative_std = max_relative_std
        self.factors = Factors()
        self.parity: Parity | None = None
        self._warm_size: NetworkSize | None = None

    @classmethod
    def load(
        cls: type[Kind],
        model: str = '',
        *,
        runtime: str = AUTO,
        device: str = AUTO,
        precision: str = AUTO,
        threads: int = 0,
        engine_cache: str = '',
        calibration: str = '',
        **options: Any,
    ) -> Kind:
        """
        Load a model.

        Parameters
        ----------
        model : str
            Name of a model that ships with the package, or path of a `.safetensors` or `.onnx`;
            what ships where not given.
        runtime, device, precision, threads, engine_cache
            See `load_runtime`. `auto` takes the fastest that there is, and a precision below
            float32 only where the depth of one frame stands the comparison, see `parity`.
        calibration : str
            Path of a file of `write_factors`, whose factors are taken; none where not given.
        **options
            See the class.

        Raises
        ------
        InputError
            When model, runtime, device, precision or calibration cannot be used.

        """
        path = model_path(model or cls.SHIPPED)
        loaded = load_runtime(path, runtime, device, precision, threads, engine_cache)
        of_kind(cls.INFO, loaded.runtime.info, str(path))
        predictor = cls(loaded.runtime, **options)
        predictor.parity = loaded.parity
        if calibration:
            predictor.factors = read_factors(Path(calibration), predictor.model_sha256)
        return predictor

    @property
    def runtime_name(self) -> str:
        """One of `RUNTIMES`."""
        return self._runtime.name

    @property
    def device_name(self) -> str:
        """`cpu`, `cuda:N` or `tensorrt:N`."""
        return self._runtime.device

    @property
    def precision(self) -> str:
        """Precision of the backbone: `float32`, `bfloat16` or `float16`."""
        return self._runtime.precision

    def without_limits(self: Kind) -> Kind:
        """Return the same predictor with no pixel unknown: evaluation clamps by itself."""
        unlimited = copy.copy(self)
        unlimited.min_depth, unlimited.max_depth, unlimited.max_relative_std = 0.0, np.inf, np.inf
        return unlimited

    def output_camera(self, camera: Camera) -> Camera:
        """Return the camera of the depth that is predicted for an image of `camera`."""
        return camera.resized(*self._size(camera)[:2]) if self._at_network_size else camera

    def warm_up(self, width: int = USUAL_WIDTH, height: int = USUAL_HEIGHT) -> None:
        """
        Be quick from the first image of this size in px on: predict blank ones.

        Nothing is to be done where the last time was for this size, too. Older ones may have
        gone: runtimes keep what they made ready for a few sizes only.
        """
        camera = Camera(width, height, USUAL_FX, USUAL_FX, width / 2, height / 2)
        size = self._size(camera)
        if size == self._warm_size:
            return
        for _ in range(WARM_UP_RUNS):
            self._predict_blank(np.zeros((height, width, 3), np.uint8), camera)
        self._warm_size = size

    def _predict_blank(self, blank: NDArray[np.uint8], camera: Camera) -> None:
        raise NotImplementedError

    def _predicted(
        self,
        camera: Camera,
        out: Prediction | None,
        run: Callable[[NetworkSize], Maps],
        rectification: Rectification | None = None,
        second_opinion: Callable[[Camera], Prediction] | None = None,
    ) -> Prediction:
        """
        Return what a run at the network's size gives, for a camera and within the limits.

        A second opinion, asked for the camera that depth is of, is pooled with it. Unknown is also
        what a raw camera does not see.
        """
        seen = self.output_camera(camera)
        out = new_prediction(seen) if out is None else checked_memory(out, seen)
        size = self._size(camera)
        for values, memory in zip(run(size), (out.depth_m, out.std_m), strict=True):
            from_network(values, size, seen, memory)
        if second_opinion is not None:
            pool(out, second_opinion(seen))
        mask = None if rectification is None else rectification.seen(seen)
        multiply(out, self.factors.depth_scale, self.factors.std_scale)
        forget(out, self.min_depth, self.max_depth, self.max_relative_std, mask)
        return out

    def _size(self, camera: Camera) -> NetworkSize:
        width, height = camera.width, camera.height
        if self._runtime.fixed_size is not None:
            return filled_size(width, height, self._runtime.fixed_size)
        if self._input_size is not None:
            return fitted_size(width, height, self._input_size)
        return network_size(width, height, self.info.pixels)


def check_image(image: Picture, camera: Camera) -> None:
    """Refuse an image that is not uint8, (H, W, 3), or not of its camera."""
    if isinstance(image, RawImage):
        if image.rectification.camera != camera:
            raise InputError(
                f'the raw image becomes one of {image.rectification.camera}, and depth is asked '
                f'for {camera}; ask for that of its rectification'
            )
        camera = image.rectification.lens.camera
        image = image.pixels
    if image.dtype != np.uint8 or image.shape != (camera.height, camera.width, 3):
        raise InputError(
            f'image of shape {image.shape} and type {image.dtype} does not fit its camera; '
            f'expected {(camera.height, camera.width, 3)} of uint8'
        )


def _checked_size(
    size: tuple[int, int] | None, fixed: tuple[int, int] | None
) -> tuple[int, int] | None:
    if size is None:
        return fixed
    parsed_size(f'{size[0]}x{size[1]}')
    if fixed not in (None, size):
        raise InputError(
            f'this graph takes images of {fixed[0]}x{fixed[1]} only, not of {size[0]}x{size[1]}; '
            'export it without --size'
        )
    return size
