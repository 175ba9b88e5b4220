# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What the node takes in where another sensor is the teacher: an image, and the sensor's word."""

import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

import numpy as np
from rclpy.node import Node
from sensor_msgs.msg import CameraInfo, Image, PointCloud2
from stereo_msgs.msg import DisparityImage

from adu_depth_core.inference.factors import Factors
from adu_depth_core.inference.prediction import multiply
from adu_depth_core.inference.sensor_teachers import SensorTeacher, Word, asked, with_word
from adu_depth_core.messages.cdr import stamp_ns_of
from adu_depth_core.samples import sample
from adu_depth_core.samples.live_synchroniser import LiveSynchroniser, Together
from adu_depth_core.samples.raw_image import Rectification
from adu_depth_core.samples.sample import StereoSample
from adu_depth_ros.messages.camera_info import LatestCalibration
from adu_depth_ros.stereo.camera_inputs import CameraInputs, Listen
from adu_depth_ros.stereo.pair_teacher import TeacherAnswer

KINDS: Mapping[str, type] = {
    'disparity': DisparityImage,
    'depth': Image,
    'confidence': Image,
    'points': PointCloud2,
}


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
        Called with what belongs together: an image and what the sensor said of it.
    teacher : SensorTeacher
        Says what messages are needed. Disparity is looked at with the right image where that and
        its calibration come.
    slop_s : float
        By how many seconds the stamps of image and sensor may differ.
    transport : str
        Form of the images: `raw` or `compressed`; what a sensor says is always raw.

    Attributes
    ----------
    cameras : CameraInputs
        The left side, and the right one where it is looked at.
    images, pairs : int
        How many messages came that are to be matched, and how many moments were complete.

    """

    def __init__(
        self,
        node: Node,
        listen: Listen,
        on_pair: Callable[[Together[Any]], None],
        *,
        teacher: SensorTeacher,
        slop_s: float,
        transport: str,
    ) -> None:
        self.images = self.pairs = 0
        self._on_pair, self._teacher, self._slop_s = on_pair, teacher, slop_s
        sides = ('left', 'right') if 'disparity' in teacher.roles else ('left',)
        self._synchroniser: LiveSynchroniser[Any] = LiveSynchroniser(
            'left', teacher.roles, sides[1:], slop_ns=round(slop_s * 1e9)
        )
        self._came = dict.fromkeys((*sides, *teacher.roles), 0)
        self._calibration = LatestCalibration()
        self.cameras = CameraInputs(node, listen, sides, transport)
        said = {role: node.resolve_topic_name(f'teacher/{role}') for role in teacher.roles}
        self._topics = {**self.cameras.topics, **said}
        # What comes at the same time is taken in this order: the sensor's word completes it.
        for part, topic in self._topics.items():
            listen(KINDS.get(part, self.cameras.kind), topic, partial(self._on_message, part))

    @property
    def topics(self) -> list[str]:
        """All that is subscribed to."""
        return [*self._topics.values(), *self.cameras.info_topics.values()]

    @property
    def unmatched(self) -> int:
        """Images and messages of the sensor that were let go alone."""
        return self._synchroniser.unmatched

    def left_of(self, moment: Together[Any]) -> sample.Image:
        """Return the picture that is explained as RGB, as it comes, see `rgb_of`."""
        return self.cameras.picture('left', moment.leader)

    def answer(
        self, moment: Together[Any], left_image: Callable[[], sample.Image], factors: Factors
    ) -> TeacherAnswer:
        """Ask the sensor about an image; InputError where its messages cannot be used."""
        bare, info, rectification = self._sample(moment, np.ascontiguousarray(left_image()))
        said = {role: Word(self._topics[role], moment.items[role]) for role in self._teacher.roles}
        started = time.perf_counter()
        frame_id = moment.leader.header.frame_id
        bare, prediction = asked(self._teacher, bare, frame_id, said, rectification)
        multiply(prediction, factors.depth_scale, factors.std_scale)
        seconds = time.perf_counter() - started
        labelled = partial(with_word, self._teacher, bare, prediction)
        return TeacherAnswer(prediction, info, bare.rig, labelled, seconds)

    def missing(self) -> Iterator[str]:
        """Say what should have come and has not, a sentence each."""
        needed = [part for part in self._topics if part != 'right']
        for part in needed:
            if not self._came[part]:
                yield self.cameras.absence('image' if part == 'left' else part, self._topics[part])
        if 'left' not in self.cameras.infos:
            yield self.cameras.absence('camera_info', self.cameras.info_topics['left'])
        if all(self._came[part] for part in needed) and not self.pairs:
            others = ', '.join(self._topics[role] for role in self._teacher.roles)
            yield (
                f'nothing of {others} belongs to an image of {self._topics["left"]}: their stamps '
                f'differ by more than pairing_slop, {self._slop_s} s'
            )

    def _sample(
        self, moment: Together[Any], left: sample.Image
    ) -> tuple[StereoSample, CameraInfo, Rectification | None]:
        """
        Return the sample without a label, with the right image where it can be used.

        Then the camera_info of the rectified image, and how the sample is to be rectified yet.
        """
        height, width = left.shape[:2]
        info, topic = self.cameras.info('left'), self.cameras.info_topics['left']
        if 'right' not in moment.items or 'right' not in self.cameras.infos:
            camera, fitting, way = self._calibration.of_image(
                info, width, height, topic, self.cameras.rectifying, self._topics['left']
            )
            seen_by = way.lens.camera if way else camera
            return StereoSample('', moment.stamp_ns, left, seen_by), fitting, way
        right = np.ascontiguousarray(self.cameras.picture('right', moment.items['right']))
        left, of_left = self.cameras.rectified('left', left)
        right, of_right = self.cameras.rectified('right', right)
        rig, fitting = self.cameras.pair(of_left, of_right)
        return StereoSample('', moment.stamp_ns, left, rig.left, right, rig), fitting, None

    def _on_message(self, part: str, message: Any) -> None:
        self.images += 1
        self._came[part] += 1
        complete: Together[Any] | None = self._synchroniser.add(
            part, stamp_ns_of(message), message
        )
        if complete is not None:
            self.pairs += 1
            self._on_pair(complete)
