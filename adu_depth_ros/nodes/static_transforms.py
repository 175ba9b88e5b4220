# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""How the sensors of a robot lie to each other, as /tf_static tells it while a node lives."""

from threading import Lock
from typing import Any

from rclpy.qos import DurabilityPolicy, HistoryPolicy, QoSProfile, ReliabilityPolicy

from adu_depth_core.bags.rigid import Matrix, Transform
from adu_depth_core.bags.topics import TF_STATIC
from adu_depth_core.bags.transforms import Transforms, stated_transforms
from adu_depth_core.errors import InputError


class StaticTransforms:
    """Remembers the transforms of /tf_static; of two for one child the last counts."""

    def __init__(self) -> None:
        self._transforms: dict[str, Transform] = {}
        self._left_out: dict[str, None] = {}
        self._known: Transforms | None = None
        self._lock = Lock()

    def put(self, message: Any) -> None:
        """Take in a tf2_msgs/TFMessage; what is no transform is left out."""
        left_out: list[str] = []
        said = {one.child: one for one in stated_transforms(message.transforms, left_out)}
        with self._lock:
            self._transforms |= said
            self._left_out |= dict.fromkeys(left_out)
            self._known = None

    def matrix(self, target: str, source: str) -> Matrix:
        """
        Return (4, 4) float64 that takes points in frame `source` to frame `target`.

        Raises InputError, naming the frames there are, when they are not connected.
        """
        with self._lock:
            if self._known is None:
                found = self._transforms.values()
                self._known = Transforms(found, TF_STATIC, list(self._left_out))
            return self._known.matrix(target, source)


def message_type(otherwise: str) -> type:
    """Return the type of /tf_static; where it is not installed, InputError of that sentence."""
    try:
        from tf2_msgs.msg import TFMessage
    except ImportError as error:
        raise InputError(otherwise) from error
    kind: type = TFMessage
    return kind


def latched() -> QoSProfile:
    """Return the profile of /tf_static: what was said before is heard, too."""
    return QoSProfile(
        history=HistoryPolicy.KEEP_LAST,
        depth=100,
        reliability=ReliabilityPolicy.RELIABLE,
        durability=DurabilityPolicy.TRANSIENT_LOCAL,
    )
