# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Pairs of a bag that holds what two distorted cameras took."""

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from adu_depth_core.bags import bag_writer, open_bag
from adu_depth_core.bags.bag_stereo import find_stereo_topics, pairs_of_bag
from adu_depth_core.camera import Camera, StereoRig
from adu_depth_core.errors import InputError
from adu_depth_core.messages.cdr import typestore
from adu_depth_core.messages.rectifying import Rectifying
from adu_depth_core.messages.stamped import camera_info_message, image_message
from adu_depth_core.messages.types import CAMERA_INFO_TYPE, IMAGE_TYPE

CAMERA = Camera(64, 40, 50.0, 50.0, 31.0, 19.0)  # of P, for both
K = {
    'left': [55.0, 0, 32, 0, 56, 20, 0, 0, 1],
    'right': [54.0, 0, 30, 0, 54, 21, 0, 0, 1],
}
D = {'left': [-0.3, 0.1, 0.001, 0.0, 0.0], 'right': [-0.28, 0.09, 0.0, -0.002, 0.0]}
TURN = {'left': (0.01, -0.02, 0.005), 'right': (-0.01, 0.01, 0.0)}
SIDES = 'left', 'right'


def rotation(side: str) -> np.ndarray:
    return np.asarray(cv2.Rodrigues(np.array(TURN[side]))[0])


def picture(side: str) -> np.ndarray:
    v, u = np.mgrid[:40, :64]
    grey = 127 + 100 * np.sin(u / 9 + v / 13 + (side == 'right'))
    return np.stack([grey, 255 - grey, v * 5], -1).astype(np.uint8)


def info(side: str, **changes: object) -> bytes:
    baseline_m = 0.2 if side == 'right' else 0.0
    plain = camera_info_message(CAMERA, stamp_ns=5, frame_id=side, baseline_m=baseline_m)
    message = typestore().deserialize_cdr(plain, CAMERA_INFO_TYPE)
    lens = {'k': np.array(K[side]), 'd': np.array(D[side]), 'r': rotation(side).ravel()}
    return bytes(typestore().serialize_cdr(replace(message, **lens | changes), CAMERA_INFO_TYPE))


def bag_of(path: Path, name: str = 'image_raw', **changes: object) -> Path:
    with bag_writer(path) as bag:
        for side in SIDES:
            bag.write(f'/{side}/camera_info', CAMERA_INFO_TYPE, info(side, **changes), 5)
            data = image_message(picture(side), encoding='rgb8', stamp_ns=5, frame_id=side)
            bag.write(f'/{side}/{name}', IMAGE_TYPE, data, 5)
    return path


def expected(side: str, camera: Camera) -> np.ndarray:
    maps = cv2.initUndistortRectifyMap(
        np.reshape(K[side], (3, 3)),
        np.array(D[side]),
        rotation(side),
        camera.matrix,
        (64, 40),
        cv2.CV_32FC1,
    )
    mode = cv2.BORDER_REPLICATE
    return np.asarray(cv2.remap(picture(side), *maps, cv2.INTER_LINEAR, borderMode=mode))


def test_both_cameras_are_rectified_by_their_own_k_d_r_and_p(tmp_path: Path) -> None:
    with open_bag(bag_of(tmp_path / 'bag')) as bag:
        (frame,) = pairs_of_bag(bag, find_stereo_topics(bag))
        sample = frame.read()
    assert sample.rig == StereoRig(CAMERA, CAMERA, 0.2)
    assert sample.camera == CAMERA
    for side, found in (('left', sample.left), ('right', sample.right)):
        np.testing.assert_allclose(found, expected(side, CAMERA), atol=2)


def test_field_of_view_is_that_of_both(tmp_path: Path) -> None:
    with open_bag(bag_of(tmp_path / 'bag')) as bag:
        pairs = pairs_of_bag(bag, find_stereo_topics(bag), rectifying=Rectifying('auto', 90.0))
        (frame,) = pairs
        sample = frame.read()
    camera = Camera(64, 40, 32.0, 32.0, 31.5, 19.5)
    assert sample.rig is not None
    assert sample.rig.baseline_m == pytest.approx(0.2)
    for found, wanted in ((sample.rig.left, camera), (sample.rig.right, camera)):
        assert found.matrix.ravel() == pytest.approx(wanted.matrix.ravel())
    inner = np.s_[8:-8, 12:-12]  # beside the raw image edges repeat, each in its own way
    np.testing.assert_allclose(sample.left[inner], expected('left', camera)[inner], atol=2)


@pytest.mark.parametrize(('name', 'mode'), [('image_rect', 'auto'), ('image_raw', 'never')])
def test_rectified_pairs_stay_as_they_are(tmp_path: Path, name: str, mode: str) -> None:
    with open_bag(bag_of(tmp_path / 'bag', name)) as bag:
        (frame,) = pairs_of_bag(bag, find_stereo_topics(bag), rectifying=Rectifying(mode))
        sample = frame.read()
    np.testing.assert_array_equal(sample.left, picture('left'))
    assert sample.rig == StereoRig(CAMERA, CAMERA, 0.2)


@pytest.mark.parametrize(
    ('changes', 'sentence'),
    [
        ({'distortion_model': 'ftheta'}, r'^/left/camera_info: distortion_model "ftheta" is not'),
        ({'p': np.zeros(12)}, r'^/left/camera_info: P\[0\] is not positive, so the pair is not'),
    ],
)
def test_pair_that_cannot_be_rectified_is_said(
    tmp_path: Path, changes: dict[str, object], sentence: str
) -> None:
    with open_bag(bag_of(tmp_path / 'bag', **changes)) as bag:
        (frame,) = pairs_of_bag(bag, find_stereo_topics(bag))
        with pytest.raises(InputError, match=sentence):
            frame.read()
