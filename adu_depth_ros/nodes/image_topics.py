# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Topics of images in the form that is asked for, as image_transport names them."""

from adu_depth_core.bags.topics import COMPRESSED
from adu_depth_core.errors import InputError


def image_topic(topic: str, transport: str) -> str:
    """
    Return the topic of images in a form; InputError where its name says that it has another.

    Parameters
    ----------
    topic : str
        With or without /compressed at its end, which `ros2 topic list` shows.
    transport : str
        `raw` or `compressed`.

    """
    base = topic.removesuffix(COMPRESSED)
    if transport == 'compressed':
        return base + COMPRESSED
    if base != topic:
        raise InputError(
            f'{topic} has compressed images by its name; set image_transport to compressed'
        )
    return base
