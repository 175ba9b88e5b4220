# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""How the sensors of a robot lie to each other, as /tf_static tells it while a node lives."""

from threading import Lock
from typing import Any

from rclpy.qos import DurabilityPolicy, HistoryPolicy, QoSProfile, ReliabilityPolicy

from adu_depth_core.bags.rigid import Matrix, Transform, transform_of
from adu_depth_core.bags.transforms import Transforms
from adu_depth_core.errors import InputError

TOPIC = '/tf_static'


class StaticTransforms:
    """Remembers the transforms of /tf_static; `put` takes its messages."""

    def __init__(self) -> None:
        self._transforms: dict[str, Transform] = {}
        self._left_out: dict[str, None] = {}
        self._known: Transforms | None = None
        self._lock = Lock()

    def put(self, message: Any) -> None:
        """Take in a tf2_msgs/TFMessage; what is no transform is left out."""
        with self._lock:
            self._take_in(message)
            self._known = None

    def _take_in(self, message: Any) -> None:
        for stamped in message.transforms:
            parent, child = stamped.header.frame_id, stamped.child_frame_id
            move, turn = stamped.transform.translation, stamped.transform.rotation
            try:
                self._transforms[child] = transform_of(
                    parent, child, [move.x, move.y, move.z], [turn.x, turn.y, turn.z, turn.w]
                )
            except InputError as error:
                self._left_out[f'{parent} to {child} ({error})'] = None

    def matrix(self, target: str, source: str) -> Matrix:
        """
        Return (4, 4) float64 that takes points in frame `source` to frame `target`.

        Raises InputError, naming the frames there are, when they are not connected.
        """
        with self._lock:
            if self._known is None:
                found = self._transforms.values()
                self._known = Transforms(found, TOPIC, list(self._left_out))
            return self._known.matrix(target, source)


def message_type() -> type:
    """Return the type of /tf_static; InputError where it is not installed."""
    try:
        from tf2_msgs.msg import TFMessage
    except ModuleNotFoundError as error:
        raise InputError(
            'tf2_msgs is not installed, so that /tf_static cannot be heard; install it, or give '
            'a file of extrinsics'
        ) from error
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
