# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Bad input: the stereo node says once what is wrong, and goes on when good pairs come."""

from pathlib import Path
from typing import Any

import pytest
from rclpy.parameter import Parameter
from sensor_msgs.msg import Image

from adu_depth_core.errors import InputError
from adu_depth_ros.stereo.pair_teacher import load_teacher
from stereo_world import FakeTeacher, StereoWorld


def broken(**fields: Any) -> Image:
    message = Image(width=8, height=4, encoding='rgb8', step=24)
    message.data.frombytes(bytes(96))
    for name, value in fields.items():
        setattr(message, name, value)
    return message


def test_bad_image_is_dropped_said_once_and_survived(
    stereo: StereoWorld, teacher: FakeTeacher
) -> None:
    node, rig = stereo.active(teacher)
    audience = stereo.audience(node)
    sides = [{'left': broken(encoding='nv16')}, {'right': broken(step=5)}]
    for count, images in enumerate([*sides, *sides], start=1):
        rig.send(node, **images)
        stereo.spin_until(lambda count=count: node.dropped == count, 'the pair is dropped')
    assert len(stereo.said(node, '/left/image_rect: encoding "nv16" is not supported')) == 1
    assert len(stereo.said(node, '/right/image_rect: step is 5, but a row')) == 1
    rig.send(node)
    audience.wait_for(1)


def test_images_beyond_the_bound_are_refused_until_it_is_raised(
    stereo: StereoWorld, teacher: FakeTeacher
) -> None:
    node, rig = stereo.active(teacher)
    audience = stereo.audience(node)
    assert node.set_parameters([Parameter('max_image_pixels', value=31)])[0].successful
    rig.send(node)  # of 8x4 pixels
    stereo.spin_until(lambda: node.dropped == 1, 'the pair is dropped')
    sentence = '/left/image_rect: the image has 8x4 pixels, more than 31; make it smaller or raise'
    assert len(stereo.said(node, sentence)) == 1
    assert node.set_parameters([Parameter('max_image_pixels', value=32)])[0].successful
    rig.send(node)
    audience.wait_for(1)


@pytest.mark.parametrize(
    ('of_right', 'sentence'),
    [
        ({'p': [10.0, 0, 3.5, 0, 0, 10.0, 1.5, 0, 0, 0, 1, 0]}, 'gives no baseline'),
        ({'p': [0.0] * 12}, '/right/camera_info: P[0] is not positive, so the pair is not'),
        ({'width': 9}, '/right/camera_info: describes an image of 9x4 pixels'),
    ],
)
def test_pair_that_is_not_rectified_is_said_once_and_mended(
    stereo: StereoWorld, teacher: FakeTeacher, of_right: dict[str, Any], sentence: str
) -> None:
    node, rig = stereo.active(teacher)
    audience = stereo.audience(node)
    rig.send_infos(node, **of_right)
    for count in (1, 2):
        rig.send(node)
        stereo.spin_until(lambda count=count: node.dropped == count, 'the pair is dropped')
    assert len(stereo.said(node, sentence)) == 1
    assert teacher.pairs == []
    rig.send_infos(node)
    rig.send(node)
    audience.wait_for(1)


def test_missing_camera_info_is_said_once_with_its_topic(
    stereo: StereoWorld, teacher: FakeTeacher
) -> None:
    node = stereo.node(teacher)
    stereo.world.spin_until_state(node, 'active')
    rig = stereo.rig()
    rig.wait_for_node()
    stereo.audience(node)
    for count in (1, 2):
        rig.send(node)
        stereo.spin_until(lambda count=count: node.dropped == count, 'the pair is dropped')
    sentence = 'no camera_info on /left/camera_info yet; publishers: 1'
    assert stereo.said(node, 'no camera_info on') == [sentence]


def test_what_never_comes_is_said_once_with_its_topic(
    stereo: StereoWorld, teacher: FakeTeacher
) -> None:
    node = stereo.node(teacher, patience_s=0.1)
    sentence = 'no camera_info on /right/camera_info yet; publishers: 0'
    logs = stereo.world.logs
    stereo.spin_until(lambda: any(log.msg == sentence for log in logs), sentence)
    for topic in ('left/image_rect', 'right/image_rect', 'left/camera_info'):
        assert len(stereo.said(node, f' on /{topic} yet; publishers: 0')) == 1


def test_images_that_are_no_pairs_are_said_with_the_slop(
    stereo: StereoWorld, teacher: FakeTeacher
) -> None:
    node, rig = stereo.active(teacher)
    rig.send(node, delay_ns=10**7)
    node._say_what_is_missing()
    sentence = 'no pair among 2 images: stamps of /left/image_rect and /right/image_rect differ'
    assert len(stereo.said(node, sentence)) == 1


def test_teacher_that_fails_is_said_once_and_the_next_pair_is_tried(
    stereo: StereoWorld, teacher: FakeTeacher
) -> None:
    node, rig = stereo.active(teacher)
    stereo.audience(node)
    teacher.error = RuntimeError('CUDA\n  out of memory')
    for count in (1, 2):
        rig.send(node)
        stereo.spin_until(lambda count=count: node.dropped == count, 'the pair is dropped')
    assert stereo.said(node, 'CUDA') == ['RuntimeError: CUDA out of memory']
    teacher.error = None
    rig.send(node)
    stereo.spin_until(lambda: node.frames_out == 1, 'depth is published')


@pytest.mark.parametrize('model', ['', 'no_such.safetensors', '/dev/null'])
def test_bad_model_leaves_the_node_unconfigured_with_a_sentence(
    stereo: StereoWorld, teacher: FakeTeacher, model: str
) -> None:
    node = stereo.node(teacher, load=load_teacher, model=model)
    logs = stereo.world.logs
    stereo.spin_until(lambda: any('cannot configure' in log.msg for log in logs), 'it is said')
    assert stereo.world.state_of(node) == 'unconfigured'
    (sentence,) = stereo.said(node, 'cannot configure')
    assert (model or 'model: is empty') in sentence


def test_model_of_one_image_is_refused() -> None:
    from adu_depth_core.weights import shipped_model

    with pytest.raises(InputError, match='not a stereo teacher'):
        load_teacher(str(Path(shipped_model('tiny'))), device='cpu')


@pytest.mark.parametrize(
    ('name', 'value'),
    [
        ('model', 'other.safetensors'),
        ('pairing_slop', 0.1),
        ('record_every', 0),
        ('record_jpeg_quality', 101),
        ('record_min_change', -1.0),
        ('max_relative_std', 0.0),
    ],
)
def test_change_that_cannot_be_made_is_refused(
    stereo: StereoWorld, teacher: FakeTeacher, name: str, value: Any
) -> None:
    node, _ = stereo.active(teacher)
    assert not node.set_parameters([Parameter(name, value=value)])[0].successful


def test_twenty_cycles_leave_nothing_behind(stereo: StereoWorld, teacher: FakeTeacher) -> None:
    node = stereo.node(teacher, autostart=False)

    def held() -> tuple[int, ...]:
        entities = (node.subscriptions, node.publishers, node.timers, node._managed_entities)
        return tuple(len(list(kind)) for kind in entities)

    before = held()
    for _ in range(20):
        for transition in ('configure', 'activate', 'deactivate', 'cleanup'):
            assert getattr(node, f'trigger_{transition}')().name == 'SUCCESS'
    assert held() == before
