# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Truth of another sensor makes the node's std honest; what cannot be used does no harm."""

import math
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import yaml
from geometry_msgs.msg import TransformStamped
from rclpy.node import Node
from sensor_msgs.msg import PointCloud2, PointField, Range
from std_msgs.msg import Header

from adu_depth_core.camera import Camera
from adu_depth_core.errors import InputError
from adu_depth_core.inference.predictor import Prediction
from adu_depth_core.inference.running_std_scale import RunningStdScale
from adu_depth_ros.mono.online_truth import OnlineTruth, Published, points_of_range
from adu_depth_ros.nodes.static_transforms import StaticTransforms, message_type
from ros_world import FakePredictor, World

CAMERA = Camera(8, 4, 10.0, 10.0, 3.5, 1.5)
# The sensor looks ahead along x, 0.1 m above the lens: z of the camera is its x.
EXTRINSICS = [
    {
        'parent': 'camera_optical_frame',
        'child': 'lidar',
        'translation': [0.0, -0.1, 0.0],
        'rotation': [0.5, -0.5, 0.5, 0.5],
    }
]


def header(seconds: float, frame: str = 'lidar') -> Header:
    made = Header(frame_id=frame)
    made.stamp.sec, made.stamp.nanosec = int(seconds), round(seconds % 1 * 1e9)
    return made


def cloud(seconds: float, points: list[list[float]]) -> PointCloud2:
    data = np.array(points, np.float32)
    message = PointCloud2(header=header(seconds), height=1, width=len(data), point_step=12)
    message.row_step = 12 * len(data)
    message.fields = [
        PointField(name=name, offset=4 * place, datatype=7, count=1)
        for place, name in enumerate('xyz')
    ]
    message.data.frombytes(data.tobytes())
    return message


def beam(seconds: float, metres: float, **fields: Any) -> Range:
    values = {'min_range': 0.1, 'max_range': 40.0, 'field_of_view': 0.03, **fields}
    return Range(header=header(seconds), range=metres, **values)


def published(seconds: float, depth: float = 10.0, std: float = 1.0) -> Published:
    prediction = Prediction(np.full((4, 8), depth, np.float32), np.full((4, 8), std, np.float32))
    return Published(header(seconds, 'camera_optical_frame'), CAMERA, prediction)


@pytest.fixture
def extrinsics(tmp_path: Path) -> str:
    path = tmp_path / 'extrinsics.yaml'
    path.write_text(yaml.safe_dump(EXTRINSICS))
    return str(path)


def heard(frames: Any = None) -> OnlineTruth:
    if frames is None:
        frames = StaticTransforms()
        frames.put(tf_message(EXTRINSICS[0]))
    return OnlineTruth(frames, RunningStdScale())


def tf_message(entry: dict[str, Any]) -> Any:
    """Return what has the face of a TFMessage, whose package need not be installed."""
    stamped = TransformStamped(child_frame_id=entry['child'])
    stamped.header.frame_id = entry['parent']
    move, turn = stamped.transform.translation, stamped.transform.rotation
    move.x, move.y, move.z = entry['translation']
    turn.x, turn.y, turn.z, turn.w = entry['rotation']
    return SimpleNamespace(transforms=[stamped])


def test_truth_outside_the_interval_widens_it_and_inside_narrows_it() -> None:
    truth = heard()
    # The 90 % interval of 10 m with 1 m is 8.50 to 11.77 m.
    truth.put(cloud(5.0, [[20.0, 0.0, 0.0]]))
    truth.learn(published(5.0), gain=0.1, max_offset_s=0.05)
    assert truth.factor == pytest.approx(math.exp(0.1 * 0.9))
    truth.put(cloud(5.1, [[10.5, 0.0, 0.0]]))
    truth.learn(published(5.1), gain=0.1, max_offset_s=0.05)
    assert truth.factor == pytest.approx(math.exp(0.1 * 0.8))
    figures = truth.figures()
    assert figures['on-line truths'] == '2'
    assert figures['truth inside the 90 % interval (%)'] == '50.0'
    assert figures['on-line problem'] == 'none'


def test_range_finder_counts_as_a_point_on_its_axis() -> None:
    truth = heard()
    truth.put(beam(5.0, 20.0))
    truth.learn(published(5.0), gain=0.1, max_offset_s=0.05)
    assert truth.factor == pytest.approx(math.exp(0.09))


def test_each_truth_counts_once_and_for_the_frame_of_its_time_alone() -> None:
    truth = heard()
    truth.put(cloud(5.0, [[20.0, 0.0, 0.0]]))
    truth.learn(published(5.06), gain=0.1, max_offset_s=0.05)
    assert truth.factor == 1.0
    for _ in range(2):
        truth.learn(published(5.04), gain=0.1, max_offset_s=0.05)
    assert truth.figures()['on-line truths'] == '1'


