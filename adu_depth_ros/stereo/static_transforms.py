# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""How the frames of a robot lie to each other, as /tf_static says while the node runs."""

from collections.abc import Iterable
from typing import Any

from rclpy.qos import DurabilityPolicy, HistoryPolicy, QoSProfile, ReliabilityPolicy

from adu_depth_core.bags.rigid import Matrix, Transform
from adu_depth_core.bags.topics import TF_STATIC
from adu_depth_core.bags.transforms import Transforms, stated_transforms
from adu_depth_core.errors import InputError


class StaticTransforms:
    """Keeps what TransformStamped messages say; of two for one child the last counts."""

    def __init__(self) -> None:
        self._known: dict[str, Transform] = {}
        self._left_out: list[str] = []
        self._transforms = Transforms([], TF_STATIC)

    def add(self, stamped: Iterable[Any]) -> None:
        """Take in the transforms of a TFMessage."""
        left_out: list[str] = []
        self._known |= {one.child: one for one in stated_transforms(stamped, left_out)}
        self._left_out = left_out or self._left_out
        self._transforms = Transforms(self._known.values(), TF_STATIC, self._left_out)

    def matrix(self, target: str, source: str) -> Matrix:
        """Return the (4, 4) from frame `source` to `target`; InputError, see `Transforms`."""
        return self._transforms.matrix(target, source)


def transforms_message() -> type:
    """Return the type of /tf_static; InputError where it is not installed."""
    try:
        from tf2_msgs.msg import TFMessage
    except ImportError as error:
        raise InputError(
            f'extrinsics: is empty, and without tf2_msgs {TF_STATIC} cannot be read; install '
            'ros-$ROS_DISTRO-tf2-msgs, or name a file'
        ) from error
    return TFMessage


def latched() -> QoSProfile:
    """Return the profile of /tf_static: what was sent before the node came is sent again."""
    return QoSProfile(
        history=HistoryPolicy.KEEP_LAST,
        depth=100,
        reliability=ReliabilityPolicy.RELIABLE,
        durability=DurabilityPolicy.TRANSIENT_LOCAL,
    )
