# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The topics that a stereo teacher publishes: those of every depth node, and disparity."""

import numpy as np
from numpy.typing import NDArray
from sensor_msgs.msg import CameraInfo, RegionOfInterest
from std_msgs.msg import Header
from stereo_msgs.msg import DisparityImage

from adu_depth_core.camera import StereoRig
from adu_depth_core.inference.predictor import Prediction
from adu_depth_ros.messages.image_messages import depth_message
from adu_depth_ros.nodes.depth_outputs import DepthOutputs, is_heard


class StereoOutputs(DepthOutputs):
    """Publishers of ``depth``, ``depth_std`` and ``disparity``, until `withdraw`."""

    def publish_pair(
        self, header: Header, prediction: Prediction, info: CameraInfo, rig: StereoRig
    ) -> None:
        """Publish under the header of the left image; disparity where somebody wants it."""
        self.publish(header, prediction, info)
        if is_heard(self._disparity):
            self._disparity.publish(disparity_message(header, prediction.depth_m, rig))

    def _advertise(self) -> None:
        super()._advertise()
        self._disparity = self._publisher(DisparityImage, 'disparity')


def disparity_message(
    header: Header, depth_m: NDArray[np.float32], rig: StereoRig
) -> DisparityImage:
    """
    Return the disparity f b / depth in pixels, NaN where depth is.

    As the message has it, the difference of the principal points is taken out: depth is always
    f t / disparity. All that is not NaN is known, so the least disparity is told as 0: readers
    take what is at their least for unknown.

    Parameters
    ----------
    header : std_msgs/Header
        Of the left image.
    depth_m : (H, W) float32
    rig : StereoRig
        Of the same size.

    """
    disparity_px = np.float32(rig.focal_baseline) / depth_m
    known = disparity_px[np.isfinite(disparity_px)]
    return DisparityImage(
        header=header,
        image=depth_message(header, disparity_px),
        f=rig.left.fx,
        t=rig.baseline_m,
        valid_window=RegionOfInterest(width=rig.left.width, height=rig.left.height),
        min_disparity=0.0,
        max_disparity=float(known.max()) if known.size else 0.0,
    )
