# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Colours, points and millimetres over real DDS; changes of parameters while frames come."""

import itertools
import threading
from typing import Any

import numpy as np
import pytest
from rclpy.parameter import Parameter
from sensor_msgs.msg import CameraInfo, Image, PointCloud2

from adu_depth_core.camera import Camera
from adu_depth_core.evaluation.colours import UNKNOWN_COLOUR
from ros_world import FakePredictor, World, rgb_image


def pixels(message: Image, dtype: type, channels: int = 1) -> np.ndarray:
    shape = (message.height, message.width, channels)
    return np.frombuffer(message.data, dtype).reshape(shape).squeeze()


def points(message: PointCloud2) -> np.ndarray:
    names = [field.name for field in message.fields]
    return np.frombuffer(message.data, [(name, np.float32) for name in names])


def change(node: Any, **values: Any) -> None:
    for name, value in values.items():
        (result,) = node.set_parameters([Parameter(name, value=value)])
        assert result.successful, result.reason


def test_raw_depth_is_in_millimetres_and_0_where_unknown(
    world: World, predictor: FakePredictor
) -> None:
    live = world.live(predictor, topics={'depth/image_raw': Image})
    live.camera.send()
    live.audience.wait_for(1)
    message = live.audience['depth/image_raw'][0]
    assert (message.encoding, message.width, message.height, message.step) == ('16UC1', 8, 4, 16)
    assert pixels(message, np.uint16)[:, 1].tolist() == [1000, 2000, 3000, 4000]
    assert pixels(message, np.uint16)[0, 0] == 0


def test_colours_stay_the_same_whatever_else_is_in_the_frame(
    world: World, predictor: FakePredictor
) -> None:
    live = world.live(predictor, topics={'depth_color/image': Image})
    live.camera.send()
    live.audience.wait_for(1)
    taller = world_info(height=8)
    live.camera.infos.publish(taller)
    world.spin_until(lambda: live.node._camera_info.height == 8, 'camera_info arrives')
    live.camera.send(rgb_image(8, 8))  # its depth goes on to 8 m
    live.audience.wait_for(2)
    first, second = (pixels(m, np.uint8, 3) for m in live.audience['depth_color/image'])
    assert live.audience['depth_color/image'][0].encoding == 'rgb8'
    np.testing.assert_array_equal(first, second[:4])
    assert first[0, 0].tolist() == list(UNKNOWN_COLOUR)
    assert len({tuple(row[1]) for row in second}) > 4


def world_info(height: int) -> CameraInfo:
    info = CameraInfo(width=8, height=height)
    info.k = [10.0, 0.0, 3.0, 0.0, 11.0, 2.0, 0.0, 0.0, 1.0]
    return info


def test_points_lie_where_the_camera_saw_them(world: World, predictor: FakePredictor) -> None:
    live = world.live(predictor, topics={'points': PointCloud2}, points_stride=1)
    sent = live.camera.send()
    live.audience.wait_for(1)
    message = live.audience['points'][0]
    assert [field.name for field in message.fields] == ['x', 'y', 'z', 'rgb', 'std']
    read = points(message)
    assert len(read) == 8 * 4 - 1
    camera = Camera(8, 4, fx=9.0, fy=9.5, cx=3.5, cy=1.5)
    depth = np.repeat(np.arange(1, 5, dtype=np.float32), 8).reshape(4, 8)
    expected = camera.back_project(depth).reshape(-1, 3)[1:]
    for axis, name in enumerate('xyz'):
        np.testing.assert_allclose(read[name], expected[:, axis], rtol=1e-6)
    red, green, blue = sent.data[3:6]
    colour = np.ascontiguousarray(read['rgb']).view(np.uint32)[0]
    assert colour == red << 16 | green << 8 | blue
    assert set(read['std']) == {np.float32(0.1)}


def test_topic_of_points_is_there_only_where_it_is_wanted(
    world: World, predictor: FakePredictor
) -> None:
    node = world.mono_depth(predictor, point_cloud=False)
    world.spin_until_state(node, 'active')
    assert node.count_publishers('/points') == 0
    assert node.count_publishers('/depth_color/image') == 1


@pytest.mark.parametrize('topic', ['depth/image_raw', 'depth_color/image', 'points'])
def test_only_what_somebody_listens_to_is_published(
    world: World, predictor: FakePredictor, monkeypatch: pytest.MonkeyPatch, topic: str
) -> None:
    live = world.live(predictor, topics={topic: world.everything[topic]})
    published: list[str] = []
    for publisher in live.node._outputs._publishers:
        monkeypatch.setattr(
            publisher, 'publish', lambda _, name=publisher.topic_name: published.append(name)
        )
    live.camera.send()
    world.spin_until(lambda: live.node.frames_out == 1, 'the image is answered')
    assert published == [f'/{topic}']


