# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
The node that turns the images of one camera into metric depth and its standard deviation.

Messages become arrays, the predictor of adu_depth_core is asked, and its
answer becomes messages. docs/nodes.md lists topics and parameters.
"""

import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from rcl_interfaces.msg import SetParametersResult
from rclpy.parameter import Parameter
from sensor_msgs.msg import CameraInfo, CompressedImage, Image

from adu_depth_core.camera import Camera
from adu_depth_core.errors import InputError
from adu_depth_core.inference.depth_points import PointFilter
from adu_depth_core.inference.factors import Factors
from adu_depth_core.inference.network_size import parsed_size
from adu_depth_core.inference.predictor import Prediction, Predictor
from adu_depth_core.inference.runtimes.parity import Parity
from adu_depth_core.messages.cdr import stamp_ns_of
from adu_depth_core.messages.pixels import TOO_DARK, is_too_dark
from adu_depth_core.messages.rectifying import Rectifying
from adu_depth_core.samples.raw_image import Picture, RawImage
from adu_depth_ros.messages.camera_info import CameraWithInfo, LatestCalibration, resized_info
from adu_depth_ros.messages.image_messages import image_topic, rgb_of
from adu_depth_ros.mono.input_notices import notices
from adu_depth_ros.mono.mono_depth_outputs import MonoDepthOutputs, PublishedFrame, View
from adu_depth_ros.mono.mono_parameters import MONO_DEPTH, OF_RUNTIME
from adu_depth_ros.mono.online_truth import OnlineTruth, Published, online_truth
from adu_depth_ros.mono.scan_parameters import SCAN_ENDS, scan_shape
from adu_depth_ros.mono.shared_model import DepthModel
from adu_depth_ros.nodes.command_line import node_parser, own_options
from adu_depth_ros.nodes.factor_parameters import calibrated_factors, factors_now
from adu_depth_ros.nodes.managed_depth_node import ManagedDepthNode, absence
from adu_depth_ros.nodes.parameters import verdict_on_order
from adu_depth_ros.nodes.run_node import run_node

ImageMessage: TypeAlias = Image | CompressedImage


class MonoDepthNode(ManagedDepthNode):
    """
    Publishes depth and its standard deviation of the newest image, while anybody listens.

    Parameters
    ----------
    load_predictor : callable
        Called as ``Predictor.load`` is, with (model, runtime=..., device=...).
    **node_options : Any
        See `ManagedDepthNode`.

    Attributes
    ----------
    frames_in : int
        Images that came since activation.

    """

    _outputs: MonoDepthOutputs | None

    def __init__(
        self,
        *,
        load_predictor: Callable[..., DepthModel] = Predictor.load,
        **node_options: Any,
    ) -> None:
        self._load_predictor = load_predictor
        self._predictor: DepthModel | None = None
        self._camera_info: CameraInfo | None = None
        self._factors = Factors()
        self._truth: OnlineTruth | None = None
        self._published: Published | None = None
        super().__init__('mono_depth_node', MONO_DEPTH, **node_options)

    def _reset_counts(self) -> None:
        super()._reset_counts()
        self.frames_in = 0

    # Life

    def _configure(self) -> None:
        model = self._value('model')
        width, height = parsed_size(self._value('camera_size'), multiple=1)
        input_size = self._value('input_size')
        predictor = self._load_predictor(
            model,
            **{name: self._value(name) for name in OF_RUNTIME},
            input_size=parsed_size(input_size) if input_size else None,
            at_network_size=self._value('output_size') == 'network',
        )
        self._factors = calibrated_factors(self._value, predictor)
        predictor.warm_up(width, height)
        self._outputs = MonoDepthOutputs(self, with_points=self._value('point_cloud'))
        self._predictor, self._model_max_depth = predictor, predictor.max_depth
        self.get_logger().info(
            f'model {model} runs on {predictor.runtime_name}, {predictor.device_name}, '
            f'{predictor.precision}, ready for images of {width}x{height}'
            f'{_compared(predictor.parity)}'
        )

    def _release(self) -> None:
        self._predictor = self._truth = self._published = None

    def _activate(self) -> None:
        self._camera_info, self._latest = None, LatestCalibration()
        self._calibrations: tuple[CameraWithInfo, CameraWithInfo] | None = None
        self._info_topic = self.resolve_topic_name('camera_info')
        transport = self._value('image_transport')
        self._image_topic = image_topic(self.resolve_topic_name('image_rect'), transport)
        image_type = CompressedImage if transport == 'compressed' else Image
        kind, extrinsics = self._value('online_truth'), self._value('online_extrinsics')
        self._truth, self._published = online_truth(kind, extrinsics, self._listen), None
        self._listen(CameraInfo, self._info_topic, self._on_camera_info)
        self._listen(image_type, self._image_topic, self._on_image)
        self.get_logger().info(f'waits for {self._image_topic} and {self._info_topic}')

    def _counted(self) -> str:
        return (
            f'{self.frames_in} images came, {self.frames_out} depth images went out, '
            f'{self.dropped} were dropped, {self.frames_unwanted} came while nobody listened'
        )

    # Callbacks

    def _on_camera_info(self, message: CameraInfo) -> None:
        self._camera_info = message

    def _on_image(self, message: ImageMessage) -> None:
        self.frames_in += 1
        self._offer(message)

    def _missing(self) -> Iterator[str]:
        if not self.frames_in:
            yield absence(self, 'image', self._image_topic)
        if self._camera_info is None:
            yield absence(self, 'camera_info', self._info_topic)

    def _judge_parameters(self, changes: list[Parameter]) -> SetParametersResult:
        verdict = super()._judge_parameters(changes)
        for ends in (('color_min_depth', 'color_max_depth'), *SCAN_ENDS):
            current = {name: self._value(name) for name in ends if self.has_parameter(name)}
            if verdict.successful:
                verdict = verdict_on_order(changes, *ends, current)
        return verdict

    # The worker's thread: one frame at a time

    def _process(self, message: ImageMessage) -> bool:
        assert self._outputs is not None, 'outputs are there while the worker lives'
        self._learn()
        image = rgb_of(message, self._image_topic, self._value('max_image_pixels'))
        encoding = getattr(message, 'encoding', '')
        taken, shown = self._calibrations_of(message.header.frame_id, image, encoding)
        way = taken.rectification
        picture = image if way is None else RawImage(image, way)
        prediction = self._predict(picture, taken.camera, self._outputs.memory(shown.camera))
        frame = PublishedFrame(message.header, picture, shown.camera, shown.info)
        self._outputs.publish_frame(frame, prediction, self._view())
        self._published = Published(message.header, shown.camera, prediction)
        self._statistics.went(stamp_ns_of(message))
        return True

    def _learn(self) -> None:
        """Compare what was published last with the truth that came for it."""
        published, self._published = self._published, None
        if self._truth is not None and published is not None:
            gain, offset_s = self._value('online_gain'), self._value('online_max_offset')
            self._truth.learn(published, gain, offset_s)

    def _calibrations_of(
        self, frame_id: str, image: NDArray[np.uint8], encoding: str
    ) -> tuple[CameraWithInfo, CameraWithInfo]:
        """Return the calibration of an image, and that of the depth that is predicted for it."""
        if self._camera_info is None:
            raise InputError(absence(self, 'camera_info', self._info_topic))
        height, width = image.shape[:2]
        rectifying = Rectifying(self._value('rectify'), self._value('rectified_fov'))
        topics = self._image_topic, self._info_topic
        taken = self._latest.of_image(
            self._camera_info, width, height, self._info_topic, rectifying, self._image_topic
        )
        if self._calibrations is None or self._calibrations[0] is not taken:
            self._calibrations = taken, self._output_calibration(taken)
            is_raw = taken.rectification is not None
            for sentence in notices(
                frame_id, self._camera_info, *topics, is_rectified_here=is_raw
            ):
                self._notice(sentence)
            if is_too_dark(image, encoding):
                self._notice(f'{self._image_topic}: {TOO_DARK.format(encoding)}')
        return self._calibrations

    def _output_calibration(self, taken: CameraWithInfo) -> CameraWithInfo:
        assert self._predictor is not None, 'the model is there while the worker lives'
        camera = self._predictor.output_camera(taken.camera)
        if camera == taken.camera:
            return taken
        return CameraWithInfo(camera, resized_info(taken.info, camera.width, camera.height))

    def _predict(self, image: Picture, camera: Camera, memory: Prediction) -> Prediction:
        assert self._predictor is not None, 'the model is there while the worker lives'
        self._predictor.max_depth = self._value('max_depth') or self._model_max_depth
        self._predictor.max_relative_std = self._value('max_relative_std')
        online = 1.0 if self._truth is None else self._truth.factor
        now = factors_now(self._value) * Factors(std_scale=online)
        self._predictor.factors = self._factors * now
        started = time.perf_counter()
        prediction = self._predictor(image, camera, memory)
        self._statistics.inferred(time.perf_counter() - started)
        return prediction

    def _view(self) -> View:
        ends = self._value('color_min_depth'), self._value('color_max_depth')
        points = map(
            self._value,
            ('points_stride', 'points_max_std', 'points_max_range', 'points_max_relative_std'),
        )
        return View(ends, PointFilter(*points), scan_shape(self._value))

    # Health

    def _hardware(self) -> str:
        return '' if self._predictor is None else self._predictor.device_name

    def _figures(self) -> Mapping[str, str]:
        model = self._predictor
        return {
            **super()._figures(),
            'images': str(self.frames_in),
            'images answered': str(self.frames_out),
            'images dropped': str(self.dropped),
            'images unwatched': str(self.frames_unwanted),
            'runtime': 'none' if model is None else model.runtime_name,
            'device': 'none' if model is None else model.device_name,
            'precision': 'none' if model is None else model.precision,
            **({} if self._truth is None else self._truth.figures()),
        }


def _compared(parity: Parity | None) -> str:
    return '' if parity is None else f'; lower precision against float32: {parity}'


DESCRIPTION = 'metric depth and its standard deviation from the images of one camera'


def main(args: Sequence[str] | None = None) -> int:
    """Run the node until SIGINT or SIGTERM; returns the exit code."""
    words = sys.argv if args is None else args
    own_options(node_parser('mono_depth_node', DESCRIPTION, MONO_DEPTH), words)
    return run_node(MonoDepthNode, words)


if __name__ == '__main__':
    sys.exit(main())
