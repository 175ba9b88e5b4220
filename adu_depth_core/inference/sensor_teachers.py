# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
Other sensors of a robot as teachers: another stereo system, a depth camera, a laser scanner.

Each turns messages, of rclpy or of rosbags alike, into depth of the camera image and its standard
deviation. What a stereo system or a depth camera says is a teacher's word; what a scanner says is
truth.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np

from adu_depth_core.bags.rigid import Matrix
from adu_depth_core.camera import Camera
from adu_depth_core.datasets.block_matching import disagreement
from adu_depth_core.errors import InputError
from adu_depth_core.inference.prediction import Prediction
from adu_depth_core.inference.teacher_labels import with_teacher
from adu_depth_core.messages.clouds import points_of
from adu_depth_core.messages.compressed_images import picture_of
from adu_depth_core.messages.disparity import BEYOND_M, StampedDisparity, disparity_of
from adu_depth_core.messages.rectifying import says_rectified
from adu_depth_core.messages.registered_depth import (
    ImagePlace,
    check_is_registered,
    registered_depth,
)
from adu_depth_core.messages.stamped import StampedImage
from adu_depth_core.samples.depth_noise import ConfidenceScale, DepthNoise
from adu_depth_core.samples.projection import project_points
from adu_depth_core.samples.raw_image import Rectification
from adu_depth_core.samples.sample import Depth, StereoSample

# By how much the focal length of a disparity image may differ from that of its camera.
FOCAL_TOLERANCE = 0.01

FindMatrix = Callable[[str, str], Matrix]


@dataclass(frozen=True)
class Word:
    """
    A message of a sensor, and the topic it came on.

    Attributes
    ----------
    topic : str
    message : object
        Of rclpy or of rosbags.

    """

    topic: str
    message: Any


Said = Mapping[str, Word]


class SensorTeacher(Protocol):
    """
    A sensor that says how far is what a camera sees.

    `roles` are the kinds of messages that it needs: disparity, depth, confidence or points. It is
    called with a sample, whose image it is to explain, the frame of that image, and a message of
    each role; it returns depth and standard deviation, unknown wherever the sensor does not know.
    Where it `is_truth` its depth is the true one; where it `is_registered` it is an image of the
    camera, raw where the camera's image is. Raises InputError, which names the topic, for a
    message that cannot be used.
    """

    @property
    def roles(self) -> tuple[str, ...]:
        """Kinds of messages."""

    @property
    def is_truth(self) -> bool:
        """Whether its depth is the true one."""

    @property
    def is_registered(self) -> bool:
        """Whether it is an image of the camera, raw where the camera's image is."""

    def __call__(self, sample: StereoSample, frame_id: str, said: Said) -> Prediction:
        """Return the depth of the left image."""


class DisparityTeacher:
    """
    Disparity images of another stereo system.

    Parameters
    ----------
    noise : DepthNoise
        Where the sample has a right image, what is matched from that contradicts the disparity
        here and there (occlusions, thin things): there the standard deviation is wider.

    """

    roles, is_truth, is_registered = ('disparity',), False, False

    def __init__(self, noise: DepthNoise) -> None:
        self._noise = noise

    def __call__(self, sample: StereoSample, frame_id: str, said: Said) -> Prediction:
        """Turn disparity into depth."""
        topic = said['disparity'].topic
        found = _named(topic, disparity_of, said['disparity'].message)
        place = _place(sample.camera, frame_id)
        check_is_registered(topic, found.frame_id, found.disparity_px, place)
        if abs(found.focal_px - sample.camera.fx) > FOCAL_TOLERANCE * sample.camera.fx:
            raise InputError(
                f'{topic}: f is {found.focal_px:.4g} px, but that of its camera is '
                f'{sample.camera.fx:.4g} px; disparity must be of the image beside it, unscaled'
            )
        depth_m = found.depth_m
        focal_baseline = found.focal_px * found.baseline_m
        std_m = self._noise.std_m(depth_m, focal_baseline, _contradicted_px(found, sample))
        return Prediction(depth_m, std_m)


class DepthTeacher:
    """
    Depth images that are registered to the camera, with a confidence image where there is one.

    Parameters
    ----------
    noise : DepthNoise
    baseline_m : float
        Of the depth camera, where it triangulates; 0 where it does not (time of flight).
    confidence : ConfidenceScale, optional
        What its confidence images mean; without it there are none. Where confidence is a half,
        the standard deviation is twice as large; where it is none, depth is unknown.

    """

    is_truth, is_registered = False, True

    def __init__(
        self,
        noise: DepthNoise,
        baseline_m: float = 0.0,
        confidence: ConfidenceScale | None = None,
    ) -> None:
        self._noise, self._baseline_m, self._confidence = noise, baseline_m, confidence
        self.roles: tuple[str, ...] = ('depth',) if confidence is None else ('depth', 'confidence')

    def __call__(self, sample: StereoSample, frame_id: str, said: Said) -> Prediction:
        """Take depth as it is."""
        place = _place(sample.camera, frame_id)
        depth_m = registered_depth(_picture(said['depth']), said['depth'].topic, place)
        with np.errstate(invalid='ignore'):
            depth_m[~((depth_m > 0) & (depth_m <= BEYOND_M))] = np.nan
        std_m = self._noise.std_m(depth_m, sample.camera.fx * self._baseline_m)
        if self._confidence is not None:
            share = self._confidence.share(_confidence(said['confidence'], place))
            depth_m[share <= 0] = np.nan
            with np.errstate(over='ignore'):
                std_m /= np.where(share > 0, share, np.nan).astype(np.float32)
        return Prediction(depth_m, std_m)


