# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The stereo teacher that a node asks, and what any teacher answers."""

from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

from sensor_msgs.msg import CameraInfo

from adu_depth_core.camera import StereoRig
from adu_depth_core.errors import InputError
from adu_depth_core.inference.model_info import ModelInfo
from adu_depth_core.inference.prediction import Prediction
from adu_depth_core.inference.stereo_predictor import StereoPredictor
from adu_depth_core.samples.sample import Image, StereoSample
from adu_depth_ros.nodes.running_model import RunningModel


class PairTeacher(RunningModel, Protocol):
    """What a node asks: a `StereoPredictor` without limits; those of its model are in `info`."""

    info: ModelInfo

    def __call__(self, left: Image, right: Image, rig: StereoRig) -> Prediction:
        """Predict one pair, without limits."""


class TeacherAnswer(NamedTuple):
    """
    What a teacher says of the images of one moment, whichever teacher it is.

    It is depth of the left image, and all that is needed to publish and to record it.

    Attributes
    ----------
    prediction : Prediction
        Without limits.
    info : CameraInfo
        Of the left image.
    rig : StereoRig or None
        Of the pair that was looked at, where it was one.
    labelled : callable
        Returns the sample to record, without a name; raises InputError where there is none.
    seconds : float
        How long the teacher took.

    """

    prediction: Prediction
    info: CameraInfo
    rig: StereoRig | None
    labelled: Callable[[], StereoSample]
    seconds: float


def load_teacher(model: str, **options: Any) -> PairTeacher:
    """Load a teacher's model, see `StereoPredictor.load`; InputError where that cannot be done."""
    if not model:
        raise InputError('model: is empty; set it to the model file of a stereo teacher')
    return StereoPredictor.load(model, **options).without_limits()
