# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What a teacher answers to the images of one moment, whichever teacher it is."""

from collections.abc import Callable
from typing import NamedTuple

from sensor_msgs.msg import CameraInfo

from adu_depth_core.camera import StereoRig
from adu_depth_core.inference.prediction import Prediction
from adu_depth_core.samples.sample import StereoSample


class Answer(NamedTuple):
    """
    Depth of a left image, and all that is needed to publish and to record it.

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
