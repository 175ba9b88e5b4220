# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Recording through the services of the node."""

import errno
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rclpy.parameter import Parameter

from adu_depth_core.camera import Camera, StereoRig
from adu_depth_core.recording import Recording, RecordingWriter, durable
from adu_depth_ros.stereo import camera_inputs
from stereo_world import FakeTeacher, StereoWorld, image_of

CAMERA = Camera(8, 4, fx=10.0, fy=10.0, cx=3.5, cy=1.5)
ALL = {'record_every': 1, 'record_min_change': 0.0}


def send(stereo: StereoWorld, node: Any, rig: Any, count: int, **options: Any) -> list[Any]:
    """Send pairs, each after the one before has been dealt with."""
    sent = []
    for _ in range(count):
        before = node.frames_out + node.frames_unwanted + node.dropped
        sent.append(rig.send(node, **options))
        stereo.spin_until(
            lambda before=before: node.frames_out + node.frames_unwanted + node.dropped > before,
            'the pair is dealt with',
        )
    return sent


def test_pairs_are_recorded_with_the_word_of_the_teacher(
    stereo: StereoWorld, teacher: FakeTeacher, tmp_path: Path
) -> None:
    node, rig = stereo.active(teacher, record_folder=str(tmp_path / 'r'), **ALL)
    send(stereo, node, rig, 1)
    answer = stereo.call(node, 'start_recording')
    assert answer.success, answer.message
    assert answer.message == f'records to {tmp_path}/r, which holds 0 samples'
    sent = send(stereo, node, rig, 3)
    answer = stereo.call(node, 'stop_recording')
    assert (answer.success, answer.message) == (True, f'recorded 3 samples in {tmp_path}/r')
    send(stereo, node, rig, 1)
    assert len(teacher.pairs) == 3  # nobody listens, and before and after nothing is recorded
    found = Recording(tmp_path / 'r')
    assert len(found) == 3
    sample, header = found[1], sent[1].header
    assert sample.stamp_ns == header.stamp.sec * 10**9 + header.stamp.nanosec
    assert (sample.camera, sample.rig) == (CAMERA, StereoRig(CAMERA, CAMERA, 0.5))
    np.testing.assert_array_equal(sample.left, teacher.pairs[1][0])
    np.testing.assert_array_equal(sample.right, teacher.pairs[1][1])
    assert sample.depth_m is None
    # Without the limits of what is published: sky at 100 m is learnt, too.
    assert sample.teacher_depth_m[:, 0].tolist() == [100, 2, 3, 4]
    np.testing.assert_allclose(sample.teacher_scale[2, 2], 0.1 / (2**0.5 * 3), atol=1e-5)


