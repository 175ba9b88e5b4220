# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Names of the message types that are read and written here."""

IMAGE_TYPE = 'sensor_msgs/msg/Image'
CAMERA_INFO_TYPE = 'sensor_msgs/msg/CameraInfo'
COMPRESSED_IMAGE_TYPE = 'sensor_msgs/msg/CompressedImage'
POINT_CLOUD_TYPE = 'sensor_msgs/msg/PointCloud2'
DISPARITY_TYPE = 'stereo_msgs/msg/DisparityImage'
TF_TYPE = 'tf2_msgs/msg/TFMessage'


def modern_type(msgtype: str) -> str:
    """Return the ROS 2 name of a message type: `sensor_msgs/Image` is sensor_msgs/msg/Image."""
    package, _, rest = msgtype.partition('/')
    return msgtype if not rest or '/' in rest else f'{package}/msg/{rest}'
