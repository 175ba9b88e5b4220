# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What every depth node does between its birth and its end, whatever it looks at."""

import time
import traceback
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from diagnostic_msgs.msg import DiagnosticStatus
from rcl_interfaces.msg import SetParametersResult
from rclpy.clock import Clock, ClockType  # Humble has no rclpy.clock_type
from rclpy.lifecycle import LifecycleNode, LifecycleState, TransitionCallbackReturn
from rclpy.node import Node
from rclpy.parameter import Parameter
from rclpy.qos import QoSProfile
from rclpy.subscription import Subscription
from rclpy.timer import Timer

from adu_depth_core.errors import InputError, escaped
from adu_depth_ros.nodes import parameters, qos
from adu_depth_ros.nodes.depth_outputs import DepthOutputs
from adu_depth_ros.nodes.diagnostics import Diagnostics, Health
from adu_depth_ros.nodes.fault_log import FaultLog
from adu_depth_ros.nodes.frame_statistics import FrameStatistics
from adu_depth_ros.nodes.latest import LatestWorker
from adu_depth_ros.nodes.namesakes import Namesakes
from adu_depth_ros.nodes.parameters import Setting
from adu_depth_ros.nodes.run_node import CannotStart

# A fault is told as the last one for so long.
REMEMBERED_S = 60.0
# Strangers' encodings and frames may be of any length.
LONGEST_SENTENCE = 1000


