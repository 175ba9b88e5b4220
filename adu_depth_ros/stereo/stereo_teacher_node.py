# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
The node that turns a stereo camera into metric depth, and drives into data to train on.

Messages become arrays, a teacher of adu_depth_core is asked, and its answer
becomes messages and samples. docs/stereo_teacher_node.md lists topics, services and parameters.
"""

import sys
import time
from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from diagnostic_msgs.msg import DiagnosticStatus
from rclpy.timer import Timer
from std_srvs.srv import Trigger

from adu_depth_core.errors import InputError
from adu_depth_core.inference.network_size import parsed_size
from adu_depth_core.inference.prediction import within_limits
from adu_depth_core.inference.teacher_labels import with_teacher
from adu_depth_core.samples.sample import StereoSample
from adu_depth_core.samples.stereo_pairing import Pair
from adu_depth_ros.nodes.latest import LatestWorker
from adu_depth_ros.nodes.managed_depth_node import ManagedDepthNode
from adu_depth_ros.nodes.run_node import run_node
from adu_depth_ros.nodes.steady_timer import once
from adu_depth_ros.stereo.sample_recording import SampleRecording, free_bytes
from adu_depth_ros.stereo.stereo_inputs import ImageMessage, StereoInputs
from adu_depth_ros.stereo.stereo_outputs import StereoOutputs
from adu_depth_ros.stereo.stereo_parameters import STEREO_TEACHER, recording_options
from adu_depth_ros.stereo.teacher import Teacher, load_teacher


class Numbered(NamedTuple):
    """A pair and how many have come with it."""

    number: int
    pair: Pair[ImageMessage]


class StereoTeacherNode(ManagedDepthNode):
    """
    Publishes what a stereo teacher says of the newest pair, and records it when asked to.

    Parameters
    ----------
    load : callable
        As `load_teacher`: called with the model, and with runtime, device and precision.
    free_bytes : callable
        Returns the free space of the disk that holds a folder.
    patience_s : float
        Seconds after activation until the node says which input has not come.
    **node_options : Any
        Passed to ``LifecycleNode``: context, namespace, parameter_overrides, ...

    Attributes
    ----------
    pairs_out, pairs_unwanted : int
        Since activation: pairs whose depth was published or recorded, and pairs left alone since
        nobody wanted either.

    """

    def __init__(
        self,
        *,
        load: Callable[..., Teacher] = load_teacher,
        free_bytes: Callable[[Path], float] = free_bytes,
        patience_s: float = 3.0,
        **node_options: Any,
    ) -> None:
        self._load, self._patience_s = load, patience_s
        self._teacher: Teacher | None = None
        self._stereo: StereoInputs | None = None
        self._outputs: StereoOutputs | None = None
        self._worker: LatestWorker[Numbered] | None = None
        self._patience: Timer | None = None
        self._recording = SampleRecording(self._say_recording_stops, free_bytes)
        self._reset_counts()
        super().__init__('stereo_teacher_node', STEREO_TEACHER, **node_options)
        self.create_service(Trigger, '~/start_recording', self._on_start_recording)
        self.create_service(Trigger, '~/stop_recording', self._on_stop_recording)

    @property
    def images_in(self) -> int:
        """Images of both sides that came since activation."""
        return 0 if self._stereo is None else self._stereo.images

    @property
    def pairs_in(self) -> int:
        """Pairs among them."""
        return 0 if self._stereo is None else self._stereo.pairs

    @property
    def unmatched(self) -> int:
        """Images among them that were let go without a partner."""
        return 0 if self._stereo is None else self._stereo.unmatched

    @property
    def dropped(self) -> int:
        """Pairs since activation that gave no depth: replaced by a newer one, or unusable."""
        return self._unusable + (self._replaced if self._worker is None else self._worker.dropped)

    def _reset_counts(self) -> None:
        self.pairs_out = self.pairs_unwanted = self._replaced = self._unusable = 0

    # Life

    def _configure(self) -> None:
        model = self._value('model')
        size = parsed_size(self._value('camera_size'), multiple=1)
        names = 'runtime', 'device', 'precision', 'threads'
        options = {name: self._value(name) for name in names}
        teacher = self._load(model, **options)
        teacher.warm_up(*size)
        self._outputs, self._teacher = StereoOutputs(self), teacher
        self.get_logger().info(
            f'teacher {model} runs on {teacher.runtime_name}, {teacher.device_name}, '
            f'{teacher.precision}'
        )

    def _release(self) -> None:
        self._teacher = None
        if self._outputs is not None:
            self._outputs.withdraw()
            self._outputs = None

    def _activate(self) -> None:
        self._reset_counts()
        self._worker = LatestWorker(self._work)
        self._stereo = StereoInputs(
            self,
            self._listen,
            self._on_pair,
            slop_s=self._value('pairing_slop'),
            transport=self._value('image_transport'),
        )
        self._patience = once(self, self._patience_s, self._say_what_is_missing)
        self.get_logger().info(f'waits for {", ".join(self._stereo.topics)}')

    def _stop(self) -> None:
        if self._worker is None:
            return
        if self._patience is not None:
            self.destroy_timer(self._patience)
        self._worker.stop()
        self._replaced, self._worker, self._patience = self._worker.dropped, None, None
        if self._recording.is_on:
            self.get_logger().info(self._recording.stop())
        self.get_logger().info(
            f'{self.images_in} images came, {self.pairs_in} pairs among them and '
            f'{self.unmatched} without a partner; {self.pairs_out} pairs were worked on, '
            f'{self.dropped} were dropped, {self.pairs_unwanted} came while nobody wanted them'
        )

    # Callbacks

    def _on_pair(self, pair: Pair[ImageMessage]) -> None:
        self._statistics.came()
        if self._worker is not None and self._is_wanted():
            self._worker.put(Numbered(self.pairs_in, pair))
        else:
            self.pairs_unwanted += 1

    def _is_wanted(self) -> bool:
        has_listeners = self._outputs is not None and self._outputs.have_listeners()
        return has_listeners or self._recording.is_on

    def _on_start_recording(
        self, request: Trigger.Request, response: Trigger.Response
    ) -> Trigger.Response:
        return self._answered(self._start_recording, response)

    def _on_stop_recording(
        self, request: Trigger.Request, response: Trigger.Response
    ) -> Trigger.Response:
        return self._answered(self._recording.stop, response)

    def _start_recording(self) -> str:
        if not self._is_active:
            raise InputError('the node is not active; activate it first')
        return self._recording.start(recording_options(self))

    def _answered(self, act: Callable[[], str], response: Trigger.Response) -> Trigger.Response:
        try:
            response.message, response.success = act(), True
            self.get_logger().info(response.message)
        except Exception as error:
            response.message, response.success = self._sentence(error), False
            self.get_logger().warning(response.message)
        return response

    def _say_what_is_missing(self) -> None:
        if self._stereo is not None:
            for sentence in self._stereo.missing():
                self._report(sentence)

    def _say_recording_stops(self, sentence: str) -> None:
        self.get_logger().error(sentence)

    # The worker's thread: one pair at a time

    def _work(self, item: Numbered) -> None:
        try:
            is_wanted = self._process(item)
        except Exception as error:
            if self.context.ok():  # else: shut down while at work, nobody is left to hear it
                self._report(self._sentence(error))
                self._unusable += 1
        else:
            self.pairs_out += is_wanted
            self.pairs_unwanted += not is_wanted
            if is_wanted:
                self._note_good()

    def _process(self, item: Numbered) -> bool:
        """Publish and record what is wanted; tell whether anything was."""
        stereo, outputs, teacher = self._stereo, self._outputs, self._teacher
        assert stereo is not None, 'inputs are there while the worker lives'
        assert outputs is not None, 'outputs are there while the worker lives'
        assert teacher is not None, 'the teacher is there while the worker lives'
        max_pixels = self._value('max_image_pixels')
        # Decoded once, if at all.
        left_image = cache(partial(stereo.left_of, item.pair, max_pixels))
        is_recorded = self._recording.wants(item.number, left_image)
        has_listeners = outputs.have_listeners()
        if not (is_recorded or has_listeners):
            return False
        images = left_image(), stereo.right_of(item.pair, max_pixels)
        rig, info = stereo.calibration(*images)
        left, right = map(np.ascontiguousarray, images)
        started = time.perf_counter()
        prediction = teacher(left, right, rig)
        self._statistics.inferred(time.perf_counter() - started)
        if has_listeners:
            max_depth = self._value('max_depth') or teacher.info.max_depth
            limits = teacher.info.min_depth, max_depth, self._value('max_relative_std')
            limited = within_limits(prediction, *limits)
            outputs.publish_pair(item.pair.left.header, limited, info, rig)
            self._statistics.went(item.pair.stamp_ns)
        if is_recorded:
            sample = StereoSample('', item.pair.stamp_ns, left, rig.left, right, rig)
            self._recording.add(item.number, with_teacher(sample, prediction))
        return True

    # Health

    def _output_topics(self) -> Sequence[str]:
        return [] if self._outputs is None else self._outputs.topics

    FRAMES = 'pairs'

    def _hardware(self) -> str:
        return 'none' if self._teacher is None else self._teacher.device_name

    def _verdict(self) -> tuple[bytes, str]:
        if self._recording.failure is not None:
            return DiagnosticStatus.ERROR, f'the recording stopped: {self._recording.failure}'
        return super()._verdict()

    def _figures(self) -> Mapping[str, str]:
        return {
            **super()._figures(),
            'images': str(self.images_in),
            'images without partner': str(self.unmatched),
            'pairs': str(self.pairs_in),
            'pairs worked on': str(self.pairs_out),
            'pairs dropped': str(self.dropped),
            'pairs not wanted': str(self.pairs_unwanted),
            'runtime': 'none' if self._teacher is None else self._teacher.runtime_name,
            'device': self._hardware(),
            'precision': 'none' if self._teacher is None else self._teacher.precision,
            'recording': self._recording.state,
        }


def main(args: Sequence[str] | None = None) -> int:
    """Run the node until SIGINT or SIGTERM; returns the exit code."""
    return run_node(StereoTeacherNode, args)


if __name__ == '__main__':
    sys.exit(main())
