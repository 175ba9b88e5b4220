# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
The node that turns the images of one camera into metric depth and its standard deviation.

It is a thin face: messages become arrays, the predictor of adu_depth_core is asked, and its
answer becomes messages. docs/nodes.md lists topics and parameters.
"""

import sys
import traceback
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, TypeAlias

from rcl_interfaces.msg import SetParametersResult
from rclpy.lifecycle import LifecycleNode, LifecycleState, TransitionCallbackReturn
from rclpy.parameter import Parameter
from rclpy.subscription import Subscription
from rclpy.timer import Timer
from sensor_msgs.msg import CameraInfo, CompressedImage, Image

from adu_depth_core.errors import InputError
from adu_depth_core.inference.predictor import Prediction, Predictor
from adu_depth_ros import parameters, qos
from adu_depth_ros.camera_info import camera_of, info_of_image
from adu_depth_ros.depth_outputs import DepthOutputs
from adu_depth_ros.fault_log import FaultLog
from adu_depth_ros.image_messages import rgb_of
from adu_depth_ros.latest import LatestWorker
from adu_depth_ros.run_node import run_node
from adu_depth_ros.steady_timer import once

ImageMessage: TypeAlias = Image | CompressedImage


class MonoDepthNode(LifecycleNode):
    """
    Publishes depth and its standard deviation of the newest image, for whoever listens.

    Parameters
    ----------
    load_predictor : callable
        Called as ``Predictor.load`` is, with (model, runtime=..., device=...).
    patience_s : float
        Seconds after activation until the node says which input has not come.
    **node_options : Any
        Passed to ``LifecycleNode``: context, namespace, parameter_overrides, ...

    Attributes
    ----------
    frames_in, frames_out, frames_unwatched : int
        Since activation: images that came, depth images published, and images left alone since
        nobody subscribed to an output.

    """

    def __init__(
        self,
        *,
        load_predictor: Callable[..., Predictor] = Predictor.load,
        patience_s: float = 3.0,
        **node_options: Any,
    ) -> None:
        self._load_predictor, self._patience_s = load_predictor, patience_s
        self._predictor: Predictor | None = None
        self._outputs: DepthOutputs | None = None
        self._inputs: list[Subscription] = []
        self._patience: Timer | None = None
        self._worker: LatestWorker[ImageMessage] | None = None
        self._camera_info: CameraInfo | None = None
        self._reset_counts()
        super().__init__('mono_depth_node', **node_options)
        self._faults = FaultLog(self.get_logger().warning)
        self.add_on_set_parameters_callback(self._judge_parameters)
        parameters.declare(self, parameters.MONO_DEPTH)
        if self._value('autostart'):
            once(self, 0.0, self._start)

    @property
    def dropped(self) -> int:
        """Images since activation that gave no depth: replaced by a newer one, or unusable."""
        return self._unusable + (self._replaced if self._worker is None else self._worker.dropped)

    def _reset_counts(self) -> None:
        self.frames_in = self.frames_out = self.frames_unwatched = 0
        self._replaced = self._unusable = 0

    # Lifecycle

    def on_configure(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Load the model, warm it up and advertise the outputs."""
        return self._attempt('configure', self._configure, undo=self._release)

    def on_activate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Subscribe to the inputs and start the worker."""
        return self._attempt('activate', partial(self._activate, state), undo=self._stop)

    def on_deactivate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Unsubscribe, let the frame in hand finish and say how it went."""
        self._stop()
        return super().on_deactivate(state)

    def on_cleanup(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Free the model and take the outputs back."""
        self._release()
        return TransitionCallbackReturn.SUCCESS

    def on_shutdown(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Stop and free everything, from any state."""
        self._stop()
        self._release()
        return TransitionCallbackReturn.SUCCESS

    def on_error(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Go back to unconfigured, from where a new attempt is possible."""
        return self.on_shutdown(state)

    def destroy_node(self) -> None:
        """End the worker before what it publishes with goes away."""
        self._stop()
        super().destroy_node()

    def _start(self) -> None:
        if self.trigger_configure() == TransitionCallbackReturn.SUCCESS:
            self.trigger_activate()

    def _attempt(
        self, name: str, steps: Callable[[], object], undo: Callable[[], None]
    ) -> TransitionCallbackReturn:
        """Run a transition and say what it raises: rclpy would not."""
        try:
            steps()
        except Exception as error:
            self.get_logger().error(f'cannot {name}: {self._sentence(error)}')
            undo()
            return TransitionCallbackReturn.FAILURE
        return TransitionCallbackReturn.SUCCESS

    def _configure(self) -> None:
        model, runtime, device = map(self._value, ('model', 'runtime', 'device'))
        predictor = self._load_predictor(model, runtime=runtime, device=device)
        predictor.warm_up()
        self._outputs = DepthOutputs(self)
        self._predictor, self._model_max_depth = predictor, predictor.max_depth
        self.get_logger().info(
            f'model {model} runs on {predictor.runtime_name}, {predictor.device_name}'
        )

    def _release(self) -> None:
        self._predictor = None
        if self._outputs is not None:
            self._outputs.withdraw()
            self._outputs = None

    def _activate(self, state: LifecycleState) -> None:
        self._reset_counts()
        self._faults.clear()
        self._camera_info = None
        self._info_topic = self.resolve_topic_name('camera_info')
        self._image_topic, image_type = self.resolve_topic_name('image_rect'), Image
        if self._value('image_transport') == 'compressed':
            self._image_topic, image_type = f'{self._image_topic}/compressed', CompressedImage
        super().on_activate(state)
        self._worker = LatestWorker(self._work)
        self._listen(CameraInfo, self._info_topic, self._on_camera_info)
        self._listen(image_type, self._image_topic, self._on_image)
        self._patience = once(self, self._patience_s, self._say_what_is_missing)
        self.get_logger().info(f'waits for {self._image_topic} and {self._info_topic}')

    def _listen(self, kind: type, topic: str, callback: Callable[[Any], None]) -> None:
        profile, options = qos.newest_only(), qos.overridable()
        self._inputs.append(
            self.create_subscription(
                kind, topic, callback, profile, qos_overriding_options=options
            )
        )

    def _stop(self) -> None:
        if self._worker is None:
            return
        while self._inputs:
            self.destroy_subscription(self._inputs.pop())
        if self._patience is not None:
            self.destroy_timer(self._patience)
        self._worker.stop()
        self._replaced, self._worker, self._patience = self._worker.dropped, None, None
        self.get_logger().info(
            f'{self.frames_in} images came, {self.frames_out} depth images went out, '
            f'{self.dropped} were dropped, {self.frames_unwatched} came while nobody listened'
        )

    # Callbacks

    def _on_camera_info(self, message: CameraInfo) -> None:
        self._camera_info = message

    def _on_image(self, message: ImageMessage) -> None:
        self.frames_in += 1
        if self._worker is None or self._outputs is None or not self._outputs.have_listeners():
            self.frames_unwatched += 1
        else:
            self._worker.put(message)

    def _say_what_is_missing(self) -> None:
        if not self.frames_in:
            self._faults.report(self._missing('image', self._image_topic))
        if self._camera_info is None:
            self._faults.report(self._missing('camera_info', self._info_topic))

    def _missing(self, what: str, topic: str) -> str:
        return f'no {what} on {topic} yet; publishers: {self.count_publishers(topic)}'

    def _judge_parameters(self, changes: list[Parameter]) -> SetParametersResult:
        settings, current = parameters.MONO_DEPTH, None
        if self._predictor is not None:
            current = {setting.name: self._value(setting.name) for setting in settings}
        return parameters.verdict(changes, settings, current)

    # The worker's thread: one frame at a time

    def _work(self, message: ImageMessage) -> None:
        try:
            prediction, info = self._predict(message)
            assert self._outputs is not None, 'outputs are there while the worker lives'
            self._outputs.publish(message.header, prediction, info)
        except Exception as error:
            if self.context.ok():  # else: shut down while at work, nobody is left to hear it
                self._faults.report(self._sentence(error))
                self._unusable += 1
        else:
            self._faults.clear()
            self.frames_out += 1

    def _predict(self, message: ImageMessage) -> tuple[Prediction, CameraInfo]:
        assert self._predictor is not None, 'the model is there while the worker lives'
        if self._camera_info is None:
            raise InputError(self._missing('camera_info', self._info_topic))
        image = rgb_of(message, self._image_topic)
        height, width = image.shape[:2]
        info = info_of_image(self._camera_info, width, height, self._info_topic)
        self._predictor.max_depth = self._value('max_depth') or self._model_max_depth
        self._predictor.max_relative_std = self._value('max_relative_std')
        return self._predictor(image, camera_of(info)), info

    def _value(self, name: str) -> Any:
        return self.get_parameter(name).value

    def _sentence(self, error: Exception) -> str:
        if isinstance(error, InputError):
            return str(error)
        self.get_logger().debug(''.join(traceback.format_exception(error)))
        return ' '.join(f'{type(error).__name__}: {error}'.split())


def main(args: Sequence[str] | None = None) -> int:
    """Run the node until SIGINT or SIGTERM; returns the exit code."""
    return run_node(MonoDepthNode, args)


if __name__ == '__main__':
    sys.exit(main())
