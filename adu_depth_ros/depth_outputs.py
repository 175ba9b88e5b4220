# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The topics that a depth node publishes: depth, its standard deviation, a camera_info of each."""

from rclpy.lifecycle import LifecycleNode, LifecyclePublisher
from sensor_msgs.msg import CameraInfo, Image
from std_msgs.msg import Header

from adu_depth_core.inference.predictor import Prediction
from adu_depth_ros import qos
from adu_depth_ros.image_messages import depth_message


class DepthOutputs:
    """
    Publishers of ``depth`` and ``depth_std``, from construction to `withdraw`.

    Parameters
    ----------
    node : LifecycleNode
        Publishes them, while it is active.

    """

    def __init__(self, node: LifecycleNode) -> None:
        self._node = node
        self._publishers: list[LifecyclePublisher] = []
        try:
            self._depth, self._std = self._advertise('depth'), self._advertise('depth_std')
        except Exception:
            self.withdraw()
            raise

    def have_listeners(self) -> bool:
        """Return whether anybody subscribes to any of the topics; cheap enough for each frame."""
        return any(publisher.get_subscription_count() > 0 for publisher in self._publishers)

    def publish(self, header: Header, prediction: Prediction, info: CameraInfo) -> None:
        """Publish a prediction under the stamp and frame_id of the image it was made from."""
        info.header = header
        metres = (prediction.depth_m, prediction.std_m)
        for (images, infos), values in zip((self._depth, self._std), metres, strict=True):
            infos.publish(info)
            images.publish(depth_message(header, values))

    def withdraw(self) -> None:
        """Destroy the publishers."""
        while self._publishers:
            # destroy_publisher would leave it among the entities that the node manages.
            self._node.destroy_lifecycle_publisher(self._publishers.pop())

    def _advertise(self, name: str) -> tuple[LifecyclePublisher, LifecyclePublisher]:
        return (
            self._publisher(Image, f'{name}/image_rect'),
            self._publisher(CameraInfo, f'{name}/camera_info'),
        )

    def _publisher(self, kind: type, topic: str) -> LifecyclePublisher:
        publisher: LifecyclePublisher = self._node.create_lifecycle_publisher(
            kind, topic, qos.for_everyone(), qos_overriding_options=qos.overridable()
        )
        self._publishers.append(publisher)
        return publisher
