# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Bad input: the node says once what is wrong, and goes on when good frames come."""

from collections.abc import Callable
from typing import Any

import pytest
from sensor_msgs.msg import CompressedImage, Image

from adu_depth_core.errors import InputError
from ros_world import FakePredictor, World, rgb_image


def short_data(image: Image) -> None:
    image.data = image.data[:-1]


def unknown_encoding(image: Image) -> None:
    image.encoding = 'nv16'


def zero_size(image: Image) -> None:
    image.width = image.height = image.step = 0
    image.data = image.data[:0]


def short_step(image: Image) -> None:
    image.step = 5


def absurd_size(image: Image) -> None:
    image.width = image.height = 2**31


def no_data(image: Image) -> None:
    image.data = image.data[:0]


@pytest.mark.parametrize(
    ('spoil', 'sentence'),
    [
        (short_data, '/image_rect: data has 95 bytes, but 4 rows of 24 bytes have 96; '),
        (unknown_encoding, '/image_rect: encoding "nv16" is not supported here; '),
        (zero_size, '/image_rect: the image is 0x0 pixels; '),
        (short_step, '/image_rect: step is 5, but a row of 8 pixels in rgb8 has 24 bytes; '),
        (absurd_size, '/image_rect: the image has 2147483648x2147483648 pixels, more than '),
        (no_data, '/image_rect: data has 0 bytes, but 4 rows of 24 bytes have 96; '),
    ],
)
def test_bad_image_is_dropped_said_once_and_survived(
    world: World,
    predictor: FakePredictor,
    monkeypatch: pytest.MonkeyPatch,
    spoil: Callable[[Image], None],
    sentence: str,
) -> None:
    monkeypatch.setattr('adu_depth_ros.nodes.fault_log.PAUSE_S', 0.0)
    live = world.live(predictor)
    for count in (1, 2, 3):
        image = rgb_image()
        spoil(image)
        live.camera.send(image)
        world.spin_until(lambda count=count: live.node.dropped == count, 'the image is dropped')
    assert len(world.said(sentence)) == 1
    live.camera.send()
    live.audience.wait_for(1)
    image = rgb_image()
    spoil(image)
    live.camera.send(image)
    world.spin_until(lambda: live.node.dropped == 4, 'the image is dropped')
    assert len(world.said(sentence)) == 2


@pytest.mark.parametrize(
    ('fields', 'sentence'),
    [
        (
            {'k': [0.0] * 9, 'p': [0.0] * 12},
            '/camera_info: P[0] is 0 and K[0] is 0, the camera is not calibrated',
        ),
        (
            {'width': 16, 'height': 9},
            '/camera_info: describes an image of 16x9 pixels, but the image has 8x4;',
        ),
        ({'k': [float('nan')] * 9, 'p': [0.0] * 12}, 'K[0] is nan, the camera is not'),
        ({'k': [-10.0] * 9, 'p': [0.0] * 12}, 'K[0] is -10, the camera is not calibrated'),
        ({'k': [float('inf')] * 9, 'p': [0.0] * 12}, 'hold a value that is not finite'),
    ],
)
def test_bad_camera_info_is_said_once_and_survived(
    world: World, predictor: FakePredictor, fields: dict[str, Any], sentence: str
) -> None:
    live = world.live(predictor)
    live.camera.send_info(live.node, **fields)
    for count in (1, 2):
        live.camera.send()
        world.spin_until(lambda count=count: live.node.dropped == count, 'the image is dropped')
    assert len(world.said(sentence)) == 1
    assert predictor.images == []
    live.camera.send_info(live.node)
    live.camera.send()
    live.audience.wait_for(1)


def test_missing_camera_info_is_said_once_with_its_topic(
    world: World, predictor: FakePredictor
) -> None:
    audience, camera = world.audience(), world.camera()
    node = world.mono_depth(predictor)
    world.spin_until_state(node, 'active')
    camera.wait_for_node()
    audience.wait_for_node(node)
    for count in (1, 2):
        camera.send()
        world.spin_until(lambda count=count: node.dropped == count, 'the image is dropped')
    assert world.said('no camera_info on') == ['no camera_info on /camera_info yet; publishers: 1']
    camera.send_info(node)
    camera.send()
    audience.wait_for(1)


@pytest.mark.parametrize('sim_time', [False, True])  # which stands still here
def test_image_that_never_comes_is_said_once_with_its_topic(world: World, sim_time: bool) -> None:
    world.mono_depth(patience_s=0.1, name_space='robot', use_sim_time=sim_time)
    sentence = 'no image on /robot/image_rect yet; publishers: 0'
    world.spin_until(lambda: any(log.msg == sentence for log in world.logs), sentence)
    assert len(world.said('no image on')) == 1
    assert len(world.said('no camera_info on /robot/camera_info yet; publishers: 0')) == 1


