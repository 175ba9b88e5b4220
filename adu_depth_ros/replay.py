# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What of a bag is played to a node, and how the node is to be launched for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from adu_depth_core.bags import open_bag
from adu_depth_core.bags.bag_stereo import find_stereo_topics
from adu_depth_core.bags.camera_topics import find_camera_topics
from adu_depth_core.bags.topics import base_topic
from adu_depth_core.messages.stamped import StampedImage


@dataclass(frozen=True)
class Replay:
    """
    Topics of a bag for one node.

    Parameters
    ----------
    played : tuple of str
        What the node subscribes to.
    arguments : mapping
        Arguments of the node's launch file.

    """

    played: tuple[str, ...]
    arguments: Mapping[str, str]


def mono_replay(path: Path, image: str = '', camera_info: str = '') -> Replay:
    """Return what mono_depth_node is played; topics that are not given are found."""
    with open_bag(path) as bag:
        found = find_camera_topics(
            bag, image=image or None, camera_info=camera_info or None, truth='none'
        )
        picture = bag.first_image(found.image)
        arguments = {
            'image': base_topic(found.image),
            'camera_info': found.camera_info,
            **_form(found.image, picture),
        }
        return Replay((found.image, found.camera_info), arguments)


def stereo_replay(path: Path, left: str = '', right: str = '') -> Replay:
    """Return what stereo_teacher_node is played; topics that are not given are found."""
    with open_bag(path) as bag:
        found = find_stereo_topics(bag, left or None, right or None)
        left_info, right_info = found.infos
        arguments = {
            'left_image': base_topic(found.left),
            'right_image': base_topic(found.right),
            'left_camera_info': left_info,
            'right_camera_info': right_info,
            **_form(found.left, bag.first_image(found.left)),
        }
        played = found.left, found.right, left_info, right_info
        return Replay(played, arguments)


def _form(topic: str, picture: StampedImage) -> dict[str, str]:
    """Return form and size of the images and the frame they are in, as launch arguments."""
    height, width = picture.pixels.shape[:2]
    return {
        'image_transport': 'raw' if base_topic(topic) == topic else 'compressed',
        'camera_size': f'{width}x{height}',
        'fixed_frame': picture.frame_id,
    }
