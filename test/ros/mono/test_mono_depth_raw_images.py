# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Raw images of distorted cameras in the mono node, over DDS."""

from typing import Any

import cv2
import numpy as np
import pytest
from rclpy.parameter import Parameter
from sensor_msgs.msg import CameraInfo, Image

from adu_depth_core.camera import Camera
from adu_depth_core.samples.raw_image import RawImage
from ros_world import FakePredictor, World, rgb_image

RAW = '/camera/image_raw'
K, D = [10.0, 0.0, 3.0, 0.0, 11.0, 2.0, 0.0, 0.0, 1.0], [-0.2, 0.05, 0.01, -0.01, 0.0]
P = [9.0, 0.0, 3.5, -4.5, 0.0, 9.5, 1.5, 0.0, 0.0, 0.0, 1.0, 0.0]
LENS = {'distortion_model': 'plumb_bob', 'd': D, 'k': K, 'r': np.eye(3).ravel().tolist(), 'p': P}
PAIR = {'rectified_image': Image, 'depth/camera_info': CameraInfo, 'depth/image_rect': Image}
RECTIFIED = Camera(8, 4, 9.0, 9.5, 3.5, 1.5)


class RawCamera:
    """A node that listens to a raw topic, a camera before it and an audience behind it."""

    def __init__(self, world: World, predictor: FakePredictor, **parameters: Any) -> None:
        self.world, self.predictor = world, predictor
        self.audience, self.camera = world.audience(topics=PAIR), world.camera(image=RAW)
        remapping = ['--ros-args', '-r', f'image_rect:={RAW}']
        self.node = world.mono_depth(predictor, cli_args=remapping, **parameters)
        world.spin_until_state(self.node, 'active')
        self.camera.wait_for_node()
        self.audience.wait_for_node(self.node)

    def answered(self, **fields: Any) -> dict[str, Any]:
        """Send a calibration and an image, and return what is published for it."""
        count = 1 + len(self.audience['rectified_image'])
        self.camera.send_info(self.node, **{**LENS, **fields})
        sent = self.camera.send()
        self.audience.wait_for(count)
        answers = {topic: self.audience[topic][-1] for topic in PAIR}
        assert {answer.header.stamp.sec for answer in answers.values()} == {sent.header.stamp.sec}
        return answers


def pixels_of(message: Image) -> np.ndarray:
    return np.array(message.data).reshape(message.height, message.width, 3)


def test_raw_image_gives_depth_of_the_rectified_camera(
    world: World, predictor: FakePredictor
) -> None:
    answers = RawCamera(world, predictor).answered()
    given = predictor.images[-1]
    assert isinstance(given, RawImage)
    assert given.rectification.lens.camera == Camera(8, 4, 10.0, 11.0, 3.0, 2.0)
    assert predictor.cameras[-1] == given.rectification.camera == RECTIFIED
    info = answers['depth/camera_info']
    assert (info.width, info.height, list(info.d)) == (8, 4, [0.0] * 5)
    assert info.k.tolist() == [9.0, 0.0, 3.5, 0.0, 9.5, 1.5, 0.0, 0.0, 1.0]
    assert info.p.tolist() == P
    assert info.r.tolist() == np.eye(3).ravel().tolist()
    sent = pixels_of(rgb_image())
    maps = cv2.initUndistortRectifyMap(
        np.reshape(K, (3, 3)), np.array(D), np.eye(3), RECTIFIED.matrix, (8, 4), cv2.CV_32FC1
    )
    expected = cv2.remap(sent, *maps, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    np.testing.assert_allclose(pixels_of(answers['rectified_image']), expected, atol=2)
    assert (
        len(world.said(f'{RAW} does not look rectified by its name; the node rectifies it')) == 1
    )


def test_field_of_view_can_be_chosen_at_work(world: World, predictor: FakePredictor) -> None:
    raw = RawCamera(world, predictor)
    assert raw.answered()['depth/camera_info'].p[0] == 9.0
    (done,) = raw.node.set_parameters([Parameter('rectified_fov', value=90.0)])
    assert done.successful
    info = raw.answered()['depth/camera_info']
    assert info.p.tolist() == pytest.approx([4, 0, 3.5, -2, 0, 4, 1.5, 0, 0, 0, 1, 0])


def test_never_leaves_the_image_as_it_is(world: World, predictor: FakePredictor) -> None:
    answers = RawCamera(world, predictor, rectify='never').answered()
    np.testing.assert_array_equal(predictor.images[-1], pixels_of(rgb_image()))
    np.testing.assert_array_equal(pixels_of(answers['rectified_image']), pixels_of(rgb_image()))
    assert answers['depth/camera_info'].k.tolist() == K
    assert len(world.said('does not look rectified by its name; set rectify to auto')) == 1


def test_always_takes_any_topic_as_raw(world: World, predictor: FakePredictor) -> None:
    live = world.live(predictor, rectify='always')
    live.camera.send_info(live.node, **LENS)
    live.camera.send()
    live.audience.wait_for(1)
    assert isinstance(predictor.images[-1], RawImage)
    assert len(world.said('the node rectifies it, as rectify:=always says')) == 1


def test_lens_that_is_not_known_is_said_and_the_node_goes_on(
    world: World, predictor: FakePredictor
) -> None:
    raw = RawCamera(world, predictor)
    raw.camera.send_info(raw.node, **{**LENS, 'distortion_model': 'ftheta'})
    raw.camera.send()
    world.spin_until(lambda: raw.node.dropped == 1, 'the image is dropped')
    assert len(world.said('/camera_info: distortion_model "ftheta" is not known here, only')) == 1
    raw.answered()
    assert (raw.node.dropped, raw.node.frames_out) == (1, 1)


def test_points_have_the_colours_of_the_rectified_image(
    world: World, predictor: FakePredictor
) -> None:
    from sensor_msgs.msg import PointCloud2

    views = {'rectified_image': Image, 'points': PointCloud2}
    audience, camera = world.audience(topics=views), world.camera(image=RAW)
    remapping = ['--ros-args', '-r', f'image_rect:={RAW}']
    node = world.mono_depth(predictor, cli_args=remapping, points_stride=1)
    world.spin_until_state(node, 'active')
    camera.wait_for_node()
    audience.wait_for_node(node)
    camera.send_info(node, **LENS)
    camera.send()
    audience.wait_for(1)
    cloud = audience['points'][0]
    fields = np.frombuffer(bytes(cloud.data), np.uint8).reshape(-1, cloud.point_step)
    colour = next(field.offset for field in cloud.fields if field.name == 'rgb')
    colours = fields[:, colour : colour + 3][:, ::-1]  # blue first
    picture = pixels_of(audience['rectified_image'][0]).reshape(-1, 3)
    # One pixel of the fake model is unknown: the first.
    np.testing.assert_array_equal(colours, picture[1:])


def test_model_at_its_own_size_has_the_pair_at_that_size(
    world: World, predictor: FakePredictor
) -> None:
    predictor.output_camera = lambda camera: camera.resized(4, 2)
    answers = RawCamera(world, predictor).answered()
    assert {(m.width, m.height) for m in answers.values()} == {(4, 2)}
    assert answers['depth/camera_info'].p.tolist() == [v / 2 for v in P[:10]] + [1.0, 0.0]