def test_what_is_shown_changes_with_the_next_frame(world: World, predictor: FakePredictor) -> None:
    topics = {'points': PointCloud2, 'depth_color/image': Image}
    live = world.live(predictor, topics=topics, points_stride=1)
    changes: list[dict[str, float | int]] = [
        {},
        {'points_max_range': 2.5},
        {'points_max_range': 0.0, 'points_max_std': 0.05},
        {'points_max_std': 0.0, 'points_stride': 4},
        {'color_min_depth': 0.5, 'color_max_depth': 2.5},
    ]
    for count, values in enumerate(changes, start=1):
        change(live.node, **values)
        live.camera.send()
        live.audience.wait_for(count)
    assert [message.width for message in live.audience['points']] == [31, 15, 0, 1, 1]
    shown = [pixels(m, np.uint8, 3)[3, 3].tolist() for m in live.audience['depth_color/image']]
    assert shown[0] == shown[3] != shown[4]


def test_both_ends_of_the_colours_change_together(world: World, predictor: FakePredictor) -> None:
    node = world.mono_depth(predictor, color_min_depth=100.0, color_max_depth=200.0)
    one = node.set_parameters([Parameter('color_max_depth', value=50.0)])[0]
    assert not one.successful
    assert one.reason.startswith('color_min_depth: 100.0 would not be below color_max_depth, 50.0')
    both = [Parameter('color_min_depth', value=1.0), Parameter('color_max_depth', value=50.0)]
    assert node.set_parameters_atomically(both).successful


def test_at_the_size_of_the_network_everything_is_scaled(
    world: World, predictor: FakePredictor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(predictor, 'output_camera', lambda camera: camera.resized(4, 2))
    live = world.live(predictor, topics=world.everything, points_stride=1)
    live.camera.send()
    live.audience.wait_for(1)
    for topic in ('depth/image_rect', 'depth_std/image_rect', 'depth/image_raw'):
        assert (live.audience[topic][0].width, live.audience[topic][0].height) == (4, 2)
    info = live.audience['depth/camera_info'][0]
    assert (info.width, info.height) == (4, 2)
    assert info.k.tolist() == [5, 0, 1.5, 0, 5.5, 1, 0, 0, 1]
    assert info.p.tolist() == [4.5, 0, 1.75, 2.25, 0, 4.75, 0.75, 0, 0, 0, 1, 0]
    assert live.audience['points'][0].width == 4 * 2 - 1


def test_model_writes_into_the_memory_of_the_messages(
    world: World, predictor: FakePredictor, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[Any] = []
    predict = type(predictor).__call__
    monkeypatch.setattr(
        type(predictor),
        '__call__',
        lambda self, image, camera, out: given.append(out) or predict(self, image, camera, out),
    )
    live = world.live(predictor)
    for count in (1, 2):
        live.camera.send()
        live.audience.wait_for(count)
    outputs = live.node._outputs
    for memory in given:
        for values, image in (
            (memory.depth_m, outputs._depth_image),
            (memory.std_m, outputs._std_image),
        ):
            assert np.shares_memory(values, np.frombuffer(image._message.data, np.uint8))


def test_settings_of_size_and_precision_reach_the_model(
    world: World, predictor: FakePredictor
) -> None:
    asked: list[dict[str, Any]] = []

    def load(model: str, **options: Any) -> Any:
        asked.append({'model': model, **options})
        return predictor

    node = world.mono_depth(
        load=load,
        input_size='320x96',
        output_size='network',
        precision='float32',
        device='cpu',
        threads=4,
        engine_cache='/engines',
    )
    world.spin_until_state(node, 'active')
    assert asked == [
        {
            'model': 'tiny',
            'runtime': 'auto',
            'device': 'cpu',
            'precision': 'float32',
            'threads': 4,
            'engine_cache': '/engines',
            'input_size': (320, 96),
            'at_network_size': True,
        }
    ]


def test_model_is_made_ready_for_the_size_of_the_camera(
    world: World, predictor: FakePredictor
) -> None:
    node = world.mono_depth(predictor, camera_size='641x479')
    world.spin_until_state(node, 'active')
    assert predictor.warm_sizes == [(641, 479)]
    assert world.said('model tiny runs on fake, cpu, float32, ready for images of 641x479')


def test_parameters_that_change_while_frames_come_do_no_harm(
    world: World, predictor: FakePredictor
) -> None:
    live = world.live(predictor, topics=world.everything)
    ended = threading.Event()

    def keep_changing() -> None:
        for odd in itertools.cycle((0, 1)):
            if ended.is_set():
                return
            live.node.set_parameters([Parameter('max_depth', value=10.0 + odd)])
            live.node.set_parameters([Parameter('points_stride', value=1 + odd)])
            live.node.set_parameters([Parameter('color_min_depth', value=1.0 + odd)])

    changing = threading.Thread(target=keep_changing)
    changing.start()
    sent = 0
    try:
        while sent < 40 or not {10.0, 11.0} <= limits_seen(predictor):
            assert sent < 2000, f'the changes do not arrive: {limits_seen(predictor)}'
            live.camera.send()
            sent += 1
            world.spin_until(
                lambda count=sent: live.node.frames_out + live.node.dropped == count,
                'the image is worked on',
            )
    finally:
        ended.set()
        changing.join()
    assert (live.node.frames_out, live.node.dropped) == (sent, 0)
    assert limits_seen(predictor) <= {80.0, 10.0, 11.0}
    assert {message.width for message in live.audience['points']} <= {31, 7}


def limits_seen(predictor: FakePredictor) -> set[float]:
    return {limit for limit, _ in predictor.limits}
