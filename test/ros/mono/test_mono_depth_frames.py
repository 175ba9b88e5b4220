# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What the node publishes for the images it gets, over real DDS."""

import cv2
import numpy as np
import pytest
from rclpy.parameter import Parameter
from sensor_msgs.msg import CompressedImage, Image

from adu_depth_core.camera import Camera
from ros_world import FakePredictor, World, rgb_image


def metres(message: Image) -> np.ndarray:
    return np.frombuffer(message.data, np.float32).reshape(message.height, message.width)


def test_every_output_has_stamp_and_frame_of_its_image(
    world: World, predictor: FakePredictor
) -> None:
    live = world.live(predictor)
    for count in (1, 2):
        sent = live.camera.send()
        live.audience.wait_for(count)
        for topic in live.audience.TOPICS:
            assert live.audience[topic][-1].header == sent.header
    world.spin_until(lambda: live.node.frames_out == 2, 'both are counted')


def test_depth_and_std_arrive_in_metres_with_their_unknown_pixels(
    world: World, predictor: FakePredictor
) -> None:
    live = world.live(predictor)
    live.camera.send()
    live.audience.wait_for(1)
    depth, std = live.audience['depth/image_rect'][0], live.audience['depth_std/image_rect'][0]
    for message in (depth, std):
        assert (message.encoding, message.width, message.height) == ('32FC1', 8, 4)
        assert message.step == 32
        np.testing.assert_array_equal(np.isnan(metres(message)).nonzero(), ([0], [0]))
    assert metres(depth)[:, 1].tolist() == [1, 2, 3, 4]
    assert metres(std)[3, 7] == np.float32(0.1)


def test_camera_info_is_that_of_the_camera_for_a_rectified_image(
    world: World, predictor: FakePredictor
) -> None:
    live = world.live(predictor)
    live.camera.send()
    live.audience.wait_for(1)
    for topic in ('depth/camera_info', 'depth_std/camera_info'):
        info = live.audience[topic][0]
        assert (info.width, info.height) == (8, 4)
        assert info.k.tolist() == [10, 0, 3, 0, 11, 2, 0, 0, 1]
        assert info.p.tolist() == [9, 0, 3.5, 4.5, 0, 9.5, 1.5, 0, 0, 0, 1, 0]
        assert set(info.d) == {0.0}
        assert info.r.tolist() == [1, 0, 0, 0, 1, 0, 0, 0, 1]
    assert predictor.cameras == [Camera(8, 4, fx=9.0, fy=9.5, cx=3.5, cy=1.5)]


def test_images_may_change_their_size_while_they_come(
    world: World, predictor: FakePredictor
) -> None:
    live = world.live(predictor)
    for count, (width, height) in enumerate(((8, 4), (16, 8), (8, 4)), 1):
        live.camera.send_info(live.node, width=width, height=height)
        live.camera.send(rgb_image(width, height))
        live.audience.wait_for(count)
        depth, info = (
            live.audience[f'depth/{topic}'][-1] for topic in ('image_rect', 'camera_info')
        )
        assert (depth.width, depth.height, depth.step) == (width, height, 4 * width)
        assert metres(depth)[:, 1].tolist() == list(range(1, height + 1))
        assert (info.width, info.height) == (width, height)


def test_calibration_kept_by_the_node_is_not_changed_by_publishing(
    world: World, predictor: FakePredictor
) -> None:
    live = world.live(predictor)
    sent = live.camera.send_info(live.node)
    live.camera.send()
    live.audience.wait_for(1)
    assert live.node._camera_info == sent


def test_predictor_sees_the_pixels_without_the_padding_of_the_rows(
    world: World, predictor: FakePredictor
) -> None:
    plain = rgb_image()
    rows = np.frombuffer(plain.data, np.uint8).reshape(4, 24)
    padded = Image(width=8, height=4, encoding='rgb8', step=31)
    padded.data.frombytes(np.pad(rows, ((0, 0), (0, 7)), constant_values=255).tobytes())
    live = world.live(predictor)
    live.camera.send(padded)
    live.audience.wait_for(1)
    np.testing.assert_array_equal(predictor.images[0], rows.reshape(4, 8, 3))


