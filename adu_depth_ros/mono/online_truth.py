# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Sparse truth of another sensor, compared with what was published, so that std stays honest."""

from collections import deque
from collections.abc import Callable, Mapping
from threading import Lock
from typing import NamedTuple, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray
from sensor_msgs.msg import PointCloud2, Range
from std_msgs.msg import Header

from adu_depth_core.bags.topics import TF_STATIC
from adu_depth_core.bags.transforms import Transforms
from adu_depth_core.camera import Camera
from adu_depth_core.errors import InputError
from adu_depth_core.inference.predictor import Prediction
from adu_depth_core.inference.running_std_scale import RunningStdScale, share_inside
from adu_depth_core.messages.cdr import stamp_ns_of
from adu_depth_core.messages.clouds import points_of
from adu_depth_core.samples.projection import project_points
from adu_depth_ros.nodes.static_transforms import StaticTransforms, latched, message_type

WITHOUT_TF = (
    'tf2_msgs is not installed, so that /tf_static cannot be heard; install it, or give a file of '
    'extrinsics'
)
Truth: TypeAlias = PointCloud2 | Range
KINDS: Mapping[str, tuple[type, str]] = {
    'points': (PointCloud2, 'truth/points'),
    'range': (Range, 'truth/range'),
}
KEPT = 8
MOST_POINTS = 5000
# Radians: within a wider beam, what was hit may be anywhere in the image.
WIDEST_BEAM = 0.1


class Frames(Protocol):
    """Knows how sensors lie to each other."""

    def matrix(self, target: str, source: str) -> NDArray[np.float64]:
        """Return (4, 4) that takes points in `source` to `target`, or raise InputError."""


# As `ManagedDepthNode._listen`: type, topic, callback, quality of service.
Listen: TypeAlias = Callable[..., None]


class Published(NamedTuple):
    """What was published last; the prediction is valid until the next one."""

    header: Header
    camera: Camera
    prediction: Prediction


class OnlineTruth:
    """
    Takes messages as they come, and learns from the one that is of the time of a frame.

    A frame is compared when the next one comes: its truth may arrive after its image.

    Parameters
    ----------
    frames : Frames
        How sensor and camera lie to each other.
    scale : RunningStdScale

    Attributes
    ----------
    problem : str
        Why the last message could not be used; empty where it could.

    """

    def __init__(self, frames: Frames, scale: RunningStdScale) -> None:
        self._frames, self._scale = frames, scale
        self._waiting: deque[Truth] = deque(maxlen=KEPT)
        self._lock = Lock()
        self.problem = ''

    @property
    def factor(self) -> float:
        """What std is to be multiplied by."""
        return self._scale.factor

    def put(self, message: Truth) -> None:
        """Keep a message until a frame of its time comes; any thread may call."""
        with self._lock:
            self._waiting.append(message)

    def learn(self, published: Published, gain: float, max_offset_s: float) -> None:
        """Compare a frame with the message nearest in time, if one is near enough, and once."""
        message = self._taken(stamp_ns_of(published), max_offset_s * 1e9)
        if message is None:
            return
        try:
            inside = self._compared(message, published)
        except InputError as error:
            self.problem = str(error)
            return
        self.problem = ''
        if inside is not None:
            self._scale.gain = gain
            self._scale.learn(inside)

    def figures(self) -> Mapping[str, str]:
        """Return its state for diagnostics."""
        coverage = self._scale.coverage
        return {
            'on-line std factor': f'{self._scale.factor:.3f}',
            'on-line truths': str(self._scale.truths),
            'truth inside the 90 % interval (%)': (
                'unknown' if coverage is None else f'{100 * coverage:.1f}'
            ),
            'on-line problem': self.problem or 'none',
        }

    def _taken(self, stamp_ns: int, most_ns: float) -> Truth | None:
        """Take out the message nearest in time, if it is near enough."""
        with self._lock:
            offsets = [abs(stamp_ns_of(one) - stamp_ns) for one in self._waiting]
            if not offsets or min(offsets) > most_ns:
                return None
            place = offsets.index(min(offsets))
            message = self._waiting[place]
            del self._waiting[place]
            return message

    def _compared(self, message: Truth, published: Published) -> float | None:
        points = (
            points_of_range(message) if isinstance(message, Range) else points_of(message).points_m
        )
        if not len(points):
            return None
        points = points[:: -(-len(points) // MOST_POINTS)]
        to_camera = self._frames.matrix(published.header.frame_id, message.header.frame_id)
        truth_m = project_points(points, to_camera, published.camera)
        return share_inside(published.prediction, truth_m)


def online_truth(kind: str, extrinsics: str, listen: Listen) -> OnlineTruth | None:
    """
    Return what learns from the truth of a kind, with its topics listened to; None for `none`.

    Parameters
    ----------
    kind : str
        A key of `KINDS`, or `none`.
    extrinsics : str
        Path of a file that says how sensor and camera lie to each other; empty for /tf_static.
    listen : callable

    Raises
    ------
    InputError
        When the file cannot be used, or /tf_static cannot be heard.

    """
    if kind not in KINDS:
        return None
    if extrinsics:
        frames: Frames = Transforms.of_file(extrinsics)
    else:
        frames = heard = StaticTransforms()
        listen(message_type(WITHOUT_TF), TF_STATIC, heard.put, latched())
    truth = OnlineTruth(frames, RunningStdScale())
    listen(*KINDS[kind], truth.put)
    return truth


def points_of_range(message: Range) -> NDArray[np.float32]:
    """
    Return where a range finder hit something, in its frame, whose x axis is the beam: (0 or 1, 3).

    Raises
    ------
    InputError
        When the beam is wide.

    """
    if not 0 <= message.field_of_view <= WIDEST_BEAM:
        raise InputError(
            f'a range finder with field_of_view {message.field_of_view:g} rad may have hit '
            f'anything in it; up to {WIDEST_BEAM:g} is taken'
        )
    # REP 117: what is not within the ends is no measurement, and nor is a sensor of one distance.
    if not message.min_range < message.range < message.max_range or not np.isfinite(message.range):
        return np.empty((0, 3), np.float32)
    return np.array([[message.range, 0, 0]], np.float32)
