# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What a stereo node takes in: two images at a time, and what the two cameras are."""

from collections.abc import Callable, Iterator
from functools import partial

from rclpy.node import Node

from adu_depth_core.messages.cdr import stamp_ns_of
from adu_depth_core.samples import sample
from adu_depth_core.samples.live_synchroniser import (
    MAX_WAITING_PAIRS,
    LiveSynchroniser,
    Together,
)
from adu_depth_ros.stereo.camera_inputs import CameraInputs, ImageMessage, Listen
from adu_depth_ros.stereo.stereo_camera import StereoCalibration

SIDES = ('left', 'right')


class StereoInputs:
    """
    Images and camera_infos of both sides as they come.

    Parameters
    ----------
    node : Node
        Names of topics are its.
    listen : callable
        Subscribes: called with a type, a topic and a callback.
    on_pair : callable
        Called with every pair.
    slop_s : float
        By how many seconds the stamps of a pair may differ.
    transport : str
        Form of the images: `raw` or `compressed`.

    Attributes
    ----------
    cameras : CameraInputs
        Both sides.
    images, pairs : int
        How many came.

    """

    def __init__(
        self,
        node: Node,
        listen: Listen,
        on_pair: Callable[[Together[ImageMessage]], None],
        *,
        slop_s: float,
        transport: str,
    ) -> None:
        self.images = self.pairs = 0
        self.cameras = CameraInputs(node, listen, SIDES, transport)
        self._on_pair, self._slop_s = on_pair, slop_s
        self._synchroniser: LiveSynchroniser[ImageMessage] = LiveSynchroniser(
            'left', ['right'], slop_ns=round(slop_s * 1e9), max_waiting=MAX_WAITING_PAIRS
        )
        for side in SIDES:
            topic = self.cameras.topics[side]
            listen(self.cameras.kind, topic, partial(self._on_image, side))

    @property
    def topics(self) -> list[str]:
        """All that is subscribed to."""
        return [*self.cameras.topics.values(), *self.cameras.info_topics.values()]

    @property
    def unmatched(self) -> int:
        """Images that were let go without a partner."""
        return self._synchroniser.unmatched

    def left_of(self, pair: Together[ImageMessage]) -> sample.Image:
        """Return the left picture as RGB, see `rgb_of`; rectified where it comes raw."""
        return self._picture('left', pair.leader)

    def right_of(self, pair: Together[ImageMessage]) -> sample.Image:
        """Return the right picture as RGB, see `rgb_of`; rectified where it comes raw."""
        return self._picture('right', pair.items['right'])

    def calibration(self, left: sample.Image, right: sample.Image) -> StereoCalibration:
        """
        Return the calibration of these images; InputError where there is none that fits.

        It is worked out anew only when one of the camera_infos changes.
        """
        of_left = self.cameras.calibration('left', left)
        return self.cameras.pair(of_left, self.cameras.calibration('right', right))

    def missing(self) -> Iterator[str]:
        """Say what should have come and has not, a sentence each."""
        for side in SIDES:
            if not self.images:
                yield self.cameras.absence('image', self.cameras.topics[side])
            if side not in self.cameras.infos:
                yield self.cameras.absence('camera_info', self.cameras.info_topics[side])
        if self.images and not self.pairs:
            left, right = self.cameras.topics.values()
            yield (
                f'no pair among {self.images} images: stamps of {left} and {right} differ by more '
                f'than pairing_slop, {self._slop_s} s, or one of them does not come'
            )

    def _on_image(self, side: str, message: ImageMessage) -> None:
        self.images += 1
        pair = self._synchroniser.add(side, stamp_ns_of(message), message)
        if pair is not None:
            self.pairs += 1
            self._on_pair(pair)

    def _picture(self, side: str, message: ImageMessage) -> sample.Image:
        image, _ = self.cameras.rectified(side, self.cameras.picture(side, message))
        return image