def test_sixteen_bit_images_are_seen_by_their_high_byte(
    world: World, predictor: FakePredictor
) -> None:
    image = Image(width=8, height=4, encoding='mono16', step=16)
    image.data.frombytes(np.full((4, 8), 0x7B01, '<u2').tobytes())
    live = world.live(predictor)
    live.camera.send(image)
    live.audience.wait_for(1)
    np.testing.assert_array_equal(predictor.images[0], np.full((4, 8, 3), 0x7B))


def test_compressed_images_are_read_beside_the_remapped_topic(
    world: World, predictor: FakePredictor
) -> None:
    audience = world.audience()
    camera = world.camera(kind=CompressedImage, image='/front/image/compressed')
    node = world.mono_depth(
        predictor,
        cli_args=['--ros-args', '-r', 'image_rect:=/front/image'],
        image_transport='compressed',
    )
    world.spin_until_state(node, 'active')
    camera.wait_for_node()
    audience.wait_for_node(node)
    camera.send_info(node, d=[0.0] * 5)
    picture = np.full((4, 8, 3), [10, 20, 30], np.uint8)
    message = CompressedImage(format='bgr8; png compressed bgr8')
    message.data.frombytes(cv2.imencode('.png', picture)[1].tobytes())
    sent = camera.send(message)
    audience.wait_for(1)
    assert predictor.images[0][0, 0].tolist() == [30, 20, 10]
    assert audience['depth/image_rect'][0].header == sent.header


@pytest.mark.parametrize('reliable_camera', [True, False])
@pytest.mark.parametrize('reliable_audience', [True, False])
def test_reliable_and_best_effort_get_through_in_any_combination(
    world: World, predictor: FakePredictor, reliable_camera: bool, reliable_audience: bool
) -> None:
    live = world.live(
        predictor,
        topics=world.everything,
        reliable=reliable_audience,
        camera_options={'reliable': reliable_camera},
    )
    sent = live.camera.send()
    live.audience.wait_for(1)
    for topic in world.everything:
        header = live.audience[topic][0].header
        assert header.stamp == sent.header.stamp
        # A scan lies in a frame of its own, whose x points ahead.
        assert (header.frame_id == sent.header.frame_id) == (topic != 'laser_scan')


def test_newest_image_wins_and_the_others_are_counted(
    world: World, predictor: FakePredictor
) -> None:
    live = world.live(predictor)
    predictor.gate.clear()
    live.camera.send()
    world.spin_until(lambda: predictor.images, 'work on the first image begins')
    for count in range(2, 6):  # one by one: the subscription keeps only one, too
        newest = live.camera.send()
        world.spin_until(lambda count=count: live.node.frames_in == count, 'the image arrives')
    predictor.gate.set()
    live.audience.wait_for(2)
    assert live.audience['depth/image_rect'][1].header == newest.header
    world.spin_until(lambda: live.node.frames_out == 2, 'both are counted')
    assert (live.node.frames_in, live.node.dropped) == (5, 3)


def test_images_at_200_hz_leave_none_uncounted(world: World, predictor: FakePredictor) -> None:
    live = world.live(predictor)
    timer = live.camera.node.create_timer(0.005, live.camera.send)
    world.spin_until(lambda: live.camera.sent >= 100, 'the camera sends')
    timer.cancel()
    last = live.camera.send()
    depth = live.audience['depth/image_rect']
    world.spin_until(lambda: depth and depth[-1].header == last.header, 'the last is answered')
    node = live.node
    world.spin_until(
        lambda: node.frames_out + node.dropped + node.frames_unwanted == node.frames_in,
        'each image that came is answered or counted',
    )
    stamps = [message.header.stamp.sec for message in depth]
    assert stamps == sorted(set(stamps))
    assert node.frames_out >= len(depth)


