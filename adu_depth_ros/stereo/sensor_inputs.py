# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What the node takes in where another sensor is the teacher: an image, and the sensor's word."""

import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from rclpy.node import Node
from sensor_msgs.msg import CameraInfo, CompressedImage, Image, PointCloud2
from stereo_msgs.msg import DisparityImage

from adu_depth_core.errors import InputError
from adu_depth_core.inference.factors import Factors
from adu_depth_core.inference.prediction import multiply
from adu_depth_core.inference.sensor_teachers import SensorTeacher, Word, with_word
from adu_depth_core.messages.camera_info import calibration_of
from adu_depth_core.messages.rectifying import Rectifying
from adu_depth_core.samples import sample
from adu_depth_core.samples.companions import Companions, Together
from adu_depth_core.samples.sample import StereoSample
from adu_depth_ros.messages.camera_info import LatestCalibration
from adu_depth_ros.messages.image_messages import rgb_of
from adu_depth_ros.nodes.image_topics import image_topic
from adu_depth_ros.stereo.answer import Answer
from adu_depth_ros.stereo.stereo_camera import ImageCalibration, stereo_calibration
from adu_depth_ros.stereo.stereo_inputs import Listen

KINDS: Mapping[str, type] = {
    'disparity': DisparityImage,
    'depth': Image,
    'confidence': Image,
    'points': PointCloud2,
}


class Moment(NamedTuple):
    """Messages of one moment by name: left, right, and those of the sensor."""

    stamp_ns: int
    items: Mapping[str, Any]

    @property
    def left(self) -> Any:
        """The message of the image that is explained."""
        return self.items['left']


class SensorInputs:
    """
    Images and what a sensor says of them as they come; the face of `StereoInputs`.

    Parameters
    ----------
    node : Node
        Names of topics are its.
    listen : callable
        Subscribes: called with a type, a topic and a callback.
    on_pair : callable
        Called with every `Moment`.
    teacher : SensorTeacher
        Says what messages are needed. Disparity is looked at with the right image where that and
        its calibration come.
    slop_s : float
        By how many seconds the stamps of image and sensor may differ.
    transport : str
        Form of the images: `raw` or `compressed`; what a sensor says is always raw.

    Attributes
    ----------
    images, pairs : int
        How many messages came that are to be matched, and how many moments were complete.

    """

    def __init__(
        self,
        node: Node,
        listen: Listen,
        on_pair: Callable[[Moment], None],
        *,
        teacher: SensorTeacher,
        slop_s: float,
        transport: str,
    ) -> None:
        self.images = self.pairs = 0
        self._node, self._on_pair, self._teacher, self._slop_s = node, on_pair, teacher, slop_s
        sides = ('left', 'right') if 'disparity' in teacher.roles else ('left',)
        self._companions: Companions[Any] = Companions(
            'left', teacher.roles, sides[1:], slop_ns=round(slop_s * 1e9)
        )
        self._came = dict.fromkeys((*sides, *teacher.roles), 0)
        self._infos: dict[str, CameraInfo] = {}
        self._calibration = LatestCalibration()
        name = node.resolve_topic_name
        images = {side: image_topic(name(f'{side}/image_rect'), transport) for side in sides}
        said = {role: name(f'teacher/{role}') for role in teacher.roles}
        self._topics = {**images, **said}
        self._info_topics = {side: name(f'{side}/camera_info') for side in sides}
        kind = CompressedImage if transport == 'compressed' else Image
        for side, topic in self._info_topics.items():
            listen(CameraInfo, topic, partial(self._infos.__setitem__, side))
        # What comes at the same time is taken in this order: the sensor's word completes it.
        for part, topic in self._topics.items():
            listen(KINDS.get(part, kind), topic, partial(self._on_message, part))

    @property
    def topics(self) -> list[str]:
        """All that is subscribed to."""
        return [*self._topics.values(), *self._info_topics.values()]

    @property
    def unmatched(self) -> int:
        """Images and messages of the sensor that were let go alone."""
        return self._companions.unmatched

    def left_of(self, moment: Moment) -> sample.Image:
        """Return the picture that is explained as RGB, see `rgb_of`."""
        return self._picture('left', moment.left)

    def answer(
        self, moment: Moment, left_image: Callable[[], sample.Image], factors: Factors
    ) -> Answer:
        """Ask the sensor about an image; InputError where its messages cannot be used."""
        left = np.ascontiguousarray(left_image())
        bare, info = self._sample(moment, left)
        said = {role: Word(self._topics[role], moment.items[role]) for role in self._teacher.roles}
        started = time.perf_counter()
        prediction = self._teacher(bare, moment.left.header.frame_id, said)
        multiply(prediction, factors.depth_scale, factors.std_scale)
        seconds = time.perf_counter() - started
        labelled = partial(with_word, self._teacher, bare, prediction)
        return Answer(prediction, info, bare.rig, labelled, seconds)

    def missing(self) -> Iterator[str]:
        """Say what should have come and has not, a sentence each."""
        needed = [part for part in self._topics if part != 'right']
        for part in needed:
            if not self._came[part]:
                yield self._no('image' if part == 'left' else part, self._topics[part])
        if 'left' not in self._infos:
            yield self._no('camera_info', self._info_topics['left'])
        if all(self._came[part] for part in needed) and not self.pairs:
            others = ', '.join(self._topics[role] for role in self._teacher.roles)
            yield (
                f'nothing of {others} belongs to an image of {self._topics["left"]}: their stamps '
                f'differ by more than pairing_slop, {self._slop_s} s'
            )

    def _sample(self, moment: Moment, left: sample.Image) -> tuple[StereoSample, CameraInfo]:
        """Return the sample without a label, with the right image where it can be used."""
        height, width = left.shape[:2]
        topic = self._info_topics['left']
        if 'left' not in self._infos:
            raise InputError(self._no('camera_info', topic))
        info = self._infos['left']
        names = 'rectify', 'rectified_fov'
        rectifying = Rectifying(*(self._node.get_parameter(name).value for name in names))
        rectifying.require_rectified(calibration_of(info), self._topics['left'])
        if 'right' not in moment.items or 'right' not in self._infos:
            camera, fitting, _ = self._calibration.of_image(info, width, height, topic)
            return StereoSample('', moment.stamp_ns, left, camera), fitting
        right = np.ascontiguousarray(self._picture('right', moment.items['right']))
        of_right = self._infos['right'], self._info_topics['right']
        rig, fitting = stereo_calibration(
            ImageCalibration(info, topic, width, height),
            ImageCalibration(*of_right, right.shape[1], right.shape[0]),
        )
        return StereoSample('', moment.stamp_ns, left, rig.left, right, rig), fitting

    def _picture(self, side: str, message: Any) -> sample.Image:
        most = self._node.get_parameter('max_image_pixels').value
        return rgb_of(message, self._topics[side], most)

    def _on_message(self, part: str, message: Any) -> None:
        self.images += 1
        self._came[part] += 1
        stamp = message.header.stamp
        stamp_ns = stamp.sec * 1_000_000_000 + stamp.nanosec
        complete: Together[Any] | None = self._companions.add(part, stamp_ns, message)
        if complete is not None:
            self.pairs += 1
            self._on_pair(Moment(complete.stamp_ns, complete.items))

    def _no(self, what: str, topic: str) -> str:
        return f'no {what} on {topic} yet; publishers: {self._node.count_publishers(topic)}'