class ManagedDepthNode(LifecycleNode):
    """
    Life cycle, worker, parameters, faults and diagnostics of a node; the work is its subclass's.

    A subclass says what to do in `_configure`, `_release`, `_activate` and `_process`, and
    gives what comes to `_offer`. `_release` and `_stop`, which undo, are called more often than
    what they undo, and after a half of it. A frame is an image, or a pair of them.

    Parameters
    ----------
    name : str
        Of the node.
    settings : sequence of Setting
        Its parameters, `autostart` among them.
    patience_s : float
        Seconds after activation until the node says which input has not come.
    **node_options : Any
        Passed to ``LifecycleNode``: context, namespace, parameter_overrides, ...

    Attributes
    ----------
    frames_out, frames_unwanted : int
        Since activation: frames that were answered, and frames left alone since nobody wanted
        what is made of them.

    """

    def __init__(
        self,
        name: str,
        settings: Sequence[Setting],
        *,
        patience_s: float = 3.0,
        **node_options: Any,
    ) -> None:
        self._settings, self._patience_s = settings, patience_s
        self._worker: LatestWorker[Any] | None = None
        self._patience: Timer | None = None
        self._outputs: DepthOutputs | None = None
        self._reset_counts()
        self._is_configured = self._is_active = False
        self._inputs: list[Subscription] = []
        self._fault, self._last_fault, self._last_fault_s = '', '', 0.0
        super().__init__(name, **node_options)
        self._faults = FaultLog(self.get_logger().warning)
        self._notices = FaultLog(self.get_logger().warning)
        self._namesakes = Namesakes(self)
        self._statistics = FrameStatistics(lambda: self.get_clock().now().nanoseconds)
        self.add_on_set_parameters_callback(self._judge_parameters)
        parameters.declare(self, settings)
        for sentence in parameters.unknown_overrides(self, settings):
            self._notice(sentence)
        self._diagnostics = Diagnostics(self, self._health)
        if self._value('autostart'):
            once(self, 0.0, self._start)

    @property
    def dropped(self) -> int:
        """Frames since activation that gave no depth: replaced by a newer one, or unusable."""
        return self._unusable + (self._replaced if self._worker is None else self._worker.dropped)

    def _reset_counts(self) -> None:
        self.frames_out = self.frames_unwanted = self._replaced = self._unusable = 0

    # What a subclass does

    FRAMES = 'images'  # what is worked on, in the words of diagnostics

    def _configure(self) -> None:
        """Load the model and make `_outputs`; what it raises is the reason of failure."""
        raise NotImplementedError

    def _release(self) -> None:
        """Free the rest of what `_configure` made."""
        raise NotImplementedError

    def _activate(self) -> None:
        """Subscribe to the inputs."""
        raise NotImplementedError

    def _process(self, frame: Any) -> bool:
        """Answer a frame, on the worker's thread; tell whether anybody wanted that."""
        raise NotImplementedError

    def _missing(self) -> Iterable[str]:
        """Give a sentence for each input that has not come."""
        raise NotImplementedError

    def _counted(self) -> str:
        """Return a sentence of what came since activation, and what became of it."""
        raise NotImplementedError

    def _hardware(self) -> str:
        """Return the device that the model runs on."""
        raise NotImplementedError

    # Lifecycle

    def on_configure(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Load the model, warm it up and advertise the outputs."""
        return self._attempt('configure', self._configure, undo=self._free)

    def on_activate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Subscribe to the inputs and start the worker."""

        def steps() -> None:
            self._statistics.reset()
            self._reset_counts()
            super(ManagedDepthNode, self).on_activate(state)
            self._worker = LatestWorker(self._work)
            self._activate()
            self._patience = once(self, self._patience_s, self._say_what_is_missing)

        return self._attempt('activate', steps, undo=self._end_work)

    def on_deactivate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Unsubscribe, let the frame in hand finish and say how it went."""
        self._end_work()
        return super().on_deactivate(state)

    def on_cleanup(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Free the model and take the outputs back."""
        self._free()
        return TransitionCallbackReturn.SUCCESS

    def on_shutdown(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Stop and free everything, from any state."""
        self._end_work()
        self._free()
        return TransitionCallbackReturn.SUCCESS

    def on_error(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Go back to unconfigured, from where a new attempt is possible."""
        return self.on_shutdown(state)

    def destroy_node(self) -> None:
        """End the worker before what it publishes with goes away."""
        self._end_work()
        super().destroy_node()

    def _start(self) -> None:
        done = TransitionCallbackReturn.SUCCESS
        is_up = self.trigger_configure() == done and self.trigger_activate() == done
        if not is_up and self._value('exit_on_failure'):
            raise CannotStart

    def _end_work(self) -> None:
        while self._inputs:
            self.destroy_subscription(self._inputs.pop())
        self._stop()
        self._is_active = False

    def _stop(self) -> None:
        if self._worker is None:
            return
        if self._patience is not None:
            self.destroy_timer(self._patience)
        self._worker.stop()
        self._replaced, self._worker, self._patience = self._worker.dropped, None, None
        self.get_logger().info(self._counted())

    def _free(self) -> None:
        self._release()
        if self._outputs is not None:
            self._outputs.withdraw()
        self._outputs, self._is_configured = None, False

    def _attempt(
        self, name: str, steps: Callable[[], object], undo: Callable[[], None]
    ) -> TransitionCallbackReturn:
        """Run a transition and say what it raises: rclpy would not."""
        self._note_good()
        try:
            steps()
        except Exception as error:
            sentence = f'cannot {name}: {self._sentence(error)}'
            self._remember(sentence)
            self.get_logger().error(sentence)
            undo()
            return TransitionCallbackReturn.FAILURE
        self._is_configured, self._is_active = True, name == 'activate'
        return TransitionCallbackReturn.SUCCESS

    def _listen(
        self,
        kind: type,
        topic: str,
        callback: Callable[[Any], None],
        profile: QoSProfile | None = None,
    ) -> None:
        profile, options = profile or qos.newest_only(), qos.overridable()
        self._inputs.append(
            self.create_subscription(
                kind, topic, callback, profile, qos_overriding_options=options
            )
        )

    # Frames

    def _is_wanted(self) -> bool:
        """Whether anybody wants what the node computes."""
        return self._outputs is not None and self._outputs.have_listeners()

    def _offer(self, frame: Any) -> None:
        """Have a frame worked on next, where anybody wants it."""
        self._statistics.came()
        if self._worker is not None and self._is_wanted():
            self._worker.put(frame)
        else:
            self.frames_unwanted += 1

    def _work(self, frame: Any) -> None:
        try:
            was_wanted = self._process(frame)
        except Exception as error:
            if self.context.ok():  # else: shut down while at work, nobody is left to hear it
                self._report(self._sentence(error))
                self._unusable += 1
        else:
            self.frames_out += was_wanted
            self.frames_unwanted += not was_wanted
            if was_wanted:
                self._note_good()

    def _say_what_is_missing(self) -> None:
        for sentence in self._missing():
            self._report(sentence)

    # Parameters

    def _value(self, name: str) -> Any:
        return self.get_parameter(name).value

    def _judge_parameters(self, changes: list[Parameter]) -> SetParametersResult:
        current = None
        if self._is_configured:
            current = {setting.name: self._value(setting.name) for setting in self._settings}
        return parameters.verdict(changes, self._settings, current)

    # Faults and health

    def _report(self, sentence: str) -> None:
        """Say what is wrong, once in the log and in diagnostics until something goes well."""
        self._remember(_short(sentence))
        self._faults.report(_short(sentence))

    def _notice(self, sentence: str) -> None:
        """Say once what is odd, though the node can work with it."""
        self._notices.report(_short(sentence))

    def _remember(self, sentence: str) -> None:
        self._fault = self._last_fault = sentence
        self._last_fault_s = time.monotonic()

    def _note_good(self) -> None:
        self._fault = ''
        self._faults.clear()

    def _sentence(self, error: Exception) -> str:
        if isinstance(error, InputError):
            return str(error)
        self.get_logger().debug(''.join(traceback.format_exception(error)))
        return _short(' '.join(f'{type(error).__name__}: {error}'.split()))

    def _health(self) -> Health:
        level, message = self._verdict()
        return Health(level, message, self._hardware(), self._figures())

    def _verdict(self) -> tuple[bytes, str]:
        if self._fault:
            # A fault of one frame may be gone with the next; one of a transition stays.
            return (
                DiagnosticStatus.WARN if self._is_active else DiagnosticStatus.ERROR,
                self._fault,
            )
        if not self._is_active:
            return DiagnosticStatus.OK, 'inactive' if self._is_configured else 'unconfigured'
        topics = [] if self._outputs is None else self._outputs.topics
        namesakes = self._namesakes.sentence(topics)
        if namesakes:
            self._notice(namesakes)
            return DiagnosticStatus.WARN, namesakes
        if self._statistics.input_hz() == 0:
            return DiagnosticStatus.WARN, f'no {self.FRAMES} come'
        return DiagnosticStatus.OK, 'at work' if self._is_wanted() else 'nobody listens'

    def _figures(self) -> Mapping[str, str]:
        """Return what diagnostics show; a subclass adds its own."""
        is_old = not self._fault and time.monotonic() - self._last_fault_s > REMEMBERED_S
        last = '' if is_old else self._last_fault
        return {**self._statistics.values(), 'last error': last or 'none'}


def _short(sentence: str) -> str:
    """Return a sentence as it may be logged, whatever strangers wrote into it."""
    line = escaped(sentence)
    return line if len(line) <= LONGEST_SENTENCE else f'{line[:LONGEST_SENTENCE]} …'


def absence(node: Node, what: str, topic: str) -> str:
    """Return a sentence that something has not come, and how many publishers there are."""
    return f'no {what} on {topic} yet; publishers: {node.count_publishers(topic)}'


def once(node: Node, seconds: float, callback: Callable[[], None]) -> Timer:
    """Return a timer that calls back once; its owner destroys it."""

    def fire() -> None:
        timer.cancel()
        callback()

    timer = node.create_timer(seconds, fire, clock=Clock(clock_type=ClockType.STEADY_TIME))
    return timer
