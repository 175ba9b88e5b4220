# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
Bags (recordings of ROS 2 and ROS 1), read without ROS, and rosbag2 folders written.

The names below are imported as they are used: a node looks up names of topics in this room, and
where it runs there may be no rosbags.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from adu_depth_core.bags.picture_messages import read_picture
    from adu_depth_core.bags.reader import Bag, BagMessage, Topic, open_bag
    from adu_depth_core.bags.transforms import Transforms
    from adu_depth_core.bags.writer import STORAGES, BagWriter, bag_writer, write_bag
    from adu_depth_core.messages.clouds import StampedPoints, read_points
    from adu_depth_core.messages.pixels import to_depth_m, to_rgb
    from adu_depth_core.messages.stamped import StampedCamera, StampedImage, header_stamp_ns

__all__ = [
    'STORAGES',
    'Bag',
    'BagMessage',
    'BagWriter',
    'StampedCamera',
    'StampedImage',
    'StampedPoints',
    'Topic',
    'Transforms',
    'bag_writer',
    'header_stamp_ns',
    'open_bag',
    'read_picture',
    'read_points',
    'to_depth_m',
    'to_rgb',
    'write_bag',
]

MODULES = {
    'adu_depth_core.bags.picture_messages': ('read_picture',),
    'adu_depth_core.bags.reader': ('Bag', 'BagMessage', 'Topic', 'open_bag'),
    'adu_depth_core.bags.transforms': ('Transforms',),
    'adu_depth_core.bags.writer': ('STORAGES', 'BagWriter', 'bag_writer', 'write_bag'),
    'adu_depth_core.messages.clouds': ('StampedPoints', 'read_points'),
    'adu_depth_core.messages.pixels': ('to_depth_m', 'to_rgb'),
    'adu_depth_core.messages.stamped': ('StampedCamera', 'StampedImage', 'header_stamp_ns'),
}


def __getattr__(name: str) -> Any:
    for module, names in MODULES.items():
        if name in names:
            return getattr(importlib.import_module(module), name)
    raise AttributeError(f'module "{__name__}" has no attribute "{name}"')
