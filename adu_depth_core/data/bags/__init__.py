# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Bags (rosbag2 recordings), written and read without ROS."""

from adu_depth_core.data.bags.messages import StampedCamera, StampedImage, header_stamp_ns
from adu_depth_core.data.bags.pixels import to_depth_m, to_rgb
from adu_depth_core.data.bags.reader import Bag, BagMessage, Topic, open_bag
from adu_depth_core.data.bags.writer import STORAGES, BagWriter, bag_writer, write_bag

__all__ = [
    'STORAGES',
    'Bag',
    'BagMessage',
    'BagWriter',
    'StampedCamera',
    'StampedImage',
    'Topic',
    'bag_writer',
    'header_stamp_ns',
    'open_bag',
    'to_depth_m',
    'to_rgb',
    'write_bag',
]
