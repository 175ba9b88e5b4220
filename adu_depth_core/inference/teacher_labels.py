# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What a stereo teacher says of a pair, as a sample keeps it for a student to learn from."""

import math
from collections.abc import Callable
from dataclasses import replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from adu_depth_core.camera import StereoRig
from adu_depth_core.errors import InputError
from adu_depth_core.inference.predictor import Prediction
from adu_depth_core.inference.stereo_predictor import StereoPredictor
from adu_depth_core.samples.sample import (
    Depth,
    Image,
    StereoDataset,
    StereoSample,
    ViewOfDataset,
)

StereoPrediction = Callable[[Image, Image, StereoRig], Prediction]


def teacher_scale(prediction: Prediction) -> Depth:
    """Return the Laplace scale b of ln depth, (H, W) float32: std = sqrt(2) b depth."""
    scale: NDArray[np.float32] = prediction.std_m / (np.float32(math.sqrt(2)) * prediction.depth_m)
    return scale


def with_teacher(sample: StereoSample, prediction: Prediction) -> StereoSample:
    """Return the sample with what a teacher predicted for it; without limits, sky is learnt."""
    scale = teacher_scale(prediction)
    return replace(sample, teacher_depth_m=prediction.depth_m, teacher_scale=scale)


def labelled(sample: StereoSample, predict: StereoPrediction) -> StereoSample:
    """
    Return the sample with what a teacher says of its pair.

    Raises
    ------
    InputError
        When the sample is no pair.

    """
    if sample.right is None or sample.rig is None:
        raise InputError(
            f'sample {sample.name}: has no right image; a stereo teacher needs rectified pairs'
        )
    return with_teacher(sample, predict(sample.left, sample.right, sample.rig))


class TeacherLabels(ViewOfDataset):
    """
    A data set with what a stereo teacher, pooled with block matching, says of its pairs.

    Samples without a right image stay as they are. The teacher is loaded when it is first asked.

    Parameters
    ----------
    dataset : StereoDataset
        Rectified pairs, and whatever else.
    teacher : str
        Shipped name or file of a stereo teacher.

    """

    def __init__(self, dataset: StereoDataset, teacher: str) -> None:
        super().__init__(dataset)
        self._name = teacher

    def __getitem__(self, index: int) -> StereoSample:
        """Read a sample and ask the teacher."""
        sample = self._dataset[index]
        return sample if sample.right is None else labelled(sample, self._teacher)

    @cached_property
    def _teacher(self) -> StereoPredictor:
        return StereoPredictor.load(self._name, block_matching=True).without_limits()
