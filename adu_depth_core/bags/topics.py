# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
Names of topics and frames in the bags that we write, and how to find topics in those of others.

Below the namespace (default `/stereo`) a bag made from a data set holds

==================================  ====================  =======================================
topic                               type                  what
==================================  ====================  =======================================
left/image_rect                     sensor_msgs/Image     rgb8
left/camera_info                    sensor_msgs/CameraInfo  P[3] = 0
right/image_rect                    sensor_msgs/Image     rgb8, where the data set has it
right/camera_info                   sensor_msgs/CameraInfo  P[3] = -fx baseline
ground_truth/depth/image_rect       sensor_msgs/Image     32FC1, metres along z of the left
                                                          camera, NaN = unknown, +inf = sky;
                                                          or 16UC1, millimetres, 0 = unknown
ground_truth/depth/camera_info      sensor_msgs/CameraInfo  that of the left camera
points                              sensor_msgs/PointCloud2  laser scan in its own frame, where
                                                          it was asked for
==================================  ====================  =======================================

and /tf_static says where that frame is. Compressed images are beside where they would be, as
image_transport has it: left/image_rect/compressed, ground_truth/depth/image_rect/compressedDepth.
The messages of one frame share one stamp, that of the data set, which is also the bag's time.
"""

import re

from adu_depth_core.errors import InputError

DEFAULT_NAMESPACE = '/stereo'

LEFT_IMAGE = 'left/image_rect'
LEFT_INFO = 'left/camera_info'
RIGHT_IMAGE = 'right/image_rect'
RIGHT_INFO = 'right/camera_info'
TRUTH_DEPTH = 'ground_truth/depth/image_rect'
TRUTH_INFO = 'ground_truth/depth/camera_info'
POINTS = 'points'
TF_STATIC = '/tf_static'

LEFT_FRAME = 'camera_left_optical_frame'
RIGHT_FRAME = 'camera_right_optical_frame'
SCANNER_FRAME = 'velodyne'

# How drivers tell the images of a stereo camera apart.
SIDES = (('left', 'right'), ('infra1', 'infra2'))
COMPRESSED, COMPRESSED_DEPTH = '/compressed', '/compressedDepth'


def in_namespace(namespace: str, name: str) -> str:
    """
    Return the absolute topic name of the relative `name`: `/stereo/left/image_rect`.

    Raises InputError as `absolute_namespace` does.
    """
    return f'{absolute_namespace(namespace)}/{name}'


def absolute_namespace(namespace: str) -> str:
    """
    Return `/car/front` of `car/front`, with slashes around it or not; '' of '' and '/'.

    Raises InputError when it is no name that ROS allows.
    """
    parts = namespace.strip('/').split('/')
    if parts == ['']:
        return ''
    if not all(re.fullmatch('[A-Za-z_][A-Za-z0-9_]*', part) for part in parts):
        raise InputError(
            f'namespace "{namespace}" is no name in ROS; between slashes there must be letters, '
            'digits and underscores, and no digit at first'
        )
    return '/' + '/'.join(parts)


def base_topic(image_topic: str) -> str:
    """Return the image topic that a compressed one stands for (rule of image_transport)."""
    return image_topic.removesuffix(COMPRESSED_DEPTH).removesuffix(COMPRESSED)


def camera_info_names(image_topic: str) -> list[str]:
    """
    Return where drivers publish the camera_info of an image, what is most its own first.

    Of `left/image_rect` that is left/camera_info_rect, left/image_rect/camera_info and
    left/camera_info; of `left_image` it is left_camera_info, too.
    """
    base = base_topic(image_topic)
    folder, _, name = base.rpartition('/')
    renamed = [f'{folder}/{name.replace("image", "camera_info")}'] if 'image' in name else []
    return [*renamed, f'{base}/camera_info', sibling_camera_info(image_topic)]


def right_topic(left_topic: str) -> str:
    """Return what the topic of the right camera is called; '' where the left one names no side."""
    for left, right in SIDES:
        before, found, after = left_topic.rpartition(left)
        if found:
            return f'{before}{right}{after}'
    return ''


def sibling_camera_info(image_topic: str) -> str:
    """Return the camera_info topic that belongs to an image topic, compressed or not."""
    return base_topic(image_topic).rpartition('/')[0] + '/camera_info'
