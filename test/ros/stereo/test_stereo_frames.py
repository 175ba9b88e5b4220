# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What the stereo node publishes for the pairs it gets, over real DDS."""

import cv2
import numpy as np
import pytest
from rclpy.parameter import Parameter
from sensor_msgs.msg import CompressedImage, Image

from adu_depth_core.camera import Camera, StereoRig
from adu_depth_core.messages.disparity import disparity_of
from stereo_world import FakeTeacher, StereoWorld, image_of

CAMERA = Camera(8, 4, fx=10.0, fy=10.0, cx=3.5, cy=1.5)


def metres(message: Image) -> np.ndarray:
    return np.frombuffer(message.data, np.float32).reshape(message.height, message.width)


def pixels(message: Image) -> np.ndarray:
    return np.frombuffer(message.data, np.uint8).reshape(message.height, message.width, 3)


def test_every_output_has_stamp_and_frame_of_the_left_image(
    stereo: StereoWorld, teacher: FakeTeacher
) -> None:
    node, rig = stereo.active(teacher)
    audience = stereo.audience(node)
    for count in (1, 2):
        sent = rig.send(node)
        audience.wait_for(count)
        for messages in audience.received.values():
            assert messages[-1].header == sent.header
        assert audience['disparity'][-1].image.header == sent.header
    stereo.spin_until(lambda: node.frames_out == 2, 'both are counted')
    assert (node.images_in, node.pairs_in, node.unmatched, node.dropped) == (4, 2, 0, 0)


def test_teacher_sees_both_images_and_their_rig(stereo: StereoWorld, teacher: FakeTeacher) -> None:
    node, rig = stereo.active(teacher)
    audience = stereo.audience(node)
    left = rig.send(node)
    audience.wait_for(1)
    assert teacher.is_warm
    assert teacher.rigs == [StereoRig(CAMERA, CAMERA, 0.5)]
    seen_left, seen_right = teacher.pairs[0]
    np.testing.assert_array_equal(seen_left, pixels(left))
    assert not np.array_equal(seen_left, seen_right)


def test_depth_and_std_arrive_in_metres_and_nan_beyond_the_limits(
    stereo: StereoWorld, teacher: FakeTeacher
) -> None:
    node, rig = stereo.active(teacher)
    audience = stereo.audience(node)
    rig.send(node)
    audience.wait_for(1)
    depth, std = audience['depth/image_rect'][0], audience['depth_std/image_rect'][0]
    for message in (depth, std):
        assert (message.encoding, message.width, message.height) == ('32FC1', 8, 4)
        # 100 m are beyond the model's 80 m, and 1.5 m beyond half of 2 m.
        np.testing.assert_array_equal(np.isnan(metres(message)).nonzero(), ([0, 1], [0, 0]))
    assert metres(depth)[:, 1].tolist() == [1, 2, 3, 4]
    assert metres(std)[3, 7] == np.float32(0.1)


def test_disparity_is_focal_length_times_baseline_over_depth(
    stereo: StereoWorld, teacher: FakeTeacher
) -> None:
    node, rig = stereo.active(teacher)
    audience = stereo.audience(node)
    rig.send(node)
    audience.wait_for(1)
    message = audience['disparity'][0]
    assert (message.f, message.t) == (10.0, 0.5)
    disparity = metres(message.image)
    assert message.image.encoding == '32FC1'
    np.testing.assert_allclose(disparity[:, 1], [5, 2.5, 5 / 3, 1.25])
    np.testing.assert_array_equal(np.isnan(disparity).nonzero(), ([0, 1], [0, 0]))
    assert (message.min_disparity, message.max_disparity) == (0.0, 5.0)
    read = disparity_of(message)
    np.testing.assert_array_equal(read.disparity_px, disparity)  # the farthest points too
    assert (message.valid_window.width, message.valid_window.height) == (8, 4)


def test_camera_info_is_that_of_the_left_camera(stereo: StereoWorld, teacher: FakeTeacher) -> None:
    node, rig = stereo.active(teacher)
    audience = stereo.audience(node)
    rig.send(node)
    audience.wait_for(1)
    for topic in ('depth/camera_info', 'depth_std/camera_info'):
        found = audience[topic][0]
        assert found.p.tolist() == [10, 0, 3.5, 0, 0, 10, 1.5, 0, 0, 0, 1, 0]
        assert (found.width, found.height, found.header.frame_id) == (8, 4, 'left_optical_frame')


@pytest.mark.parametrize(
    ('slop', 'delay_ns', 'pairs'), [(0.0, 0, 1), (0.0, 1, 0), (0.002, 10**6, 1)]
)
def test_stamps_may_differ_by_the_slop(
    stereo: StereoWorld, teacher: FakeTeacher, slop: float, delay_ns: int, pairs: int
) -> None:
    node, rig = stereo.active(teacher, pairing_slop=slop)
    sent = rig.send(node, delay_ns=delay_ns)
    assert node.pairs_in == pairs
    if pairs and delay_ns:
        audience = stereo.audience(node)
        sent = rig.send(node, delay_ns=delay_ns)
        audience.wait_for(1)
        assert audience['depth/image_rect'][0].header == sent.header


