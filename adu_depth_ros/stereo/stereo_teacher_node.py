# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
The node that publishes what a teacher says of a camera, and turns drives into data to train on.

Messages become arrays, a teacher of adu_depth_core (a network, or another sensor of the robot) is
asked, and its answer becomes messages and samples. docs/stereo_teacher_node.md lists topics,
services and parameters.
"""

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache, partial
from pathlib import Path
from typing import Any, NamedTuple

from diagnostic_msgs.msg import DiagnosticStatus
from std_srvs.srv import Trigger

from adu_depth_core.bags.topics import TF_STATIC
from adu_depth_core.errors import InputError
from adu_depth_core.inference.factors import Factors
from adu_depth_core.inference.network_size import parsed_size
from adu_depth_core.inference.prediction import within_limits
from adu_depth_ros.mono.mono_parameters import OF_RUNTIME
from adu_depth_ros.nodes.command_line import node_parser, own_options
from adu_depth_ros.nodes.factor_parameters import calibrated_factors, factors_now
from adu_depth_ros.nodes.managed_depth_node import ManagedDepthNode
from adu_depth_ros.nodes.run_node import run_node
from adu_depth_ros.nodes.static_transforms import StaticTransforms, latched, message_type
from adu_depth_ros.stereo.pair_teacher import PairTeacher, load_teacher
from adu_depth_ros.stereo.sample_recording import SampleRecording, free_bytes
from adu_depth_ros.stereo.sensor_parameters import NETWORK, needs_tf, sensor_teacher
from adu_depth_ros.stereo.stereo_parameters import STEREO_TEACHER, recording_options
from adu_depth_ros.stereo.teacher_sources import Inputs, NetworkSource, SensorSource, Source

WITHOUT_TF = (
    f'extrinsics: is empty, and without tf2_msgs {TF_STATIC} cannot be read; install '
    'ros-$ROS_DISTRO-tf2-msgs, or name a file'
)


class Numbered(NamedTuple):
    """Messages of one moment, as the inputs find them, and how many of such have come."""

    number: int
    pair: Any


class StereoTeacherNode(ManagedDepthNode):
    """
    Publishes what a stereo teacher says of the newest pair, and records it when asked to.

    Parameters
    ----------
    load : callable
        As `load_teacher`: called with the model, and with runtime, device, precision and the like.
    free_bytes : callable
        Returns the free space of the disk that holds a folder.
    **node_options : Any
        See `ManagedDepthNode`.

    """

    def __init__(
        self,
        *,
        load: Callable[..., PairTeacher] = load_teacher,
        free_bytes: Callable[[Path], float] = free_bytes,
        **node_options: Any,
    ) -> None:
        self._load = load
        self._factors = Factors()
        self._source: Source | None = None
        self._stereo: Inputs | None = None
        self._frames = StaticTransforms()
        self._recording = SampleRecording(self._say_recording_stops, free_bytes)
        super().__init__('stereo_teacher_node', STEREO_TEACHER, **node_options)
        self.create_service(Trigger, '~/start_recording', self._on_start_recording)
        self.create_service(Trigger, '~/stop_recording', self._on_stop_recording)

    @property
    def images_in(self) -> int:
        """Images of both sides, and messages of a sensor, that came since activation."""
        return 0 if self._stereo is None else self._stereo.images

    @property
    def pairs_in(self) -> int:
        """Pairs among them."""
        return 0 if self._stereo is None else self._stereo.pairs

    @property
    def unmatched(self) -> int:
        """Images among them that were let go without a partner."""
        return 0 if self._stereo is None else self._stereo.unmatched

    # Life

    def _configure(self) -> None:
        kind = self._value('teacher')
        self._factors = Factors()
        source = self._network() if kind == NETWORK else self._sensor(kind)
        self._outputs, self._source = source.outputs(self), source

    def _sensor(self, kind: str) -> Source:
        if self._value('calibration'):
            raise InputError(
                f'calibration: is of a model, and the teacher is the {kind} of another sensor; '
                'leave it empty, and set depth_scale and std_scale'
            )
        if needs_tf(self):
            message_type(WITHOUT_TF)
        teacher = sensor_teacher(self, self._frames.matrix)
        self.get_logger().info(f'teacher is the {kind} of another sensor')
        return SensorSource(teacher)

    def _network(self) -> Source:
        model = self._value('model')
        size = parsed_size(self._value('camera_size'), multiple=1)
        options = {name: self._value(name) for name in (*OF_RUNTIME, 'block_matching')}
        teacher = self._load(model, **options)
        self._factors = calibrated_factors(self._value, teacher)
        teacher.warm_up(*size)
        self.get_logger().info(
            f'teacher {model} runs on {teacher.runtime_name}, {teacher.device_name}, '
            f'{teacher.precision}'
        )
        return NetworkSource(teacher)

    def _release(self) -> None:
        self._source = None

    def _activate(self) -> None:
        assert self._source is not None, 'the teacher is there once the node is configured'
        if needs_tf(self):
            self._listen_to_tf()
        self._stereo = self._source.inputs(
            self,
            self._listen,
            self._on_pair,
            slop_s=self._value('pairing_slop'),
            transport=self._value('image_transport'),
        )
        self.get_logger().info(f'waits for {", ".join(self._stereo.topics)}')

    def _listen_to_tf(self) -> None:
        kind = message_type(WITHOUT_TF)
        self._inputs.append(self.create_subscription(kind, TF_STATIC, self._frames.put, latched()))

    def _stop(self) -> None:
        super()._stop()
        if self._recording.is_on:
            self.get_logger().info(self._recording.stop())

    def _counted(self) -> str:
        return (
            f'{self.images_in} images came, {self.pairs_in} pairs among them and '
            f'{self.unmatched} without a partner; {self.frames_out} pairs were worked on, '
            f'{self.dropped} were dropped, {self.frames_unwanted} came while nobody wanted them'
        )

    # Callbacks

    def _on_pair(self, pair: Any) -> None:
        self._offer(Numbered(self.pairs_in, pair))

    def _is_wanted(self) -> bool:
        return super()._is_wanted() or self._recording.is_on

    def _on_start_recording(
        self, request: Trigger.Request, response: Trigger.Response
    ) -> Trigger.Response:
        return self._answered(self._start_recording, response)

    def _on_stop_recording(
        self, request: Trigger.Request, response: Trigger.Response
    ) -> Trigger.Response:
        return self._answered(self._stop_recording, response)

    def _start_recording(self) -> str:
        if not self._is_active:
            raise InputError('the node is not active; activate it first')
        return self._recording.start(recording_options(self))

    def _stop_recording(self) -> str:
        """End; InputError, which says why, where not one sample was recorded."""
        sentence = self._recording.stop()
        if not self._recording.samples:
            why = self._fault or '; '.join(self._missing()) or self._counted()
            raise InputError(f'{sentence}: {why}')
        return sentence

    def _answered(self, act: Callable[[], str], response: Trigger.Response) -> Trigger.Response:
        try:
            response.message, response.success = act(), True
            self.get_logger().info(response.message)
        except Exception as error:
            response.message, response.success = self._sentence(error), False
            self.get_logger().warning(response.message)
        return response

    def _missing(self) -> Iterable[str]:
        return () if self._stereo is None else self._stereo.missing()

    def _say_recording_stops(self, sentence: str) -> None:
        self.get_logger().error(sentence)

    # The worker's thread: one pair at a time

    def _process(self, item: Numbered) -> bool:
        """Publish and record what is wanted; tell whether anything was."""
        stereo, outputs, source = self._stereo, self._outputs, self._source
        assert stereo is not None, 'inputs are there while the worker lives'
        assert outputs is not None, 'outputs are there while the worker lives'
        assert source is not None, 'the teacher is there while the worker lives'
        left_image = cache(partial(stereo.left_of, item.pair))  # decoded once, if at all
        is_recorded = self._recording.wants(item.number, left_image)
        has_listeners = outputs.have_listeners()
        if not (is_recorded or has_listeners):
            return False
        source.factors = self._factors * factors_now(self._value)
        answer = source.answer(item.pair, left_image)
        self._statistics.inferred(answer.seconds)
        if has_listeners:
            min_depth, max_depth = source.limits
            limits = min_depth, self._value('max_depth') or max_depth
            limited = within_limits(answer.prediction, *limits, self._value('max_relative_std'))
            source.publish(item.pair.leader.header, limited, answer)
            self._statistics.went(item.pair.stamp_ns)
        if is_recorded:
            self._recording.add(item.number, answer.labelled())
        return True

    # Health

    FRAMES = 'pairs'

    def _hardware(self) -> str:
        return 'none' if self._source is None else self._source.device

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
            'pairs worked on': str(self.frames_out),
            'pairs dropped': str(self.dropped),
            'pairs not wanted': str(self.frames_unwanted),
            'teacher': self._value('teacher'),
            'runtime': 'none' if self._source is None else self._source.runtime,
            'device': self._hardware(),
            'precision': 'none' if self._source is None else self._source.precision,
            'recording': self._recording.state,
        }


DESCRIPTION = 'depth from a stereo camera or another sensor, and samples to train on'


def main(args: Sequence[str] | None = None) -> int:
    """Run the node until SIGINT or SIGTERM; returns the exit code."""
    words = sys.argv if args is None else args
    own_options(node_parser('stereo_teacher_node', DESCRIPTION, STEREO_TEACHER), words)
    return run_node(StereoTeacherNode, words)


if __name__ == '__main__':
    sys.exit(main())
