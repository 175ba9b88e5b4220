# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The messages that a sample of a data set becomes in a bag."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import NDArray

from adu_depth_core.bags import topics
from adu_depth_core.messages.clouds import point_cloud_message
from adu_depth_core.messages.compressed_images import compressed_depth_message, jpeg_message
from adu_depth_core.messages.pixels import to_millimetres
from adu_depth_core.messages.stamped import camera_info_message, image_message
from adu_depth_core.messages.types import (
    CAMERA_INFO_TYPE,
    COMPRESSED_IMAGE_TYPE,
    IMAGE_TYPE,
    POINT_CLOUD_TYPE,
)
from adu_depth_core.samples.sample import Depth, Image, StereoSample

ImageFormat = Literal['rgb8', 'jpeg']
TruthFormat = Literal['32FC1', '16UC1', 'png']
IMAGE_FORMATS: tuple[ImageFormat, ...] = get_args(ImageFormat)
TRUTH_FORMATS: tuple[TruthFormat, ...] = get_args(TruthFormat)


@dataclass(frozen=True)
class BagFormat:
    """
    How samples are written.

    Parameters
    ----------
    image : 'rgb8' or 'jpeg'
        Image, or CompressedImage.
    jpeg_quality : int
        1 to 100.
    truth : '32FC1', '16UC1' or 'png'
        Metres, or millimetres (which end at 65.535 m), or these as a CompressedImage.

    """

    image: ImageFormat = 'rgb8'
    jpeg_quality: int = 90
    truth: TruthFormat = '32FC1'


UNCOMPRESSED = BagFormat()


class TopicMessage(NamedTuple):
    """One serialised message for a topic."""

    topic: str
    msgtype: str
    data: bytes


class Scan(NamedTuple):
    """
    A laser scan.

    `points` is (N, 4) float32, x y z in metres in the scanner's frame and intensity;
    `left_from_scanner` (4, 4) takes them to the frame of the left camera.
    """

    points: NDArray[np.float32]
    left_from_scanner: NDArray[np.float64]


def sample_messages(
    sample: StereoSample,
    namespace: str = topics.DEFAULT_NAMESPACE,
    bag_format: BagFormat = UNCOMPRESSED,
) -> Iterator[TopicMessage]:
    """Yield the messages of one sample, each camera_info before its image."""
    for name, msgtype, data in _relative_messages(sample, bag_format):
        yield TopicMessage(topics.in_namespace(namespace, name), msgtype, data)


def scan_message(scan: Scan, stamp_ns: int, namespace: str) -> TopicMessage:
    """Return the message of a scan."""
    data = point_cloud_message(scan.points, stamp_ns=stamp_ns, frame_id=topics.SCANNER_FRAME)
    name = topics.in_namespace(namespace, topics.POINTS)
    return TopicMessage(name, POINT_CLOUD_TYPE, data)


def _relative_messages(sample: StereoSample, bag_format: BagFormat) -> Iterator[TopicMessage]:
    left, right = topics.LEFT_FRAME, topics.RIGHT_FRAME
    left_info = camera_info_message(sample.camera, stamp_ns=sample.stamp_ns, frame_id=left)
    yield TopicMessage(topics.LEFT_INFO, CAMERA_INFO_TYPE, left_info)
    yield _image(topics.LEFT_IMAGE, sample.left, sample.stamp_ns, left, bag_format)
    if sample.right is not None and sample.rig is not None:
        rig = sample.rig
        info = camera_info_message(
            rig.right, stamp_ns=sample.stamp_ns, frame_id=right, baseline_m=rig.baseline_m
        )
        yield TopicMessage(topics.RIGHT_INFO, CAMERA_INFO_TYPE, info)
        yield _image(topics.RIGHT_IMAGE, sample.right, sample.stamp_ns, right, bag_format)
    if sample.depth_m is not None:
        yield TopicMessage(topics.TRUTH_INFO, CAMERA_INFO_TYPE, left_info)
        yield _truth(sample.depth_m, sample.stamp_ns, bag_format)


def _image(
    name: str, image: Image, stamp_ns: int, frame_id: str, bag_format: BagFormat
) -> TopicMessage:
    if bag_format.image == 'jpeg':
        data = jpeg_message(
            image, quality=bag_format.jpeg_quality, stamp_ns=stamp_ns, frame_id=frame_id
        )
        return TopicMessage(name + topics.COMPRESSED, COMPRESSED_IMAGE_TYPE, data)
    data = image_message(image, encoding='rgb8', stamp_ns=stamp_ns, frame_id=frame_id)
    return TopicMessage(name, IMAGE_TYPE, data)


def _truth(depth_m: Depth, stamp_ns: int, bag_format: BagFormat) -> TopicMessage:
    name, frame_id = topics.TRUTH_DEPTH, topics.LEFT_FRAME
    if bag_format.truth == 'png':
        data = compressed_depth_message(
            to_millimetres(depth_m), stamp_ns=stamp_ns, frame_id=frame_id
        )
        return TopicMessage(name + topics.COMPRESSED_DEPTH, COMPRESSED_IMAGE_TYPE, data)
    stored = depth_m if bag_format.truth == '32FC1' else to_millimetres(depth_m)
    data = image_message(stored, encoding=bag_format.truth, stamp_ns=stamp_ns, frame_id=frame_id)
    return TopicMessage(name, IMAGE_TYPE, data)
