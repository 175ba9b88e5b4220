# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Where a recording's true depth comes from: a depth topic, laser scans, or a stereo teacher."""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

import numpy as np

from adu_depth_core.bags.picture_messages import read_picture
from adu_depth_core.bags.reader import BagMessage
from adu_depth_core.bags.transforms import Transforms
from adu_depth_core.camera import StereoRig
from adu_depth_core.errors import InputError
from adu_depth_core.inference.predictor import Prediction
from adu_depth_core.messages.camera_info import ImageCalibration, stereo_rig
from adu_depth_core.messages.clouds import read_points
from adu_depth_core.messages.pixels import to_depth_m, to_rgb
from adu_depth_core.messages.stamped import StampedCamera, StampedImage, read_camera_info
from adu_depth_core.samples.projection import project_scan
from adu_depth_core.samples.sample import Depth, Image

# Nothing in sight is nearer where metres are meant.
FARTHEST_M = 200.0

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

    def depth_m(self, image: StampedImage, camera: StampedCamera, messages: Messages) -> Depth:
        """
        Return the true depth of an image, (H, W) float32 metres, NaN = unknown.

        Raises InputError when a message cannot be used.
        """


class DepthTopic:
    """Depth images of the same camera: 32FC1 in metres, 16UC1 in millimetres, also compressed."""

    tolerance_ns = None

    def __init__(self, topic: str) -> None:
        self.name, self.topics = f'depth topic {topic}', (topic,)

    def depth_m(self, image: StampedImage, camera: StampedCamera, messages: Messages) -> Depth:
        """Decode the message of the topic."""
        (topic,) = self.topics
        picture = read_picture(messages[topic])
        depth_m = to_depth_m(picture.pixels, picture.encoding)
        check_is_metres(topic, depth_m)
        frames = {frame.removeprefix('/') for frame in (picture.frame_id, image.frame_id)} - {''}
        if len(frames) > 1:
            raise InputError(
                f'{topic}: is of the frame {picture.frame_id}, its image of {image.frame_id}; '
                'true depth must be registered to the image'
            )
        if depth_m.shape != image.pixels.shape[:2]:
            (w, h), (width, height) = _size(depth_m), _size(image.pixels)
            raise InputError(
                f'{topic}: {w}x{h}, its image has {width}x{height}; '
                'true depth must be an image of the same camera'
            )
        return depth_m


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

    tolerance_ns = None

    def __init__(self, topic: str, transforms: Transforms) -> None:
        self.name, self.topics = f'laser scans {topic}', (topic,)
        self._transforms = transforms

    def depth_m(self, image: StampedImage, camera: StampedCamera, messages: Messages) -> Depth:
        """Project the cloud; the nearest point counts where several fall on a pixel."""
        (topic,) = self.topics
        cloud = read_points(messages[topic].data)
        to_camera = self._transforms.matrix(image.frame_id, cloud.frame_id)
        pinhole = camera.of_image(*_size(image.pixels))
        projection = pinhole.matrix @ to_camera[:3]
        return project_scan(cloud.points_m, projection, pinhole.width, pinhole.height)


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

    """

    tolerance_ns = 1_000_000  # a pair of two moments is none

    def __init__(
        self, predict: StereoPredict, model: str, right_image: str, right_info: str
    ) -> None:
        self.name, self.topics = f'stereo teacher {model}', (right_image, right_info)
        self._predict = predict

    def depth_m(self, image: StampedImage, camera: StampedCamera, messages: Messages) -> Depth:
        """Let the teacher look at both images."""
        right_topic, info_topic = self.topics
        right = read_picture(messages[right_topic])
        info = read_camera_info(messages[info_topic].data)
        rig = stereo_rig(
            ImageCalibration(camera.calibration, 'left camera_info', *_size(image.pixels)),
            ImageCalibration(info.calibration, info_topic, *_size(right.pixels)),
        )
        return self._predict(_rgb(image), _rgb(right), rig).depth_m


def check_is_metres(topic: str, depth_m: Depth) -> None:
    """Raise InputError where the nearest depth is farther than any camera measures."""
    known = depth_m[np.isfinite(depth_m) & (depth_m > 0)]
    if known.size and known.min() > FARTHEST_M:
        raise InputError(
            f'{topic}: its depth is from {known.min():.4g} to {known.max():.4g} m; if these are '
            'millimetres, publish them as 16UC1, or metres as 32FC1'
        )


def _rgb(picture: StampedImage) -> Image:
    return np.ascontiguousarray(to_rgb(picture.pixels, picture.encoding))


def _size(pixels: np.ndarray) -> tuple[int, int]:
    """Return width and height in pixels."""
    return pixels.shape[1], pixels.shape[0]
