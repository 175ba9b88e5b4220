# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Which topics of a recording are the camera's, and which is its true depth."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice

from adu_depth_core.bags import topics
from adu_depth_core.bags.picture_messages import PICTURE_TYPES, picture_is_depth
from adu_depth_core.bags.reader import LOOKED_AT, Bag, Topic
from adu_depth_core.errors import InputError
from adu_depth_core.messages.stamped import header_frame_id
from adu_depth_core.messages.types import CAMERA_INFO_TYPE


@dataclass(frozen=True)
class CameraTopics:
    """
    Topic names: image, its camera_info, and true depth of it where there is any.

    Image and truth are of sensor_msgs/Image or CompressedImage; `read_picture` reads both.
    """

    image: str
    camera_info: str
    truth: str | None


def find_camera_topics(
    bag: Bag,
    *,
    image: str | None = None,
    camera_info: str | None = None,
    truth: str | None = None,
) -> CameraTopics:
    """
    Choose the topics of one camera; what is given stands, the rest is found.

    Without a name, ours (`adu_depth_core.bags.topics`) come first; otherwise there must be
    just one topic of the kind. Compressed images are taken where there are no others of the
    camera. A camera_info is looked for beside the image. `truth` may be 'none'.

    Raises
    ------
    InputError
        When a topic is not there, or it is not clear which one is meant.

    """
    colour, depth = _image_topics(bag)
    image = image or _the_one(bag, 'colour image', colour, topics.LEFT_IMAGE, '--image-topic')
    if image is None:
        raise InputError(f'{bag.path}: holds no image to predict depth from')
    bag.require(image, PICTURE_TYPES)
    camera_info = camera_info or camera_info_topic(bag, image)
    bag.require(camera_info, CAMERA_INFO_TYPE)
    truth = truth or _the_one(bag, 'depth', depth, topics.TRUTH_DEPTH, '--truth-topic')
    if truth is None or truth == 'none':
        return CameraTopics(image, camera_info, None)
    bag.require(truth, PICTURE_TYPES)
    return CameraTopics(image, camera_info, truth)


def colour_topics(bag: Bag) -> list[str]:
    """Return the topics of images that are no depth, without compressed copies of others."""
    return _image_topics(bag)[0]


def _image_topics(bag: Bag) -> tuple[list[str], list[str]]:
    """Part the image topics by what their first messages are: colour, depth."""
    found = [topic for msgtype in PICTURE_TYPES for topic in bag.of_type(msgtype)]
    colour: list[str] = []
    depth: list[str] = []
    for topic in sorted(found, key=lambda topic: topic.name):
        (depth if _is_depth(bag, topic) else colour).append(topic.name)
    return _without_copies(colour), _without_copies(depth)


def _is_depth(bag: Bag, topic: Topic) -> bool:
    """Ask the first message that can be understood, the name of the topic where none can."""
    for message in islice(bag.messages([topic.name]), LOOKED_AT):
        try:
            return picture_is_depth(message)
        except InputError:
            continue
    return topic.name.endswith(topics.COMPRESSED_DEPTH)


def _without_copies(names: Sequence[str]) -> list[str]:
    """Leave out compressed images of which the bag holds the others too."""
    return [n for n in names if topics.base_topic(n) == n or topics.base_topic(n) not in names]


def _the_one(bag: Bag, kind: str, names: Sequence[str], ours: str, option: str) -> str | None:
    preferred = topics.in_namespace(topics.DEFAULT_NAMESPACE, ours)
    for name in names:
        if topics.base_topic(name) == preferred:
            return name
    if len(names) > 1:
        raise InputError(f'{bag.path}: which {kind} is meant, {", ".join(names)}? Say {option}')
    return names[0] if names else None


def camera_info_topic(bag: Bag, image: str, option: str = '--camera-info-topic') -> str:
    """
    Find the camera_info of an image: beside it, or the only one, or the only one of its frame.

    Raises InputError, which names the `option`, when there is none or several could be meant.
    """
    for name in topics.camera_info_names(image):
        if name in bag.topics:
            return name
    sibling = topics.sibling_camera_info(image)
    frames = {topic.name: frame_of(bag, topic.name) for topic in bag.of_type(CAMERA_INFO_TYPE)}
    of_image = frame_of(bag, image)
    of_its_frame = [name for name, frame in frames.items() if of_image and frame == of_image]
    if len(of_its_frame) == 1:
        return of_its_frame[0]
    if len(frames) != 1:
        raise InputError(
            f'{bag.path}: no camera_info is found for {image}, {sibling} is not there; '
            f'name it with {option}'
        )
    ((name, frame),) = frames.items()
    if of_image and frame:
        raise InputError(
            f'{bag.path}: {sibling} is not there, and {name} is of another camera than '
            f'{image} ({" and ".join(sorted((of_image, frame)))}); name it with {option}'
        )
    return name


def frame_of(bag: Bag, topic: str) -> str:
    """Return the frame of the first message of a topic, '' where it cannot be read."""
    for message in islice(bag.messages([topic]), 1):
        with suppress(InputError):
            return header_frame_id(message.data)
    return ''