def test_nothing_is_missed_where_all_came_in_time(world: World, predictor: FakePredictor) -> None:
    live = world.live(predictor, patience_s=1.0)
    live.camera.send()
    live.audience.wait_for(1)
    world.spin_until(lambda: live.node._patience.is_canceled(), 'the patience ends')
    assert world.said(' yet; publishers: ') == []


def test_undecodable_picture_is_said_once_and_survived(
    world: World, predictor: FakePredictor
) -> None:
    audience = world.audience()
    camera = world.camera(kind=CompressedImage, image='image_rect/compressed')
    node = world.mono_depth(predictor, image_transport='compressed')
    world.spin_until_state(node, 'active')
    camera.wait_for_node()
    audience.wait_for_node(node)
    camera.send_info(node)
    camera.send(CompressedImage(format='jpeg', data=b'\xff\xd8 no'))
    world.spin_until(lambda: node.dropped == 1, 'the image is dropped')
    said = world.said('/image_rect/compressed: JPEG that breaks off before its end')
    assert len(said) == 1
    assert world.state_of(node) == 'active'


@pytest.mark.parametrize(
    ('error', 'sentence'),
    [
        (InputError('the model takes no such image'), 'the model takes no such image'),
        (RuntimeError('CUDA\n  out of memory'), 'RuntimeError: CUDA out of memory'),
    ],
)
def test_model_that_fails_is_said_once_and_the_next_frame_is_tried(
    world: World, predictor: FakePredictor, error: Exception, sentence: str
) -> None:
    live = world.live(predictor)
    predictor.error = error
    for count in (1, 2):
        live.camera.send()
        world.spin_until(lambda count=count: live.node.dropped == count, 'the image is dropped')
    assert world.said(sentence) == [sentence]
    predictor.error = None
    live.camera.send()
    world.spin_until(lambda: live.node.frames_out == 1, 'depth is published')
    assert (live.node.frames_in, live.node.dropped) == (3, 2)


def test_distorted_camera_is_told_once_and_its_images_are_used(
    world: World, predictor: FakePredictor
) -> None:
    audience, camera = world.audience(), world.camera(image='/camera/image_raw')
    node = world.mono_depth(
        predictor, cli_args=['--ros-args', '-r', 'image_rect:=/camera/image_raw']
    )
    world.spin_until_state(node, 'active')
    camera.wait_for_node()
    audience.wait_for_node(node)
    camera.send_info(node)
    for count in (1, 2):
        camera.send()
        audience.wait_for(count)
        camera.send_info(node)
    assert len(world.said('/camera_info: the lens is distorted (D is not 0)')) == 1
    assert node.dropped == 0


def test_flood_of_foreign_words_is_one_line_that_forges_none(
    world: World, predictor: FakePredictor
) -> None:
    live = world.live(predictor)
    for count in range(1, 31):
        image = rgb_image()
        image.encoding = f'jpeg{"x" * count}\n[ERROR] [robot]: falls\x1b[2J'
        live.camera.send(image)
        world.spin_until(lambda count=count: live.node.dropped == count, 'the image is dropped')
    (sentence,) = world.said('is not supported')
    assert r'encoding "jpegx\n[ERROR] [robot]: falls\x1b[2J"' in sentence
    assert sentence.isprintable()


def test_word_without_end_is_cut_short_in_the_log(world: World, predictor: FakePredictor) -> None:
    live, image = world.live(predictor), rgb_image()
    image.encoding = 'x' * 100_000
    live.camera.send(image)
    world.spin_until(lambda: live.node.dropped == 1, 'the image is dropped')
    (sentence,) = world.said('xxx')
    assert len(sentence) < 1100


def test_frame_that_is_not_optical_is_said_once_on_one_line(
    world: World, predictor: FakePredictor
) -> None:
    live = world.live(predictor)
    for count, focal in enumerate((10.0, 11.0, 10.0), start=1):  # each time a new calibration
        live.camera.send_info(live.node, k=[focal, 0.0, 3.0, 0.0, 11.0, 2.0, 0.0, 0.0, 1.0])
        image = rgb_image()
        image.header = live.camera.header()
        image.header.frame_id = 'base\nlink'
        live.camera.images.publish(image)
        live.audience.wait_for(count)
    (sentence,) = world.said('does not name an optical frame')
    assert r'frame_id "base\nlink"' in sentence
