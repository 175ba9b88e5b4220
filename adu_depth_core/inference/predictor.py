# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The one way from an image to metric depth, for nodes, commands and evaluation."""

import numpy as np
from numpy.typing import NDArray

from adu_depth_core.camera import Camera
from adu_depth_core.inference.depth_predictor import DepthPredictor, check_image
from adu_depth_core.inference.model_info import ModelInfo
from adu_depth_core.inference.network_image import to_network
from adu_depth_core.inference.network_size import NetworkSize
from adu_depth_core.inference.prediction import Prediction
from adu_depth_core.inference.runtimes.runtime import Maps
from adu_depth_core.samples.raw_image import Picture, RawImage

__all__ = ['Prediction', 'Predictor']


class Predictor(DepthPredictor):
    """Metric depth of single images, see `DepthPredictor`."""

    INFO, SHIPPED = ModelInfo, 'tiny'

    def __call__(
        self,
        image: Picture,
        camera: Camera,
        out: Prediction | None = None,
    ) -> Prediction:
        """
        Predict one image.

        Parameters
        ----------
        image : (H, W, 3) uint8, or RawImage
            RGB, rectified; any strides. A raw one is rectified on its way to the network; what
            it does not see is unknown.
        camera : Camera
            Of the same size; of a raw image, its rectified camera.
        out : Prediction, optional
            Memory of the size of `output_camera`, C-contiguous float32, to write to; the caller
            may give it again and again.

        Raises
        ------
        InputError
            When image and camera, or memory and camera, differ in size.

        """
        check_image(image, camera)

        def run(size: NetworkSize) -> Maps:
            return self._runtime(to_network(image, size), camera.resized(*size[:2]).fx)

        rectification = image.rectification if isinstance(image, RawImage) else None
        return self._predicted(camera, out, run, rectification)

    def _predict_blank(self, blank: NDArray[np.uint8], camera: Camera) -> None:
        self(blank, camera)