def test_node_answers_while_the_model_is_at_work(world: World, predictor: FakePredictor) -> None:
    live = world.live(predictor)
    predictor.gate.clear()
    live.camera.send()
    world.spin_until(lambda: predictor.images, 'work on the image begins')
    live.camera.send_info(live.node)  # arrives, although the gate is closed
    assert live.node.frames_out == 0
    predictor.gate.set()
    live.audience.wait_for(1)


def test_without_audience_nothing_is_computed(world: World, predictor: FakePredictor) -> None:
    camera = world.camera()
    node = world.mono_depth(predictor)
    world.spin_until_state(node, 'active')
    camera.wait_for_node()
    camera.send_info(node)
    camera.send()
    world.spin_until(lambda: node.frames_in == 1, 'the image arrives')
    assert (node.frames_unwanted, node.dropped, len(predictor.images)) == (1, 0, 0)
    world.audience().wait_for_node(node)
    camera.send()
    world.spin_until(lambda: node.frames_out == 1, 'depth is published')
    assert len(predictor.images) == 1


@pytest.mark.parametrize('topic', ['depth/camera_info', 'depth_std/image_rect'])
def test_one_subscriber_of_any_output_is_audience_enough(
    world: World, predictor: FakePredictor, topic: str
) -> None:
    live = world.live(predictor)
    for subscription in live.audience.subscriptions:
        if subscription.topic_name != f'/{topic}':
            live.audience.node.destroy_subscription(subscription)
    publishers = live.node._outputs._publishers
    world.spin_until(
        lambda: sum(p.get_subscription_count() for p in publishers) == 1, 'the others leave'
    )
    live.camera.send()
    world.spin_until(lambda: live.audience[topic], 'the one topic arrives')


def test_publisher_that_restarts_is_heard_again(world: World, predictor: FakePredictor) -> None:
    live = world.live(predictor)
    live.camera.send()
    live.audience.wait_for(1)
    world.remove(live.camera.node)
    camera = world.camera()
    camera.wait_for_node()
    camera.send_info(live.node)
    sent = camera.send()
    live.audience.wait_for(2)
    assert live.audience['depth/image_rect'][1].header == sent.header
    assert live.node.dropped == 0


def test_node_works_in_a_namespace(world: World, predictor: FakePredictor) -> None:
    audience = world.audience(name_space='/robot')
    camera = world.camera(name_space='/robot')
    node = world.mono_depth(predictor, name_space='robot')
    world.spin_until_state(node, 'active')
    camera.wait_for_node()
    audience.wait_for_node(node)
    camera.send_info(node)
    camera.send()
    audience.wait_for(1)


def test_limits_of_depth_take_effect_with_the_next_frame(
    world: World, predictor: FakePredictor
) -> None:
    live = world.live(predictor, max_relative_std=0.25)
    settings = [{}, {'max_depth': 12.5}, {'max_relative_std': 0.1}, {'max_depth': 0.0}]
    for count, changes in enumerate(settings, start=1):
        for name, value in changes.items():
            assert live.node.set_parameters([Parameter(name, value=value)])[0].successful
        live.camera.send()
        live.audience.wait_for(count)
    assert predictor.limits == [(80.0, 0.25), (12.5, 0.25), (12.5, 0.1), (80.0, 0.1)]


def test_quality_of_service_can_be_overridden_and_a_misfit_is_logged(
    world: World, predictor: FakePredictor
) -> None:
    world.camera(reliable=False)
    overrides = {'qos_overrides./image_rect.subscription.reliability': 'reliable'}
    node = world.mono_depth(predictor, **overrides)
    world.spin_until_state(node, 'active')
    misfit = "New publisher discovered on topic '/image_rect', offering incompatible QoS."
    world.spin_until(lambda: any(misfit in log.msg for log in world.logs), 'the misfit is logged')
