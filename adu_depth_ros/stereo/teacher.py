# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The stereo teacher that a node asks."""

from typing import Any, Protocol

from adu_depth_core.camera import StereoRig
from adu_depth_core.errors import InputError
from adu_depth_core.inference.factors import Factors
from adu_depth_core.inference.model_info import ModelInfo
from adu_depth_core.inference.prediction import Prediction
from adu_depth_core.inference.stereo_predictor import StereoPredictor
from adu_depth_core.samples.sample import Image


class Teacher(Protocol):
    """What a node asks: a `StereoPredictor` without limits; those of its model are in `info`."""

    info: ModelInfo
    factors: Factors

    @property
    def model_sha256(self) -> str:
        """Of its weights."""

    @property
    def runtime_name(self) -> str:
        """What runs it."""

    @property
    def device_name(self) -> str:
        """Where it runs."""

    @property
    def precision(self) -> str:
        """In what precision."""

    def warm_up(self, width: int, height: int) -> None:
        """Be quick from the first pair of this size in px on."""

    def __call__(self, left: Image, right: Image, rig: StereoRig) -> Prediction:
        """Predict one pair, without limits."""


def load_teacher(model: str, **options: Any) -> Teacher:
    """Load a teacher's model, see `StereoPredictor.load`; InputError where that cannot be done."""
    if not model:
        raise InputError('model: is empty; set it to the model file of a stereo teacher')
    return StereoPredictor.load(model, **options).without_limits()
