# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The one way from a stereo pair to metric depth: a teacher in PyTorch."""

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from adu_depth_core.camera import StereoRig
from adu_depth_core.errors import InputError
from adu_depth_core.inference.network_image import from_network, to_network
from adu_depth_core.inference.network_size import network_size
from adu_depth_core.inference.predictor import Prediction
from adu_depth_core.inference.runtimes.torch_runtime import find_device
from adu_depth_core.inference.teacher_file import load_teacher_file
from adu_depth_core.models.metric_depth import metric
from adu_depth_core.models.student import normalised


class StereoPredictor:
    """
    Metric depth of the left image of rectified pairs, without limits: no pixel is unknown.

    Parameters
    ----------
    model_file : Path
        Of a teacher.
    device : str
        `auto`, `cpu`, `cuda` …

    Raises
    ------
    InputError
        When file or device cannot be used.

    """

    def __init__(self, model_file: Path, device: str = 'auto') -> None:
        self._device = find_device(device)
        network, self.info = load_teacher_file(model_file)
        self._network = network.to(self._device)

    def __call__(
        self, left: NDArray[np.uint8], right: NDArray[np.uint8], rig: StereoRig
    ) -> Prediction:
        """
        Predict one pair.

        Parameters
        ----------
        left, right : (H, W, 3) uint8
            RGB, rectified.
        rig : StereoRig
            Of the same size.

        Raises
        ------
        InputError
            When images and rig differ in size.

        """
        camera = rig.left
        expected = (camera.height, camera.width, 3)
        if left.shape != expected or right.shape != expected:
            raise InputError(
                f'pair of shapes {left.shape} and {right.shape} does not fit its rig; '
                f'expected {expected}'
            )
        size = network_size(camera.width, camera.height, self.info.pixels)
        small = rig.resized(*size[:2])
        depth, std = self._run(to_network(left, size), to_network(right, size), small)
        return Prediction(from_network(depth, size, camera), from_network(std, size, camera))

    @torch.inference_mode()
    def _run(
        self, left_image: NDArray[np.uint8], right_image: NDArray[np.uint8], rig: StereoRig
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        images = [torch.from_numpy(x).to(self._device)[None] for x in (left_image, right_image)]
        numbers = rig.baseline_m, rig.disparity_offset_px, rig.left.fx
        baseline, offset, fx = (torch.tensor([x], device=self._device).float() for x in numbers)
        left, right = (normalised(x, self._network.normalisation) for x in images)
        output = self._network(left, right, baseline, offset)
        maps = metric(output.depth, fx, self.info.canonical_focal, self.info.temperature)
        depth, std = (x[0].cpu().numpy() for x in maps)
        return depth, std
