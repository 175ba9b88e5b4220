# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The cameras that a stereo node listens to: names of their topics, calibrations, pictures."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, TypeAlias

from rclpy.node import Node
from sensor_msgs.msg import CameraInfo, CompressedImage, Image

from adu_depth_core.errors import InputError
from adu_depth_core.messages.camera_info import calibration_of
from adu_depth_core.messages.rectifying import Rectifying
from adu_depth_core.samples import sample
from adu_depth_ros.messages.camera_info import content_of
from adu_depth_ros.messages.image_messages import image_topic, rgb_of
from adu_depth_ros.nodes.managed_depth_node import absence
from adu_depth_ros.stereo.stereo_camera import (
    ReceivedCameraInfo,
    StereoCalibration,
    stereo_calibration,
)

ImageMessage: TypeAlias = Image | CompressedImage
Listen: TypeAlias = Callable[[type, str, Callable[[Any], None]], None]


class CameraInputs:
    """
    Cameras by their side, and the newest camera_info of each.

    Parameters
    ----------
    node : Node
        Names of topics and parameters are its.
    listen : callable
        Subscribes: called with a type, a topic and a callback; of camera_infos only.
    sides : sequence of str
        `left`, or `left` and `right`.
    transport : str
        Form of the images: `raw` or `compressed`.

    Attributes
    ----------
    kind : type
        Of the images.
    topics, info_topics : dict of str to str
        Of images and camera_infos by side.
    infos : dict of str to CameraInfo
        What came so far.

    """

    def __init__(self, node: Node, listen: Listen, sides: Sequence[str], transport: str) -> None:
        name = node.resolve_topic_name
        self._node = node
        self.kind = CompressedImage if transport == 'compressed' else Image
        self.topics = {side: image_topic(name(f'{side}/image_rect'), transport) for side in sides}
        self.info_topics = {side: name(f'{side}/camera_info') for side in sides}
        self.infos: dict[str, CameraInfo] = {}
        self._pair: tuple[ReceivedCameraInfo, ReceivedCameraInfo, StereoCalibration] | None = None
        self._known: dict[str, tuple[tuple[object, ...], ReceivedCameraInfo]] = {}
        for side, topic in self.info_topics.items():
            listen(CameraInfo, topic, partial(self.infos.__setitem__, side))

    @property
    def rectifying(self) -> Rectifying:
        """What is done to raw images, as the parameters say now."""
        names = 'rectify', 'rectified_fov'
        return Rectifying(*(self._node.get_parameter(name).value for name in names))

    def info(self, side: str) -> CameraInfo:
        """Return the newest camera_info of a side; InputError where none came."""
        if side not in self.infos:
            raise InputError(self.absence('camera_info', self.info_topics[side]))
        return self.infos[side]

    def picture(self, side: str, message: ImageMessage) -> sample.Image:
        """Return an image of a side as RGB, see `rgb_of`."""
        most = self._node.get_parameter('max_image_pixels').value
        return rgb_of(message, self.topics[side], most)

    def calibration(self, side: str, image: sample.Image) -> ReceivedCameraInfo:
        """
        Return what is known of an image of a side; InputError where nothing is, or does not fit.

        It is worked out anew only when camera_info or parameters change.
        """
        info, (height, width) = self.info(side), image.shape[:2]
        key = width, height, self.rectifying, *content_of(info)
        if side not in self._known or self._known[side][0] != key:
            self._known[side] = key, self._calibration(side, info, width, height)
        return self._known[side][1]

    def pair(self, left: ReceivedCameraInfo, right: ReceivedCameraInfo) -> StereoCalibration:
        """
        Return the rig of two images by their `calibration`; InputError where they are no pair.

        It is worked out anew only when one of these changes.
        """
        if self._pair is None or self._pair[0] is not left or self._pair[1] is not right:
            self._pair = left, right, stereo_calibration(left, right)
        return self._pair[2]

    def rectified(self, side: str, image: sample.Image) -> tuple[sample.Image, ReceivedCameraInfo]:
        """Return an image of a side, rectified where it came raw, and what is known of it."""
        found = self.calibration(side, image)
        way = found.way
        return image if way is None else way.image(image, way.camera), found

    def _calibration(
        self, side: str, info: CameraInfo, width: int, height: int
    ) -> ReceivedCameraInfo:
        topic = self.info_topics[side]
        try:
            described = calibration_of(info)
            way = self.rectifying.of_image(described, self.topics[side], width, height)
        except InputError as error:
            raise InputError(f'{topic}: {error}') from error
        return ReceivedCameraInfo(info, topic, width, height, way)

    def absence(self, what: str, topic: str) -> str:
        """Return a sentence that something has not come."""
        return absence(self._node, what, topic)
