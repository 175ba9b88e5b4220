# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Bags (recordings of ROS 2 and ROS 1), read without ROS, and rosbag2 folders written."""

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
