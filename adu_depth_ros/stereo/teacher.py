# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The stereo teacher that a node asks."""

from typing import Protocol

from adu_depth_core.camera import StereoRig
from adu_depth_core.errors import InputError
from adu_depth_core.inference.predictor import Prediction
from adu_depth_core.samples.sample import Image


class Teacher(Protocol):
    """See `adu_depth_core.inference.live_teacher.LiveTeacher`."""

    runtime_name: str
    device_name: str
    max_depth: float

    def warm_up(self) -> None:
        """Be quick from the first pair on."""

    def __call__(self, left: Image, right: Image, rig: StereoRig) -> Prediction:
        """Predict one pair, without limits."""


def load_teacher(model: str, device: str) -> Teacher:
    """Load a teacher's model file; InputError where that cannot be done."""
    if not model:
        raise InputError('model: is empty; set it to the model file of a stereo teacher')
    try:
        # PyTorch takes seconds to import, and nothing else of a node needs it.
        from adu_depth_core.inference.live_teacher import LiveTeacher
    except ModuleNotFoundError as error:
        raise InputError(
            f'{error.name} is missing: a stereo teacher runs on PyTorch; '
            "pip install 'adu_depth_ros[train]'"
        ) from error
    return LiveTeacher(model, device)
