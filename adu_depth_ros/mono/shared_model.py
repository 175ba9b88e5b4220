# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""One model in memory for several cameras, which take turns."""

from collections.abc import Callable
from threading import Condition, Lock
from types import TracebackType
from typing import Any, Protocol
from weakref import WeakValueDictionary

from adu_depth_core.camera import Camera
from adu_depth_core.inference.factors import Factors
from adu_depth_core.inference.predictor import Prediction, Predictor
from adu_depth_core.inference.runtimes.parity import Parity
from adu_depth_core.samples.raw_image import Picture
from adu_depth_ros.nodes.running_model import RunningModel


class DepthModel(RunningModel, Protocol):
    """What a node asks: a `Predictor`, or a share in one."""

    max_depth: float
    max_relative_std: float
    parity: Parity | None

    def output_camera(self, camera: Camera) -> Camera:
        """Return the camera of the depth that is predicted for an image of `camera`."""

    def __call__(
        self, image: Picture, camera: Camera, out: Prediction | None = None
    ) -> Prediction:
        """Predict one image, into memory of the size of `output_camera`."""


class Turns:
    """A lock that is given in the order in which it was asked for: no camera starves another."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._asked = self._served = 0

    def __enter__(self) -> None:
        with self._changed:
            mine, self._asked = self._asked, self._asked + 1
            self._changed.wait_for(lambda: self._served == mine)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._changed:
            self._served += 1
            self._changed.notify_all()


class LoadedModel:
    """A model in memory, the limits it came with, and whose turn it is."""

    def __init__(self, predictor: DepthModel) -> None:
        self.predictor, self.turns = predictor, Turns()
        self.limits = predictor.max_depth, predictor.max_relative_std


class SharedPredictor:
    """
    A share in a model: it has limits and factors of its own and predicts when it is its turn.

    Parameters
    ----------
    loaded : LoadedModel
        Lives as long as the last share in it.

    """

    def __init__(self, loaded: LoadedModel) -> None:
        self._loaded = loaded
        self.max_depth, self.max_relative_std = loaded.limits
        self.factors = Factors()
        self.parity = loaded.predictor.parity

    @property
    def model_sha256(self) -> str:
        """Hash of the weights."""
        return self._loaded.predictor.model_sha256

    @property
    def runtime_name(self) -> str:
        """What runs the model."""
        return self._loaded.predictor.runtime_name

    @property
    def device_name(self) -> str:
        """Where the model runs."""
        return self._loaded.predictor.device_name

    @property
    def precision(self) -> str:
        """In what precision the model runs."""
        return self._loaded.predictor.precision

    def output_camera(self, camera: Camera) -> Camera:
        """Return the camera of the depth that is predicted for an image of `camera`."""
        return self._loaded.predictor.output_camera(camera)

    def warm_up(self, width: int, height: int) -> None:
        """Have the model warm up for images of this size in px."""
        with self._loaded.turns:
            self._loaded.predictor.warm_up(width, height)

    def __call__(
        self, image: Picture, camera: Camera, out: Prediction | None = None
    ) -> Prediction:
        """Predict one image of this camera, as `Predictor` does."""
        predictor = self._loaded.predictor
        with self._loaded.turns:
            predictor.max_depth = self.max_depth
            predictor.max_relative_std = self.max_relative_std
            predictor.factors = self.factors
            return predictor(image, camera, out)


class SharedModels:
    """
    Loads each model once, however many cameras ask for it, and frees it with the last of them.

    Parameters
    ----------
    load : callable
        As `Predictor.load`.

    """

    def __init__(self, load: Callable[..., DepthModel] = Predictor.load) -> None:
        self._load, self._lock = load, Lock()
        self._loaded: WeakValueDictionary[tuple[object, ...], LoadedModel] = WeakValueDictionary()

    def load(self, model: str, **options: Any) -> SharedPredictor:
        """Return a share in the model that these arguments of `Predictor.load` name."""
        key = (model, *sorted(options.items()))
        with self._lock:
            loaded = self._loaded.get(key)
            if loaded is None:
                loaded = self._loaded[key] = LoadedModel(self._load(model, **options))
            return SharedPredictor(loaded)
