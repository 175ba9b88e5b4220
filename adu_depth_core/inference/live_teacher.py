# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A stereo teacher as a node runs it: warmed up before the first pair, and able to say on what."""

from pathlib import Path

import numpy as np

from adu_depth_core.camera import Camera, StereoRig
from adu_depth_core.inference.predictor import Prediction
from adu_depth_core.inference.runtimes.torch_runtime import find_device
from adu_depth_core.inference.stereo_predictor import StereoPredictor
from adu_depth_core.samples.sample import Image

CAMERA = Camera(1242, 375, 721.5, 721.5, 609.6, 172.9)
BLANK_RIG = StereoRig(CAMERA, CAMERA, 0.5)


class LiveTeacher:
    """
    Metric depth of the left image of rectified pairs, without limits.

    Parameters
    ----------
    model_file : str
        Of a teacher.
    device : str
        `auto`, `cpu`, `cuda` …

    Raises
    ------
    InputError
        When file or device cannot be used.

    """

    runtime_name = 'torch'

    def __init__(self, model_file: str, device: str = 'auto') -> None:
        self.device_name = str(find_device(device))
        self._predictor = StereoPredictor(Path(model_file), self.device_name)
        self.max_depth = self._predictor.info.max_depth

    def warm_up(self, rig: StereoRig = BLANK_RIG) -> None:
        """Predict a blank pair, so that the first real one is not slow."""
        blank = np.zeros((rig.left.height, rig.left.width, 3), np.uint8)
        self(blank, blank, rig)

    def __call__(self, left: Image, right: Image, rig: StereoRig) -> Prediction:
        """Predict one pair, see `StereoPredictor`."""
        return self._predictor(left, right, rig)