class PointsTeacher:
    """
    Points of a laser scanner: true depth of the pixels onto which they fall.

    Parameters
    ----------
    matrix : callable
        Returns the (4, 4) that takes points into a frame (its first argument) from another one.
    std_m : float
        Standard deviation of every point.

    """

    roles, is_truth, is_registered = ('points',), True, False

    def __init__(self, matrix: FindMatrix, std_m: float = 0.03) -> None:
        self._matrix, self._std_m = matrix, std_m

    def __call__(self, sample: StereoSample, frame_id: str, said: Said) -> Prediction:
        """Project the points; the nearest one counts where several fall on a pixel."""
        word = said['points']
        cloud = _named(word.topic, points_of, word.message)
        to_camera = self._matrix(frame_id, cloud.frame_id)
        depth_m = project_points(cloud.points_m, to_camera, sample.camera)
        depth_m[depth_m > BEYOND_M] = np.nan
        return Prediction(depth_m, np.where(np.isnan(depth_m), depth_m, np.float32(self._std_m)))


def asked(
    teacher: SensorTeacher,
    sample: StereoSample,
    frame_id: str,
    said: Said,
    rectification: Rectification | None = None,
) -> tuple[StereoSample, Prediction]:
    """
    Return an image as it is when rectified, and what a sensor says of that.

    Parameters
    ----------
    teacher : SensorTeacher
    sample : StereoSample
        The image; where it is raw, with its raw camera.
    frame_id : str
        Of the image.
    said : mapping of role to Word
        A depth image on a topic that does not say that it is rectified is raw where the image is.
    rectification : Rectification, optional
        Where the image is raw.

    Raises
    ------
    InputError
        See `SensorTeacher`.

    """
    if rectification is None:
        return sample, teacher(sample, frame_id, said)
    camera = rectification.camera
    flat = replace(sample, left=rectification.image(sample.left, camera), camera=camera)
    is_raw = teacher.is_registered and not says_rectified(said[teacher.roles[0]].topic)
    if not is_raw:
        return flat, teacher(flat, frame_id, said)
    raw = teacher(sample, frame_id, said)
    depth_m, std_m = map(rectification.depth_m, (raw.depth_m, raw.std_m))
    return flat, Prediction(depth_m, std_m)


def with_word(
    teacher: SensorTeacher, sample: StereoSample, prediction: Prediction
) -> StereoSample:
    """
    Return a sample with what a sensor says of it, as its truth or as a teacher's word.

    Raises
    ------
    InputError
        When the sensor knows no pixel of the image: there is nothing to learn from.

    """
    if not np.isfinite(prediction.depth_m).any():
        raise InputError(
            f'no pixel of the image is known by the {teacher.roles[0]}; check topic, units and, '
            'for points, how the scanner stands to the camera'
        )
    if teacher.is_truth:
        return replace(sample, depth_m=prediction.depth_m)
    return with_teacher(sample, prediction)


def _contradicted_px(found: StampedDisparity, sample: StereoSample) -> Depth | None:
    if sample.right is None or sample.rig is None:
        return None
    # The message has the difference of the principal points taken out, the images have not.
    between_pixels = found.disparity_px - np.float32(sample.rig.disparity_offset_px)
    return disagreement(between_pixels, sample.left, sample.right)


def _confidence(word: Word, place: ImagePlace) -> Depth:
    picture = _picture(word)
    if picture.pixels.ndim != 2:
        raise InputError(
            f'{word.topic}: confidence is one number a pixel, "{picture.encoding}" has more'
        )
    check_is_registered(word.topic, picture.frame_id, picture.pixels, place)
    return picture.pixels.astype(np.float32)


def _picture(word: Word) -> StampedImage:
    return _named(word.topic, picture_of, word.message)


def _named(topic: str, read: Callable[[Any], Any], message: Any) -> Any:
    """Read a message; what is wrong with it is said with its topic."""
    try:
        return read(message)
    except InputError as error:
        raise InputError(f'{topic}: {error}') from error


def _place(camera: Camera, frame_id: str) -> ImagePlace:
    return ImagePlace(frame_id, camera.width, camera.height)
