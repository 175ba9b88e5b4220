# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
The two kinds of teachers with one face: a network that looks at pairs, and another sensor.

Each knows what it listens to, how it answers, and what topics it can publish.
"""

import time
from collections.abc import Callable
from functools import partial
from typing import Any, Protocol

import numpy as np
from rclpy.lifecycle import LifecycleNode
from std_msgs.msg import Header

from adu_depth_core.inference.factors import Factors
from adu_depth_core.inference.prediction import Prediction
from adu_depth_core.inference.sensor_teachers import SensorTeacher
from adu_depth_core.inference.teacher_labels import with_teacher
from adu_depth_core.samples.sample import Image, StereoSample
from adu_depth_ros.nodes.depth_outputs import DepthOutputs
from adu_depth_ros.stereo.camera_inputs import Listen
from adu_depth_ros.stereo.pair_teacher import PairTeacher, TeacherAnswer
from adu_depth_ros.stereo.sensor_inputs import SensorInputs
from adu_depth_ros.stereo.stereo_inputs import StereoInputs
from adu_depth_ros.stereo.stereo_outputs import StereoOutputs

Inputs = StereoInputs | SensorInputs
LeftImage = Callable[[], Image]


class Source(Protocol):
    """
    A teacher, in the words of the node.

    `runtime`, `device` and `precision` are told in diagnostics; its answers are multiplied by
    `factors`, which may change between two of them.
    """

    factors: Factors

    @property
    def runtime(self) -> str:
        """What runs it."""

    @property
    def device(self) -> str:
        """Where it runs."""

    @property
    def precision(self) -> str:
        """In what precision."""

    @property
    def limits(self) -> tuple[float, float]:
        """The depths in metres between which it knows any."""

    def outputs(self, node: LifecycleNode) -> DepthOutputs:
        """Advertise what it can publish."""

    def inputs(
        self, node: LifecycleNode, listen: Listen, on_pair: Callable[[Any], None], **options: Any
    ) -> Inputs:
        """Subscribe to what it looks at, with `slop_s` and `transport`."""

    def answer(self, item: Any, left_image: LeftImage) -> TeacherAnswer:
        """Look at what `inputs` called back with; InputError where it cannot be used."""

    def publish(self, header: Header, limited: Prediction, answer: TeacherAnswer) -> None:
        """Publish a prediction within limits."""


class NetworkSource:
    """A stereo network; of pairs, it publishes disparity, too."""

    def __init__(self, teacher: PairTeacher) -> None:
        self._teacher, self.factors = teacher, Factors()
        self.runtime, self.device = teacher.runtime_name, teacher.device_name
        self.precision = teacher.precision

    @property
    def limits(self) -> tuple[float, float]:
        """Those of its model."""
        return self._teacher.info.min_depth, self._teacher.info.max_depth

    def outputs(self, node: LifecycleNode) -> DepthOutputs:
        """Advertise depth and disparity."""
        self._outputs = StereoOutputs(node)
        return self._outputs

    def inputs(
        self, node: LifecycleNode, listen: Listen, on_pair: Callable[[Any], None], **options: Any
    ) -> Inputs:
        """Subscribe to both cameras."""
        self._inputs = StereoInputs(node, listen, on_pair, **options)
        return self._inputs

    def answer(self, item: Any, left_image: LeftImage) -> TeacherAnswer:
        """Ask the network about a pair."""
        images = left_image(), self._inputs.right_of(item)
        rig, info = self._inputs.calibration(*images)
        left, right = map(np.ascontiguousarray, images)
        self._teacher.factors = self.factors
        started = time.perf_counter()
        prediction = self._teacher(left, right, rig)
        seconds = time.perf_counter() - started
        bare = StereoSample('', item.stamp_ns, left, rig.left, right, rig)
        return TeacherAnswer(
            prediction, info, rig, partial(with_teacher, bare, prediction), seconds
        )

    def publish(self, header: Header, limited: Prediction, answer: TeacherAnswer) -> None:
        """Publish depth, and disparity where somebody wants it."""
        assert answer.rig is not None, 'a network answers to pairs'
        self._outputs.publish_pair(header, limited, answer.info, answer.rig)


class SensorSource:
    """Another sensor of the robot."""

    runtime, device, precision = 'sensor', 'none', 'none'
    limits = (0.0, 1000.0)

    def __init__(self, teacher: SensorTeacher) -> None:
        self._teacher, self.factors = teacher, Factors()

    def outputs(self, node: LifecycleNode) -> DepthOutputs:
        """Advertise depth."""
        self._outputs = DepthOutputs(node)
        return self._outputs

    def inputs(
        self, node: LifecycleNode, listen: Listen, on_pair: Callable[[Any], None], **options: Any
    ) -> Inputs:
        """Subscribe to the camera and to the sensor."""
        self._inputs = SensorInputs(node, listen, on_pair, teacher=self._teacher, **options)
        return self._inputs

    def answer(self, item: Any, left_image: LeftImage) -> TeacherAnswer:
        """Ask the sensor about an image."""
        return self._inputs.answer(item, left_image, self.factors)

    def publish(self, header: Header, limited: Prediction, answer: TeacherAnswer) -> None:
        """Publish depth."""
        self._outputs.publish(header, limited, answer.info)
