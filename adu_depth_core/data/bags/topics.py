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
                                                          camera, NaN = unknown, +inf = sky
ground_truth/depth/camera_info      sensor_msgs/CameraInfo  that of the left camera
==================================  ====================  =======================================

The messages of one frame share one stamp, that of the data set, which is also the bag's time.
"""

DEFAULT_NAMESPACE = '/stereo'

LEFT_IMAGE = 'left/image_rect'
LEFT_INFO = 'left/camera_info'
RIGHT_IMAGE = 'right/image_rect'
RIGHT_INFO = 'right/camera_info'
TRUTH_DEPTH = 'ground_truth/depth/image_rect'
TRUTH_INFO = 'ground_truth/depth/camera_info'

LEFT_FRAME = 'camera_left_optical_frame'
RIGHT_FRAME = 'camera_right_optical_frame'

IMAGE_TYPE = 'sensor_msgs/msg/Image'
CAMERA_INFO_TYPE = 'sensor_msgs/msg/CameraInfo'


def in_namespace(namespace: str, name: str) -> str:
    """Return the absolute topic name of the relative `name`: `/stereo/left/image_rect`."""
    parts = [*namespace.split('/'), *name.split('/')]
    return '/' + '/'.join(part for part in parts if part)


def sibling_camera_info(image_topic: str) -> str:
    """Return the camera_info topic that belongs to an image topic (rule of image_transport)."""
    return image_topic.rpartition('/')[0] + '/camera_info'
