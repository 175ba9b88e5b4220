# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Metric depth of stereo pairs without a network, with the face of `StereoPredictor`."""

import math

import numpy as np
from numpy.typing import NDArray

from adu_depth_core.camera import StereoRig
from adu_depth_core.datasets.block_matching import DISPARITY_SCALE_PX, block_matched
from adu_depth_core.errors import InputError
from adu_depth_core.inference.prediction import Prediction


class BlockMatchingPredictor:
    """
    Depth of the left image of rectified pairs, unknown where the matcher does not answer.

    Parameters
    ----------
    scale_px : float
        Laplace scale of its disparity in px.

    """

    def __init__(self, scale_px: float = DISPARITY_SCALE_PX) -> None:
        self._scale_px = scale_px

    def __call__(
        self, left: NDArray[np.uint8], right: NDArray[np.uint8], rig: StereoRig
    ) -> Prediction:
        """
        Match one pair.

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
        expected = (rig.left.height, rig.left.width, 3)
        if left.shape != expected or right.shape != expected:
            raise InputError(
                f'pair of shapes {left.shape} and {right.shape} does not fit its rig; '
                f'expected {expected}'
            )
        depth_m, scale = block_matched(left, right, rig, self._scale_px)
        # The standard deviation of a Laplace distribution of log-depth, as metres.
        return Prediction(depth_m, np.float32(math.sqrt(2)) * scale * depth_m)
