# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
The depth node, which notes for each frame when it came to which point.

    python -m adu_depth_ros.benchmarks.timed_node LOG.json --ros-args -p runtime:=openvino

It is `MonoDepthNode` with a clock beside it. LOG.json has the wall times of receipt of all images,
and the `FrameTimes` of those that were worked on.
"""

import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from adu_depth_core.camera import Camera
from adu_depth_core.inference.predictor import Prediction, Predictor
from adu_depth_core.inference.runtimes.loading import load_runtime
from adu_depth_core.inference.runtimes.runtime import Maps, Runtime
from adu_depth_core.samples.raw_image import Picture
from adu_depth_core.weights import model_path
from adu_depth_ros.benchmarks.stamps import stamp_ns, write_log
from adu_depth_ros.mono.mono_depth_node import ImageMessage, MonoDepthNode
from adu_depth_ros.nodes.run_node import run_node


class FrameTimes(NamedTuple):
    """
    When a frame was where, in nanoseconds of wall time.

    Attributes
    ----------
    stamp : int
        Sent by the camera.
    entered, began : int
        In the callback of the subscription; taken up by the worker.
    asked, forward_began, forward_ended, answered : int
        The predictor was called; the network was; it was done; the predictor was.
    done : int
        The last message was published.

    """

    stamp: int
    entered: int
    began: int
    asked: int
    forward_began: int
    forward_ended: int
    answered: int
    done: int


class Clock:
    """Wall times of the frame in hand, by name."""

    def __init__(self) -> None:
        self.times: dict[str, int] = {}

    def note(self, name: str) -> None:
        """Note that now is the time of `name`."""
        self.times[name] = time.time_ns()


class TimedRuntime:
    """A runtime that notes when it begins and ends; see `Runtime` for its attributes."""

    def __init__(self, runtime: Runtime, clock: Clock) -> None:
        self._runtime, self._clock = runtime, clock
        self.name, self.device = runtime.name, runtime.device
        self.precision, self.native_precision = runtime.precision, runtime.native_precision
        self.info, self.model_sha256 = runtime.info, runtime.model_sha256
        self.fixed_size = runtime.fixed_size

    def __call__(self, *inputs: NDArray[np.uint8] | float) -> Maps:
        """Run the network."""
        self._clock.note('forward_began')
        maps = self._runtime(*inputs)
        self._clock.note('forward_ended')
        return maps


class TimedPredictor(Predictor):
    """A predictor that notes when it is asked and when it has answered."""

    clock: Clock

    def __call__(
        self, image: Picture, camera: Camera, out: Prediction | None = None
    ) -> Prediction:
        """Predict one image."""
        self.clock.note('asked')
        prediction = super().__call__(image, camera, out)
        self.clock.note('answered')
        return prediction


class TimedMonoDepthNode(MonoDepthNode):
    """The depth node, which keeps `entered` of all images by stamp, and `frames` worked on."""

    def __init__(self) -> None:
        self.entered: dict[int, int] = {}
        self.frames: list[FrameTimes] = []
        self._clock_of_frame = Clock()
        super().__init__(load_predictor=self._load_timed)

    def _load_timed(
        self,
        model: str,
        *,
        runtime: str,
        device: str,
        precision: str,
        threads: int,
        engine_cache: str,
        **options: Any,
    ) -> Predictor:
        path = model_path(model)
        loaded = load_runtime(path, runtime, device, precision, threads, engine_cache)
        predictor = TimedPredictor(TimedRuntime(loaded.runtime, self._clock_of_frame), **options)
        predictor.clock = self._clock_of_frame
        return predictor

    def _on_image(self, message: ImageMessage) -> None:
        self.entered[stamp_ns(message.header.stamp)] = time.time_ns()
        super()._on_image(message)

    def _work(self, message: ImageMessage) -> None:
        clock, stamp, answered = (
            self._clock_of_frame,
            stamp_ns(message.header.stamp),
            self.frames_out,
        )
        clock.note('began')
        super()._work(message)
        clock.note('done')
        if self.frames_out > answered:
            self.frames.append(FrameTimes(stamp=stamp, entered=self.entered[stamp], **clock.times))


def main(argv: Sequence[str] | None = None) -> int:
    """Run the node until SIGINT or SIGTERM, write the log and return the exit code."""
    log, *words = sys.argv[1:] if argv is None else argv
    nodes: list[TimedMonoDepthNode] = []

    def make() -> TimedMonoDepthNode:
        nodes.append(TimedMonoDepthNode())
        return nodes[0]

    code = run_node(make, ['timed_node', *words])
    for node in nodes:
        frames = [frame._asdict() for frame in node.frames]
        write_log(Path(log), {'entered': list(node.entered.items()), 'frames': frames})
    return code


if __name__ == '__main__':
    sys.exit(main())
