# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The topics that a depth node publishes: depth, its standard deviation, a camera_info of each."""

from rclpy.lifecycle import LifecycleNode, LifecyclePublisher
from sensor_msgs.msg import CameraInfo, Image
from std_msgs.msg import Header

from adu_depth_core.camera import Camera
from adu_depth_core.inference.predictor import Prediction
from adu_depth_core.messages.pixels import to_millimetres
from adu_depth_ros.messages.image_buffer import ImageBuffer
from adu_depth_ros.nodes import qos


class DepthOutputs:
    """
    Publishers of ``depth`` and ``depth_std``, from construction to `withdraw`.

    Each message is made only when somebody listens to it.

    Parameters
    ----------
    node : LifecycleNode
        Publishes them, while it is active.

    """

    def __init__(self, node: LifecycleNode) -> None:
        self._node = node
        self._publishers: list[LifecyclePublisher] = []
        self._depth_image, self._std_image = ImageBuffer('32FC1', 'f4'), ImageBuffer('32FC1', 'f4')
        self._raw_image = ImageBuffer('16UC1', 'u2')
        try:
            self._advertise()
        except Exception:
            self.withdraw()
            raise

    def have_listeners(self) -> bool:
        """Return whether anybody subscribes to any of the topics; cheap enough for each frame."""
        return any(map(is_heard, self._publishers))

    @property
    def topics(self) -> list[str]:
        """The full names of all of them."""
        return [publisher.topic_name for publisher in self._publishers]

    def memory(self, camera: Camera) -> Prediction:
        """Return memory of the messages to predict into: `publish` then has nothing to copy."""
        images = self._depth_image, self._std_image
        return Prediction(*(image.pixels(camera.height, camera.width) for image in images))

    def publish(self, header: Header, prediction: Prediction, info: CameraInfo) -> None:
        """Publish a prediction under the stamp and frame_id of the image it was made from."""
        info.header = header
        for publisher in (self._depth_info, self._std_info):
            if is_heard(publisher):
                publisher.publish(info)
        if is_heard(self._depth):
            self._depth.publish(self._depth_image.filled(header, prediction.depth_m))
        if is_heard(self._std):
            self._std.publish(self._std_image.filled(header, prediction.std_m))
        if is_heard(self._raw):
            to_millimetres(prediction.depth_m, self._raw_image.pixels(*prediction.depth_m.shape))
            self._raw.publish(self._raw_image.message(header))

    def withdraw(self) -> None:
        """Destroy the publishers."""
        while self._publishers:
            # destroy_publisher would leave it among the entities that the node manages.
            self._node.destroy_lifecycle_publisher(self._publishers.pop())

    def _advertise(self) -> None:
        self._depth = self._publisher(Image, 'depth/image_rect')
        self._raw = self._publisher(Image, 'depth/image_raw')
        self._depth_info = self._publisher(CameraInfo, 'depth/camera_info')
        self._std = self._publisher(Image, 'depth_std/image_rect')
        self._std_info = self._publisher(CameraInfo, 'depth_std/camera_info')

    def _publisher(self, kind: type, topic: str) -> LifecyclePublisher:
        publisher: LifecyclePublisher = self._node.create_lifecycle_publisher(
            kind, topic, qos.for_everyone(), qos_overriding_options=qos.overridable()
        )
        self._publishers.append(publisher)
        return publisher


def is_heard(publisher: LifecyclePublisher) -> bool:
    """Return whether anybody subscribes to what it publishes."""
    return bool(publisher.get_subscription_count() > 0)
