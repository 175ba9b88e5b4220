# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A stereo camera, a teacher and an audience in the small ROS world."""

import threading
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from numpy.typing import NDArray
from rclpy.node import Node
from rclpy.parameter import Parameter
from rclpy.qos import QoSProfile
from sensor_msgs.msg import CameraInfo, Image
from std_msgs.msg import Header
from std_srvs.srv import Trigger
from stereo_msgs.msg import DisparityImage

from adu_depth_core.camera import StereoRig
from adu_depth_core.inference.factors import Factors
from adu_depth_core.inference.model_info import TeacherInfo
from adu_depth_core.inference.predictor import Prediction
from adu_depth_ros.stereo.stereo_teacher_node import StereoTeacherNode
from ros_world import Received, World

WIDTH, HEIGHT, FX, BASELINE_M = 8, 4, 10.0, 0.5
DEADLINE_S = 30.0
TOPICS = {
    'depth/image_rect': Image,
    'depth/camera_info': CameraInfo,
    'depth_std/image_rect': Image,
    'depth_std/camera_info': CameraInfo,
    'disparity': DisparityImage,
}


class FakeTeacher:
    """Says depth = row + 1 and std = 0.1 m; one pixel is sky, and one of no certainty."""

    runtime_name, device_name, precision = 'fake', 'cpu', 'float32'
    info = TeacherInfo('tiny', 360.0)
    model_sha256 = 'ab' * 32

    def __init__(self) -> None:
        self.is_warm = False
        self.factors = Factors()
        self.pairs: list[tuple[NDArray[np.uint8], NDArray[np.uint8]]] = []
        self.rigs: list[StereoRig] = []
        self.error: Exception | None = None
        self.gate = threading.Event()
        self.gate.set()

    def warm_up(self, width: int, height: int) -> None:
        self.is_warm = True

    def __call__(
        self, left: NDArray[np.uint8], right: NDArray[np.uint8], rig: StereoRig
    ) -> Prediction:
        self.pairs.append((left.copy(), right.copy()))
        self.rigs.append(rig)
        assert self.gate.wait(DEADLINE_S), 'the test forgot to open the gate'
        if self.error is not None:
            raise self.error
        depth = np.empty((rig.left.height, rig.left.width), np.float32)
        depth[:] = np.arange(1, rig.left.height + 1, dtype=np.float32)[:, None]
        std = np.full_like(depth, 0.1)
        depth[0, 0] = 100.0
        std[1, 0] = 1.5
        return Prediction(depth, std)


class FakeRig:
    """Publishes both sides of a rectified pair as a driver does."""

    def __init__(self, world: World, name_space: str = '', **options: Any) -> None:
        self.world, self.count = world, 0
        self.node = world.add(Node('rig', context=world.context, namespace=name_space))
        qos, kind = QoSProfile(depth=10), options.get('kind', Image)
        suffix = '' if kind is Image else '/compressed'
        self.images = {
            side: self.node.create_publisher(kind, f'{side}/image_rect{suffix}', qos)
            for side in ('left', 'right')
        }
        self.infos = {
            side: self.node.create_publisher(CameraInfo, f'{side}/camera_info', qos)
            for side in ('left', 'right')
        }

    def wait_for_node(self) -> None:
        publishers = [*self.images.values(), *self.infos.values()]
        self.world.spin_until(
            lambda: all(publisher.get_subscription_count() for publisher in publishers),
            'the node subscribes to the rig',
        )

    def send_infos(self, node: StereoTeacherNode, **of_right: Any) -> None:
        """Publish both calibrations and see them arrive."""
        assert node._stereo is not None, 'the node is not active'
        known = node._stereo.cameras.infos
        for side, message in (('left', left_info()), ('right', right_info(**of_right))):
            before = known.get(side)
            self.infos[side].publish(message)
            self.world.spin_until(
                partial(_is_new, known, side, before), f'{side} camera_info arrives'
            )

    def send_one(self, node: StereoTeacherNode, side: str, message: Any, stamp_ns: int) -> Any:
        """Publish an image of one side and see it arrive."""
        message.header = Header(frame_id=f'{side}_optical_frame')
        message.header.stamp.sec, message.header.stamp.nanosec = divmod(stamp_ns, 10**9)
        before = node.images_in
        self.images[side].publish(message)
        self.world.spin_until(lambda: node.images_in > before, f'{side} image arrives')
        return message

    def send(
        self,
        node: StereoTeacherNode,
        left: Any = None,
        right: Any = None,
        *,
        stamp_ns: int | None = None,
        delay_ns: int = 0,
    ) -> Any:
        """Publish a pair and see it arrive; the left message is returned."""
        self.count += 1
        stamp_ns = 10**12 + self.count * 10**8 if stamp_ns is None else stamp_ns
        sent = self.send_one(node, 'left', left or image(self.count), stamp_ns)
        self.send_one(node, 'right', right or image(100 + self.count), stamp_ns + delay_ns)
        return sent