def test_images_without_a_partner_are_counted_and_do_not_pile_up(
    stereo: StereoWorld, teacher: FakeTeacher
) -> None:
    node, rig = stereo.active(teacher)
    grey = np.zeros((4, 8, 3), np.uint8)
    for number in range(12):
        rig.send_one(node, 'left', image_of(grey), number * 10**8)
    assert (node.images_in, node.pairs_in) == (12, 0)
    assert node.unmatched == 4
    rig.send_one(node, 'right', image_of(grey), 11 * 10**8)
    assert (node.pairs_in, node.unmatched) == (1, 11)


def test_newest_pair_wins_and_the_others_are_counted(
    stereo: StereoWorld, teacher: FakeTeacher
) -> None:
    node, rig = stereo.active(teacher)
    audience = stereo.audience(node)
    teacher.gate.clear()
    rig.send(node)
    stereo.spin_until(lambda: teacher.pairs, 'work on the first pair begins')
    for _ in range(4):
        newest = rig.send(node)
    teacher.gate.set()
    audience.wait_for(2)
    assert audience['depth/image_rect'][1].header == newest.header
    stereo.spin_until(lambda: node.frames_out == 2, 'both are counted')
    assert (node.pairs_in, node.dropped) == (5, 3)


def test_without_audience_and_recording_nothing_is_computed(
    stereo: StereoWorld, teacher: FakeTeacher
) -> None:
    node, rig = stereo.active(teacher)
    rig.send(node)
    assert (node.pairs_in, node.frames_unwanted, teacher.pairs) == (1, 1, [])


@pytest.mark.parametrize('topic', ['depth_std/camera_info', 'disparity'])
def test_one_subscriber_of_any_output_is_audience_enough(
    stereo: StereoWorld, teacher: FakeTeacher, topic: str
) -> None:
    node, rig = stereo.active(teacher)
    audience = stereo.audience(node, topic)
    rig.send(node)
    audience.wait_for(1)


def test_compressed_images_are_read_beside_their_remapped_topics(
    stereo: StereoWorld, teacher: FakeTeacher
) -> None:
    cli_args = ['--ros-args', '-r', 'left/image_rect:=/front/left/image_rect']
    node = stereo.node(teacher, cli_args=cli_args, image_transport='compressed')
    stereo.world.spin_until_state(node, 'active')
    rig = stereo.rig(kind=CompressedImage)
    front = stereo.rig(kind=CompressedImage, name_space='/front')
    rig.images['left'] = front.images['left']
    rig.wait_for_node()
    rig.send_infos(node)
    audience = stereo.audience(node)
    messages = []
    for grey in (10, 20):
        picture = np.full((4, 8, 3), grey, np.uint8)
        message = CompressedImage(format='bgr8; png compressed bgr8')
        message.data.frombytes(cv2.imencode('.png', picture)[1].tobytes())
        messages.append(message)
    rig.send(node, *messages)
    audience.wait_for(1)
    assert [int(seen[0, 0, 0]) for seen in teacher.pairs[0]] == [10, 20]


def test_node_works_in_a_namespace(stereo: StereoWorld, teacher: FakeTeacher) -> None:
    node, rig = stereo.active(teacher, name_space='robot')
    audience = stereo.audience(node, name_space='/robot')
    rig.send(node)
    audience.wait_for(1)


def test_limits_of_depth_take_effect_with_the_next_pair(
    stereo: StereoWorld, teacher: FakeTeacher
) -> None:
    node, rig = stereo.active(teacher)
    audience = stereo.audience(node, 'depth/image_rect')
    changes = [{}, {'max_depth': 2.5}, {'max_depth': 200.0}, {'max_relative_std': 0.04}]
    for count, change in enumerate(changes, start=1):
        for name, value in change.items():
            assert node.set_parameters([Parameter(name, value=value)])[0].successful
        rig.send(node)
        audience.wait_for(count)
    known = [np.isfinite(metres(m)).sum() for m in audience['depth/image_rect']]
    # All but sky and doubt; two rows of them; all but doubt; rows of 3 and 4 m, and sky.
    assert known == [30, 14, 31, 17]


def test_bag_that_begins_anew_is_paired_on(stereo: StereoWorld, teacher: FakeTeacher) -> None:
    node, rig = stereo.active(teacher)
    audience = stereo.audience(node, 'depth/image_rect')
    for count, stamp_ns in enumerate((9 * 10**9, 10 * 10**9, 9 * 10**9), start=1):
        rig.send(node, stamp_ns=stamp_ns)
        audience.wait_for(count)
    assert node.unmatched == 0