def test_points_beside_the_image_or_behind_it_say_nothing() -> None:
    truth = heard()
    truth.put(cloud(5.0, [[-10.0, 0.0, 0.0], [1.0, 50.0, 0.0]]))
    truth.learn(published(5.0), gain=0.1, max_offset_s=0.05)
    assert truth.figures()['truth inside the 90 % interval (%)'] == 'unknown'


def test_frames_that_are_not_connected_are_a_problem_that_is_told() -> None:
    truth = heard(StaticTransforms())
    truth.put(cloud(5.0, [[20.0, 0.0, 0.0]]))
    truth.learn(published(5.0), gain=0.1, max_offset_s=0.05)
    assert truth.factor == 1.0
    assert '/tf_static: does not connect lidar' in truth.figures()['on-line problem']


def test_range_that_is_no_measurement_gives_no_point() -> None:
    for metres in (0.0, 0.1, 40.0, math.inf, -math.inf, math.nan, -3.0):
        assert not len(points_of_range(beam(1.0, metres)))
    assert points_of_range(beam(1.0, 3.5)).tolist() == [[3.5, 0.0, 0.0]]


def test_wide_beam_is_refused() -> None:
    with pytest.raises(InputError, match=r'field_of_view 0\.47 rad may have hit anything'):
        points_of_range(beam(1.0, 2.0, field_of_view=0.47))


def test_transform_that_is_none_is_left_out() -> None:
    frames = StaticTransforms()
    frames.put(tf_message({**EXTRINSICS[0], 'rotation': [0.0, 0.0, 0.0, 0.0]}))
    with pytest.raises(InputError, match='left out: camera_optical_frame to lidar'):
        frames.matrix('camera_optical_frame', 'lidar')
    frames.put(tf_message(EXTRINSICS[0]))
    # Ahead of the sensor is along z of the camera, and 0.1 m up is -0.1 along its y.
    found = frames.matrix('camera_optical_frame', 'lidar') @ [2.0, 0.0, 0.0, 1.0]
    np.testing.assert_allclose(found, [0.0, -0.1, 2.0, 1.0], atol=1e-12)


@pytest.mark.parametrize('kind', ['points', 'range'])
def test_node_learns_from_the_truth_that_came_for_the_frame_before(
    world: World, predictor: FakePredictor, extrinsics: str, kind: str
) -> None:
    """The fake says 1 to 4 m with 0.1 m; the truth is 20 m."""
    live = world.live(
        predictor, online_truth=kind, online_extrinsics=extrinsics, online_gain=0.2, std_scale=2.0
    )
    sensor = world.add(Node('sensor', context=world.context))
    message = cloud(0.0, [[20.0, 0.0, 0.0]]) if kind == 'points' else beam(0.0, 20.0)
    publisher = sensor.create_publisher(type(message), f'truth/{kind}', 10)
    world.spin_until(publisher.get_subscription_count, 'the node listens to the truth')
    sent = live.camera.send()
    live.audience.wait_for(1)
    assert predictor.factors.std_scale == pytest.approx(2.0)
    message.header.stamp = sent.header.stamp
    publisher.publish(message)
    world.spin_until(lambda: live.node._truth._waiting, 'the truth arrives')
    live.camera.send()
    live.audience.wait_for(2)
    assert predictor.factors.std_scale == pytest.approx(2.0 * math.exp(0.2 * 0.9))
    assert live.node._figures()['on-line truths'] == '1'


def test_without_it_nothing_is_listened_to_and_nothing_told(
    world: World, predictor: FakePredictor
) -> None:
    live = world.live(predictor)
    assert not [s for s in live.node.subscriptions if 'truth' in s.topic_name]
    assert not [name for name in live.node._figures() if 'on-line' in name]


def test_extrinsics_that_cannot_be_read_keep_the_node_inactive(
    world: World, predictor: FakePredictor
) -> None:
    node = world.mono_depth(predictor, online_truth='points', online_extrinsics='/no/such.yaml')
    world.spin_until(
        lambda: world.said('cannot activate: /no/such.yaml: cannot be read'), 'it is said'
    )
    assert world.state_of(node) == 'inactive'


def test_tf_static_is_listened_to_or_missed_in_a_sentence(
    world: World, predictor: FakePredictor
) -> None:
    node = world.mono_depth(predictor, online_truth='points')
    try:
        message_type('')
    except InputError:
        world.spin_until(
            lambda: world.said('cannot activate: tf2_msgs is not installed'), 'it is said'
        )
        return
    world.spin_until_state(node, 'active')
    assert '/tf_static' in {subscription.topic_name for subscription in node.subscriptions}
