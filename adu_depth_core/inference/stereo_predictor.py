# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The one way from a stereo pair to metric depth, for nodes, commands and labels."""

from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from adu_depth_core.camera import Camera, StereoRig
from adu_depth_core.errors import InputError
from adu_depth_core.inference.block_matching_predictor import BlockMatchingPredictor
from adu_depth_core.inference.depth_predictor import DepthPredictor
from adu_depth_core.inference.model_info import TeacherInfo
from adu_depth_core.inference.network_image import to_network
from adu_depth_core.inference.network_size import NetworkSize
from adu_depth_core.inference.prediction import Prediction
from adu_depth_core.inference.runtimes.runtime import Maps, Runtime

BLANK_BASELINE_M = 0.5
# Half of what block matching has by itself: on rigs that it has not seen a network is surer of
# itself than it should be, and there the match has to have more weight.
MATCHED_SCALE_PX = 0.3


class StereoPredictor(DepthPredictor):
    """
    Metric depth of the left image of rectified pairs, by a teacher.

    Parameters
    ----------
    runtime : Runtime
        Runs the network.
    block_matching : bool
        Pool its depth with that of block matching, where that answers.
    **options
        See `DepthPredictor`.

    """

    INFO, SHIPPED = TeacherInfo, 'teacher'

    def __init__(self, runtime: Runtime, *, block_matching: bool = False, **options: Any) -> None:
        super().__init__(runtime, **options)
        self._matcher = BlockMatchingPredictor(MATCHED_SCALE_PX) if block_matching else None

    def __call__(
        self,
        left: NDArray[np.uint8],
        right: NDArray[np.uint8],
        rig: StereoRig,
        out: Prediction | None = None,
    ) -> Prediction:
        """
        Predict one pair.

        Parameters
        ----------
        left, right : (H, W, 3) uint8
            RGB, rectified; any strides.
        rig : StereoRig
            Of the same size.
        out : Prediction, optional
            Memory of the size of `output_camera` of the left camera, see `Predictor`.

        Raises
        ------
        InputError
            When images and rig, or memory and rig, differ in size.

        """
        _check_pair(left, right, rig)

        def run(size: NetworkSize) -> Maps:
            small = rig.resized(*size[:2])
            return self._runtime(
                to_network(left, size),
                to_network(right, size),
                small.left.fx,
                small.baseline_m,
                small.disparity_offset_px,
            )

        return self._predicted(rig.left, out, run, second_opinion=self._matched(left, right, rig))

    def _matched(
        self, left: NDArray[np.uint8], right: NDArray[np.uint8], rig: StereoRig
    ) -> Callable[[Camera], Prediction] | None:
        matcher = self._matcher
        if matcher is None:
            return None

        def matched(seen: Camera) -> Prediction:
            small = rig.resized(seen.width, seen.height)
            return matcher(_shrunk(left, seen), _shrunk(right, seen), small)

        return matched

    def _predict_blank(self, blank: NDArray[np.uint8], camera: Camera) -> None:
        self(blank, blank, StereoRig(camera, camera, BLANK_BASELINE_M))


def _shrunk(image: NDArray[np.uint8], camera: Camera) -> NDArray[np.uint8]:
    size = camera.width, camera.height
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)


def _check_pair(left: NDArray[np.uint8], right: NDArray[np.uint8], rig: StereoRig) -> None:
    expected = (rig.left.height, rig.left.width, 3)
    if {left.shape, right.shape} != {expected} or {left.dtype, right.dtype} != {np.dtype('u1')}:
        raise InputError(
            f'pair of shapes {left.shape} and {right.shape}, types {left.dtype} and '
            f'{right.dtype}, does not fit its rig; expected {expected} of uint8'
        )
