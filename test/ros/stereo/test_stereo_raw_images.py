# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Raw pairs in the stereo node: each side is rectified by its own camera_info."""

import cv2
import numpy as np
from sensor_msgs.msg import Image

from adu_depth_core.camera import Camera, StereoRig
from stereo_world import FakeTeacher, StereoWorld, image_of

CAMERA = Camera(8, 4, fx=10.0, fy=10.0, cx=3.5, cy=1.5)  # of both P
K = [10.0, 0.0, 3.0, 0.0, 10.0, 2.0, 0.0, 0.0, 1.0]
LENS = {'distortion_model': 'plumb_bob', 'd': [-0.2, 0.05, 0.01, -0.01, 0.0]}


def pixels(message: Image) -> np.ndarray:
    return np.frombuffer(message.data, np.uint8).reshape(message.height, message.width, 3)


def rectified(raw: np.ndarray, d: list[float], r: np.ndarray) -> np.ndarray:
    maps = cv2.initUndistortRectifyMap(
        np.reshape(K, (3, 3)), np.array(d), r, CAMERA.matrix, (8, 4), cv2.CV_32FC1
    )
    mode = cv2.BORDER_REPLICATE
    return np.asarray(cv2.remap(raw, *maps, cv2.INTER_LINEAR, borderMode=mode))


def smooth(first: int) -> Image:
    v, u = np.mgrid[:4, :8]
    return image_of(np.stack([first + 9 * u, 8 * v, 5 * u + v], -1).astype(np.uint8))


def test_each_side_is_rectified_by_its_own_camera_info(
    stereo: StereoWorld, teacher: FakeTeacher
) -> None:
    turn = cv2.Rodrigues(np.array([0.02, -0.03, 0.01]))[0]
    node, rig = stereo.active(teacher, rectify='always')
    audience = stereo.audience(node)
    rig.send_infos(node, r=turn.ravel().tolist(), **LENS)
    left, right = (smooth(first) for first in (10, 90))
    rig.send(node, left, right)
    audience.wait_for(1)
    assert teacher.rigs == [StereoRig(CAMERA, CAMERA, 0.5)]
    seen_left, seen_right = teacher.pairs[0]
    expected = rectified(pixels(left), [0.0] * 5, np.eye(3))
    np.testing.assert_allclose(seen_left, expected, atol=1)
    np.testing.assert_allclose(seen_right, rectified(pixels(right), LENS['d'], turn), atol=1)
    info = audience['depth/camera_info'][0]
    assert info.k.tolist() == CAMERA.matrix.ravel().tolist()
    assert info.p[:3].tolist() == [10.0, 0.0, 3.5]
    assert not any(info.d)


def test_pairs_of_topics_that_say_rectified_stay_as_they_are(
    stereo: StereoWorld, teacher: FakeTeacher
) -> None:
    node, rig = stereo.active(teacher)
    audience = stereo.audience(node)
    rig.send_infos(node, **LENS)
    left = rig.send(node)
    audience.wait_for(1)
    np.testing.assert_array_equal(teacher.pairs[0][0], pixels(left))


def test_lens_that_is_not_known_is_said_and_the_node_goes_on(
    stereo: StereoWorld, teacher: FakeTeacher
) -> None:
    node, rig = stereo.active(teacher, rectify='always')
    audience = stereo.audience(node)
    rig.send_infos(node, **{**LENS, 'distortion_model': 'ftheta'})
    rig.send(node)
    stereo.spin_until(lambda: node.dropped == 1, 'the pair is dropped')
    sentence = '/right/camera_info: distortion_model "ftheta" is not known here, only'
    assert len(stereo.said(node, sentence)) == 1
    rig.send_infos(node, **LENS)
    rig.send(node)
    audience.wait_for(1)
    assert (node.dropped, node.frames_out) == (1, 1)
