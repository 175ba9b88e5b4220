# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What is odd about an input that can be used all the same, in words."""

from collections.abc import Iterator

from sensor_msgs.msg import CameraInfo


def notices(frame_id: str, info: CameraInfo, image_topic: str, info_topic: str) -> Iterator[str]:
    """
    Yield a sentence for each thing that the user may want to mend.

    Parameters
    ----------
    frame_id : str
        Of the image.
    info : sensor_msgs/CameraInfo
        As received. image_proc passes D on with the images that it has rectified, so that D
        alone says nothing: the name of the topic decides.
    image_topic, info_topic : str
        Where the two came from.

    """
    if any(info.d) and 'rect' not in image_topic:
        yield (
            f'{info_topic}: the lens is distorted (D is not 0), and {image_topic} does not look '
            'rectified by its name; give the image_rect of image_proc to this node'
        )
    if not frame_id.endswith('optical_frame') and not frame_id.endswith('_optical'):
        yield (
            f'{image_topic}: frame_id "{frame_id}" does not name an optical frame; depth and '
            'points are in a frame with x right, y down and z forward (REP 103)'
        )
