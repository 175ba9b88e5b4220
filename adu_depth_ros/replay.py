# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What of a bag is played to a node, and how the node is to be launched for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from adu_depth_core.data.bag_stereo import find_stereo_topics
from adu_depth_core.data.bags import Bag, open_bag, read_picture
from adu_depth_core.data.bags.camera_topics import find_camera_topics
from adu_depth_core.data.bags.topics import base_topic
from adu_depth_core.errors import InputError


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
        arguments = {'image': base_topic(found.image), 'camera_info': found.camera_info}
        return Replay((found.image, found.camera_info), arguments | _form(bag, found.image))


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
        }
        played = found.left, found.right, left_info, right_info
        return Replay(played, arguments | _form(bag, found.left))


def _form(bag: Bag, image: str) -> dict[str, str]:
    """Return the form of the images and the frame they are in, as launch arguments."""
    first = next(bag.messages([image]), None)
    if first is None:
        raise InputError(f'{bag.path}: {image} has no messages')
    transport = 'raw' if base_topic(image) == image else 'compressed'
    return {'image_transport': transport, 'fixed_frame': read_picture(first).frame_id}
