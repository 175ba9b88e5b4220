# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Where a recording's true depth comes from: a depth topic, laser scans, or a stereo teacher."""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

import numpy as np

from adu_depth_core.bags.picture_messages import read_picture, rgb_pixels
from adu_depth_core.bags.reader import BagMessage
from adu_depth_core.bags.transforms import Transforms
from adu_depth_core.camera import StereoRig
from adu_depth_core.inference.predictor import Prediction
from adu_depth_core.messages.camera_info import ImageCalibration, stereo_rig
from adu_depth_core.messages.clouds import read_points
from adu_depth_core.messages.rectifying import AS_SAID, Rectifying
from adu_depth_core.messages.registered_depth import ImagePlace, registered_depth
from adu_depth_core.messages.stamped import StampedCamera, StampedImage, read_camera_info
from adu_depth_core.samples.projection import project_points
from adu_depth_core.samples.sample import Depth, Image

Messages = Mapping[str, BagMessage]
StereoPredict = Callable[[Image, Image, StereoRig], Prediction]


class TruthSensor(Protocol):
    """One sensor of truth."""

    @property
    def name(self) -> str:
        """What reports call it."""

    @property
    def topics(self) -> Sequence[str]:
        """Those of which a frame must have a message."""

    @property
    def tolerance_ns(self) -> int | None:
        """By how much its stamps may differ from that of the image; None: as the user says."""

    @property
    def is_registered(self) -> bool:
        """Whether it is an image of the camera, raw where the camera's image is."""

    def depth_m(self, image: StampedImage, camera: StampedCamera, messages: Messages) -> Depth:
        """
        Return the true depth of an image, (H, W) float32 metres, NaN = unknown.

        Raises InputError when a message cannot be used.
        """


class DepthTopic:
    """Depth images of the same camera: 32FC1 in metres, 16UC1 in millimetres, also compressed."""

    tolerance_ns, is_registered = None, True

    def __init__(self, topic: str) -> None:
        self.name, self.topics = f'depth topic {topic}', (topic,)

    def depth_m(self, image: StampedImage, camera: StampedCamera, messages: Messages) -> Depth:
        """Decode the message of the topic."""
        (topic,) = self.topics
        picture = read_picture(messages[topic])
        return registered_depth(picture, topic, ImagePlace(image.frame_id, *_size(image.pixels)))


class LaserScans:
    """
    PointCloud2 messages, projected into the image.

    Parameters
    ----------
    topic : str
        Of the clouds.
    transforms : Transforms
        Must know how the scanner's frame lies to that of the camera.

    """

    tolerance_ns, is_registered = None, False

    def __init__(self, topic: str, transforms: Transforms) -> None:
        self.name, self.topics = f'laser scans {topic}', (topic,)
        self._transforms = transforms

    def depth_m(self, image: StampedImage, camera: StampedCamera, messages: Messages) -> Depth:
        """Project the cloud; the nearest point counts where several fall on a pixel."""
        (topic,) = self.topics
        cloud = read_points(messages[topic].data)
        to_camera = self._transforms.matrix(image.frame_id, cloud.frame_id)
        return project_points(cloud.points_m, to_camera, camera.of_image(*_size(image.pixels)))


class StereoTeacher:
    """
    What a stereo teacher sees in the image and that of the right camera.

    Parameters
    ----------
    predict : callable
        A `StereoPredictor`, or what is called like one.
    model : str
        What to call it in reports.
    right_image, right_info : str
        Topics of the right camera; the baseline stands in its camera_info.
    rectifying : Rectifying
        For the right image; the left one comes as it is to be.

    """

    tolerance_ns = 1_000_000  # a pair of two moments is none
    is_registered = False

    def __init__(
        self,
        predict: StereoPredict,
        model: str,
        right_image: str,
        right_info: str,
        rectifying: Rectifying = AS_SAID,
    ) -> None:
        self.name, self.topics = f'stereo teacher {model}', (right_image, right_info)
        self._predict, self._rectifying = predict, rectifying

    def depth_m(self, image: StampedImage, camera: StampedCamera, messages: Messages) -> Depth:
        """Let the teacher look at both images."""
        right_topic, info_topic = self.topics
        right = rgb_pixels(read_picture(messages[right_topic]))
        calibration = read_camera_info(messages[info_topic].data).calibration
        right, calibration = self._rectifying.applied(right, calibration, right_topic)
        rig = stereo_rig(
            ImageCalibration(camera.calibration, 'left camera_info', *_size(image.pixels)),
            ImageCalibration(calibration, info_topic, *_size(right)),
        )
        return self._predict(rgb_pixels(image), right, rig).depth_m


def _size(pixels: np.ndarray) -> tuple[int, int]:
    """Return width and height in pixels."""
    return pixels.shape[1], pixels.shape[0]