def test_a_listener_is_served_while_only_some_pairs_are_recorded(
    stereo: StereoWorld, teacher: FakeTeacher, tmp_path: Path
) -> None:
    node, rig = stereo.active(
        teacher, record_folder=str(tmp_path), record_every=3, record_min_change=0.0
    )
    audience = stereo.audience(node, 'depth/image_rect')
    assert stereo.call(node, 'start_recording').success
    sent = send(stereo, node, rig, 7)
    audience.wait_for(7)
    assert stereo.call(node, 'stop_recording').message == f'recorded 3 samples in {tmp_path}'
    found = Recording(tmp_path)
    seconds = [found[index].stamp_ns // 10**8 for index in range(3)]
    stamps = [sent[index].header.stamp for index in (0, 3, 6)]
    assert seconds == [stamp.sec * 10 + stamp.nanosec // 10**8 for stamp in stamps]


def test_same_wall_is_recorded_once_and_not_even_computed(
    stereo: StereoWorld, teacher: FakeTeacher, tmp_path: Path
) -> None:
    node, rig = stereo.active(teacher, record_folder=str(tmp_path), record_every=1)
    assert stereo.call(node, 'start_recording').success
    wall = np.full((4, 8, 3), 90, np.uint8)
    wall[:, 4:] = 120
    send(stereo, node, rig, 5, left=image_of(wall))
    send(stereo, node, rig, 1)
    assert stereo.call(node, 'stop_recording').message == f'recorded 2 samples in {tmp_path}'
    assert (len(teacher.pairs), node.frames_unwanted) == (2, 4)


def test_cameras_of_different_namespaces_share_parameters_and_no_folder(
    stereo: StereoWorld, teacher: FakeTeacher, tmp_path: Path
) -> None:
    for name_space in ('front', 'back'):
        node, rig = stereo.active(
            teacher, name_space=name_space, record_folder=str(tmp_path), **ALL
        )
        assert stereo.call(node, 'start_recording').success
        send(stereo, node, rig, 2)
    assert [len(Recording(tmp_path / name)) for name in ('front', 'back')] == [2, 2]


def test_services_refuse_in_a_sentence(
    stereo: StereoWorld, teacher: FakeTeacher, tmp_path: Path
) -> None:
    node = stereo.node(teacher, autostart=False)
    answer = stereo.call(node, 'start_recording')
    assert (answer.success, answer.message) == (
        False,
        'the node is not active; activate it first',
    )
    node.trigger_configure()
    node.trigger_activate()
    answer = stereo.call(node, 'start_recording')
    assert not answer.success
    assert answer.message.startswith('record_folder: is empty')
    assert stereo.call(node, 'stop_recording').message == 'nothing is being recorded'
    node.set_parameters([Parameter('record_folder', value=str(tmp_path / 'r'))])
    with RecordingWriter(tmp_path / 'r'):
        assert 'another process' in stereo.call(node, 'start_recording').message
    assert stereo.call(node, 'start_recording').success
    assert 'is recording already' in stereo.call(node, 'start_recording').message


def test_deactivation_ends_the_recording(
    stereo: StereoWorld, teacher: FakeTeacher, tmp_path: Path
) -> None:
    node, rig = stereo.active(teacher, record_folder=str(tmp_path), **ALL)
    assert stereo.call(node, 'start_recording').success
    send(stereo, node, rig, 2)
    node.trigger_deactivate()
    assert stereo.said(node, 'recorded 2 samples in')
    assert len(Recording(tmp_path)) == 2
    RecordingWriter(tmp_path).close()  # the folder is free again


def test_full_disk_stops_the_recording_with_an_error_and_not_the_node(
    stereo: StereoWorld, teacher: FakeTeacher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stereo.listen_to_diagnostics()
    node, rig = stereo.active(teacher, record_folder=str(tmp_path), **ALL)
    audience = stereo.audience(node, 'depth/image_rect')
    assert stereo.call(node, 'start_recording').success
    send(stereo, node, rig, 2)

    def full(path: Path, data: bytes) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr('adu_depth_core.recording.recording_writer.write_file', full)
        send(stereo, node, rig, 2)
    assert durable.write_file is not full
    audience.wait_for(4)
    (sentence,) = stereo.said(node, 'the recording stops')
    assert 'cannot be written (No space left on device), after 2 samples' in sentence
    status = stereo.status(lambda s: s.level == b'\x02', 'the error is told')
    assert status.message.startswith('the recording stopped: ')
    assert 'No space left on device' in status.message
    send(stereo, node, rig, 1)
    assert len(Recording(tmp_path)) == 2
    assert stereo.call(node, 'start_recording').success
    send(stereo, node, rig, 1)
    stereo.status(lambda s: s.level == b'\x00', 'the error is over')
    assert len(Recording(tmp_path)) == 3


def test_limit_of_free_space_is_kept(
    stereo: StereoWorld, teacher: FakeTeacher, tmp_path: Path
) -> None:
    room = [5e9]
    node, rig = stereo.active(
        teacher, free_bytes=lambda folder: room[0], record_folder=str(tmp_path), **ALL
    )
    assert stereo.call(node, 'start_recording').success
    send(stereo, node, rig, 1)
    room[0] = 1.9e9
    send(stereo, node, rig, 1)
    assert len(Recording(tmp_path)) == 1
    answer = stereo.call(node, 'start_recording')
    assert 'has 1.9 GB left, less than the 2 GB' in answer.message


def test_images_are_decoded_and_calibrations_worked_out_only_once(
    stereo: StereoWorld, teacher: FakeTeacher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    decoded, worked_out = [], []
    decode, work_out = camera_inputs.rgb_of, camera_inputs.stereo_calibration
    monkeypatch.setattr(
        camera_inputs, 'rgb_of', lambda *image: decoded.append(image[1]) or decode(*image)
    )
    monkeypatch.setattr(
        camera_inputs, 'stereo_calibration', lambda *two: worked_out.append(two) or work_out(*two)
    )
    node, rig = stereo.active(
        teacher, record_folder=str(tmp_path), record_every=1, record_min_change=1.0
    )
    assert stereo.call(node, 'start_recording').success
    send(stereo, node, rig, 2)
    rig.send_infos(node)  # the same again, as drivers do
    send(stereo, node, rig, 1)
    assert decoded == ['/left/image_rect', '/right/image_rect'] * 3
    assert len(worked_out) == 1
    moved = [10.0, 0.0, 3.5, -2.5, 0.0, 10.0, 1.5, 0.0, 0.0, 0.0, 1.0, 0.0]
    rig.send_infos(node, p=moved)
    send(stereo, node, rig, 1)
    assert [made.baseline_m for made in teacher.rigs] == [0.5, 0.5, 0.5, 0.25]
    assert len(worked_out) == 2
