# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Averages predictions over an image and its mirror image, as most published numbers do."""

import numpy as np

from adu_depth_core.camera import Camera
from adu_depth_core.inference.predictor import Prediction, Predictor
from adu_depth_core.samples.sample import Image


def flip_averaged(predictor: Predictor, image: Image, camera: Camera) -> Prediction:
    """
    Return the means of depth and of std; unknown where either prediction is.

    Only for models that see one image: the mirror image of a left image is that of a right one.
    """
    plain = predictor(image, camera)
    mirrored = predictor(np.ascontiguousarray(image[:, ::-1]), camera.flipped())
    half = np.float32(0.5)
    return Prediction(
        half * (plain.depth_m + mirrored.depth_m[:, ::-1]),
        half * (plain.std_m + mirrored.std_m[:, ::-1]),
    )