class StereoAudience(Received):
    """Subscribes to what a stereo node publishes and keeps it."""

    def __init__(self, world: World, topics: tuple[str, ...], name_space: str = '') -> None:
        super().__init__(world, topics)
        self.node = world.add(Node('stereo_audience', context=world.context))
        for topic, messages in self.received.items():
            self.node.create_subscription(
                TOPICS[topic], f'{name_space}/{topic}', messages.append, QoSProfile(depth=10)
            )

    def wait_for_node(self, node: StereoTeacherNode) -> None:
        outputs = node._outputs
        assert outputs is not None, 'the node is not configured'
        wanted = {f'{node.get_namespace().rstrip("/")}/{topic}' for topic in self.received}
        self.world.spin_until(
            lambda: (
                wanted <= {p.topic_name for p in outputs._publishers if p.get_subscription_count()}
            ),
            'the node sees its audience',
        )


class StereoWorld:
    """The world of a test with a stereo node in it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.spin_until = world.spin_until
        self.statuses: list[DiagnosticStatus] = []

    def node(
        self,
        teacher: FakeTeacher | None,
        /,  # a parameter of the node has that name
        *,
        load: Callable[..., Any] | None = None,
        free_bytes: Callable[[Path], float] = lambda folder: 1e15,
        patience_s: float = 60.0,
        name_space: str | None = None,
        cli_args: list[str] | None = None,
        **parameters: Any,
    ) -> StereoTeacherNode:

        def load_given(model: str, **options: Any) -> Any:
            return teacher

        node = StereoTeacherNode(
            load=load or load_given,
            free_bytes=free_bytes,
            patience_s=patience_s,
            context=self.world.context,
            namespace=name_space,
            cli_args=cli_args,
            parameter_overrides=[Parameter(n, value=value) for n, value in parameters.items()],
        )
        self.world.add(node)
        return node

    def active(self, teacher: FakeTeacher, **options: Any) -> tuple[StereoTeacherNode, FakeRig]:
        """Return an active node and the calibrated rig before it."""
        node = self.node(teacher, **options)
        self.world.spin_until_state(node, 'active')
        rig = self.rig(name_space=options.get('name_space') or '')
        rig.wait_for_node()
        rig.send_infos(node)
        return node, rig

    def rig(self, **options: Any) -> FakeRig:
        return FakeRig(self.world, **options)

    def audience(
        self, node: StereoTeacherNode, *topics: str, name_space: str = ''
    ) -> StereoAudience:
        audience = StereoAudience(self.world, topics or tuple(TOPICS), name_space)
        audience.wait_for_node(node)
        return audience

    def call(self, node: StereoTeacherNode, service: str) -> Trigger.Response:
        """Call a service of the node, such as `start_recording`."""
        name = f'{node.get_fully_qualified_name()}/{service}'
        client: Any = self.world.tester.create_client(Trigger, name)
        self.spin_until(client.service_is_ready, f'{name} is there')
        future = client.call_async(Trigger.Request())
        self.spin_until(future.done, f'{name} answers')
        self.world.tester.destroy_client(client)
        return future.result()

    def listen_to_diagnostics(self) -> None:
        self.world.tester.create_subscription(
            DiagnosticArray,
            '/diagnostics',
            lambda array: self.statuses.extend(array.status),
            QoSProfile(depth=10),
        )

    def status(self, is_it: Callable[[DiagnosticStatus], object], what: str) -> DiagnosticStatus:
        """Return the first status from now on that is wanted."""
        self.statuses.clear()
        self.spin_until(lambda: any(map(is_it, self.statuses)), what)
        return next(status for status in self.statuses if is_it(status))

    def said(self, node: StereoTeacherNode, fragment: str) -> list[str]:
        """Return what was logged and has `fragment` in it; waits for all that is on its way."""
        mark = f'mark {id(object())} {len(self.world.logs)}'
        node.get_logger().info(mark)
        self.spin_until(lambda: any(log.msg == mark for log in self.world.logs), 'the log arrives')
        return [log.msg for log in self.world.logs if fragment in log.msg]


def _is_new(known: Mapping[str, CameraInfo], side: str, before: CameraInfo | None) -> bool:
    return known.get(side) is not before


def image(seed: int) -> Image:
    """Return an rgb8 image of noise, which differs from that of every other seed."""
    pixels = np.random.default_rng(seed).integers(0, 255, (HEIGHT, WIDTH, 3), np.uint8)
    return image_of(pixels)


def image_of(pixels: NDArray[np.uint8]) -> Image:
    height, width = pixels.shape[:2]
    message = Image(width=width, height=height, encoding='rgb8', step=width * 3)
    message.data.frombytes(pixels.tobytes())
    return message


def left_info(**fields: Any) -> CameraInfo:
    """Return the calibration of a left rectified camera."""
    message = CameraInfo(width=WIDTH, height=HEIGHT, distortion_model='plumb_bob')
    message.k = [FX, 0.0, 3.0, 0.0, FX, 2.0, 0.0, 0.0, 1.0]
    message.p = [FX, 0.0, 3.5, 0.0, 0.0, FX, 1.5, 0.0, 0.0, 0.0, 1.0, 0.0]
    for name, value in fields.items():
        setattr(message, name, value)
    return message


def right_info(**fields: Any) -> CameraInfo:
    """Return that of the right one: P[3] = -fx baseline."""
    p = [FX, 0.0, 3.5, -FX * BASELINE_M, 0.0, FX, 1.5, 0.0, 0.0, 0.0, 1.0, 0.0]
    return left_info(**{'p': p, **fields})
