# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What is odd about an input that can be used all the same, in words."""

from collections.abc import Iterator

from sensor_msgs.msg import CameraInfo

from adu_depth_core.messages.rectifying import says_rectified


def notices(
    frame_id: str,
    info: CameraInfo,
    image_topic: str,
    info_topic: str,
    *,
    is_rectified_here: bool = False,
) -> Iterator[str]:
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
    is_rectified_here : bool
        Whether the node takes the image as raw.

    """
    if any(info.d) and not says_rectified(image_topic):
        what = (
            'the node rectifies it'
            if is_rectified_here
            else 'set rectify to auto, or give the image_rect of image_proc to this node'
        )
        yield (
            f'{info_topic}: the lens is distorted (D is not 0), and {image_topic} does not look '
            f'rectified by its name; {what}'
        )
    elif is_rectified_here:
        yield f'{image_topic}: the node rectifies it, as rectify:=always says'
    if not frame_id.endswith('optical_frame') and not frame_id.endswith('_optical'):
        yield (
            f'{image_topic}: frame_id "{frame_id}" does not name an optical frame; depth and '
            'points are in a frame with x right, y down and z forward (REP 103)'
        )
