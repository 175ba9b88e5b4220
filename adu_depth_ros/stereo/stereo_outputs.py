# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The topics that a stereo teacher publishes: those of every depth node, and disparity."""

from sensor_msgs.msg import CameraInfo
from std_msgs.msg import Header
from stereo_msgs.msg import DisparityImage

from adu_depth_core.camera import StereoRig
from adu_depth_core.inference.predictor import Prediction
from adu_depth_ros.messages.disparity_messages import disparity_message
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
