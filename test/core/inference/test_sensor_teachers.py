# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Other sensors as teachers: depth of messages by hand, what is refused, and real pairs."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from adu_depth_core.bags import Transforms
from adu_depth_core.bags.rigid import Transform
from adu_depth_core.camera import Camera, StereoRig
from adu_depth_core.datasets.block_matching import block_matched, disagreement
from adu_depth_core.datasets.kitti_raw import KittiRaw
from adu_depth_core.errors import InputError
from adu_depth_core.inference.sensor_teachers import (
    DepthTeacher,
    DisparityTeacher,
    PointsTeacher,
    SensorTeacher,
    Word,
    with_word,
)
from adu_depth_core.messages.cdr import deserialised
from adu_depth_core.messages.clouds import point_cloud_message
from adu_depth_core.messages.compressed_images import compressed_depth_message
from adu_depth_core.messages.disparity import disparity_image_message
from adu_depth_core.messages.stamped import image_message
from adu_depth_core.messages.types import (
    COMPRESSED_IMAGE_TYPE,
    DISPARITY_TYPE,
    IMAGE_TYPE,
    POINT_CLOUD_TYPE,
)
from adu_depth_core.samples.depth_noise import ConfidenceScale, DepthNoise
from adu_depth_core.samples.sample import StereoSample

CAMERA = Camera(4, 2, fx=100.0, fy=100.0, cx=1.5, cy=0.5)
NOISE = DepthNoise(disparity_std_px=0.5, least_relative_std=0.02)
FRAME = 'camera'
SAMPLE = StereoSample('', 7, np.zeros((2, 4, 3), np.uint8), CAMERA)


def disparity(pixels: Any, *, focal_px: float = 100.0, frame_id: str = FRAME) -> Word:
    data = disparity_image_message(
        np.array(pixels, np.float32),
        focal_px=focal_px,
        baseline_m=0.5,
        stamp_ns=7,
        frame_id=frame_id,
    )
    return Word('/disparity', deserialised(data, DISPARITY_TYPE))


def image(pixels: Any, encoding: str, topic: str = '/depth', frame_id: str = FRAME) -> Word:
    data = image_message(np.array(pixels), encoding=encoding, stamp_ns=7, frame_id=frame_id)
    return Word(topic, deserialised(data, IMAGE_TYPE))


def points(rows: Any) -> Word:
    data = point_cloud_message(np.array(rows, np.float32), stamp_ns=7, frame_id='laser')
    return Word('/points', deserialised(data, POINT_CLOUD_TYPE))


def test_disparity_becomes_depth_with_an_error_that_grows() -> None:
    said = {'disparity': disparity([[10, 5, 0, 1], [np.nan, 50, 25, -1]])}
    found = DisparityTeacher(NOISE)(SAMPLE, FRAME, said)
    unknown = np.nan
    # f b = 50 px m; the error is z^2 0.5 px / 50 px m, or a fiftieth where that is more.
    depth = [[5, 10, unknown, 50], [unknown, 1, 2, unknown]]
    std = [[0.25, 1, unknown, 25], [unknown, 0.02, 0.04, unknown]]
    np.testing.assert_allclose(found.depth_m, depth, rtol=1e-6)
    np.testing.assert_allclose(found.std_m, std, rtol=1e-6)


@pytest.mark.parametrize(
    ('word', 'sentence'),
    [
        (disparity(np.ones((2, 4)), frame_id='other'), '/disparity: is of the frame other'),
        (disparity(np.ones((4, 4))), '/disparity: 4x4, its image has 4x2'),
        (disparity(np.ones((2, 4)), focal_px=50.0), '/disparity: f is 50 px, but that of its'),
        (disparity(np.ones((2, 4)), focal_px=0.0), '/disparity: f is 0'),
    ],
)
def test_disparity_of_another_image_is_refused(word: Word, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        DisparityTeacher(NOISE)(SAMPLE, FRAME, {'disparity': word})


def test_left_right_check_widens_what_the_right_image_contradicts() -> None:
    rng = np.random.default_rng(4)
    camera = Camera(160, 96, 100.0, 100.0, 79.5, 47.5)
    rig = StereoRig(camera, replace(camera, cx=81.5), 0.4)
    left = cv2.resize(rng.integers(0, 255, (48, 80, 3), np.uint8), (160, 96))
    right = np.roll(left, -8, 1)  # 8 px, and 2 px between the principal points: 10 px in all
    sample = StereoSample('', 7, left, camera, right, rig)
    stated = np.full((96, 160), 10.0, np.float32)
    stated[:, 100:] = 16.0  # wrong by 6 px
    data = disparity_image_message(
        stated, focal_px=100.0, baseline_m=0.4, stamp_ns=7, frame_id=FRAME
    )
    said = {'disparity': Word('/disparity', deserialised(data, DISPARITY_TYPE))}
    checked = DisparityTeacher(NOISE)(sample, FRAME, said).std_m
    alone = DisparityTeacher(NOISE)(replace(sample, right=None, rig=None), FRAME, said).std_m
    wider = (checked / alone)[:, 40:]
    assert np.median(wider[:, :40]) == pytest.approx(1.0)
    # hypot(0.5, 6) / 0.5 = 12.04
    assert np.median(wider[:, 80:]) == pytest.approx(12.04, rel=0.05)


def test_disagreement_is_unknown_beyond_the_right_image() -> None:
    pair = np.zeros((8, 64, 3), np.uint8)
    found = disagreement(np.full((8, 64), 20.0, np.float32), pair, pair)
    assert np.isnan(found[:, :20]).all()


@pytest.mark.parametrize(
    ('pixels', 'encoding'),
    [
        (np.array([[1.5, 0, -1, np.nan], [np.inf, 3, 4, 5]], np.float32), '32FC1'),
        (np.array([[1500, 0, 0, 0], [0, 3000, 4000, 5000]], np.uint16), '16UC1'),
    ],
)
def test_depth_is_metres_or_millimetres_and_the_rest_unknown(pixels: Any, encoding: str) -> None:
    found = DepthTeacher(NOISE)(SAMPLE, FRAME, {'depth': image(pixels, encoding)})
    depth = np.array([[1.5, np.nan, np.nan, np.nan], [np.nan, 3, 4, 5]], np.float32)
    np.testing.assert_allclose(found.depth_m, depth, rtol=1e-6)
    np.testing.assert_allclose(found.std_m, 0.02 * depth, rtol=1e-6)


def test_packed_depth_is_read_as_well() -> None:
    data = compressed_depth_message(np.full((2, 4), 2500, np.uint16), stamp_ns=7, frame_id=FRAME)
    said = {'depth': Word('/depth', deserialised(data, COMPRESSED_IMAGE_TYPE))}
    assert DepthTeacher(NOISE)(SAMPLE, FRAME, said).depth_m.tolist() == [[2.5] * 4] * 2


def test_depth_of_a_camera_with_a_baseline_errs_as_disparity_does() -> None:
    said = {'depth': image(np.full((2, 4), 10.0, np.float32), '32FC1')}
    found = DepthTeacher(NOISE, baseline_m=0.05)(SAMPLE, FRAME, said)
    # 10^2 m^2 0.5 px / (100 px 0.05 m)
    np.testing.assert_allclose(found.std_m, np.full((2, 4), 10.0), rtol=1e-6)


def test_confidence_divides_the_error_and_hides_what_has_none() -> None:
    confidence = np.array([[255, 51, 0, 255], [255] * 4], np.uint8)
    said = {
        'depth': image(np.full((2, 4), 10.0, np.float32), '32FC1'),
        'confidence': image(confidence, 'mono8', '/confidence'),
    }
    found = DepthTeacher(NOISE, confidence=ConfidenceScale(255.0, 0.0))(SAMPLE, FRAME, said)
    np.testing.assert_allclose(found.std_m[0], [0.2, 1.0, np.nan, 0.2], rtol=1e-6)
    np.testing.assert_array_equal(found.depth_m[0], [10, 10, np.nan, 10])


@pytest.mark.parametrize(
    ('said', 'sentence'),
    [
        ({'depth': image(np.full((2, 4), 900.0, np.float32), '32FC1')}, 'if these are millimetr'),
        ({'depth': image(np.zeros((2, 4, 3), np.uint8), 'rgb8')}, '/depth: encoding "rgb8" is no'),
        ({'depth': image(np.ones((3, 4), np.float32), '32FC1')}, '/depth: 4x3, its image has'),
        (
            {'depth': image(np.ones((2, 4), np.float32), '32FC1', frame_id='depth_frame')},
            '/depth: is of the frame depth_frame, its image of camera',
        ),
    ],
)
def test_depth_that_is_not_of_the_image_is_refused(said: dict[str, Word], sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        DepthTeacher(NOISE)(SAMPLE, FRAME, said)


@pytest.mark.parametrize(
    ('pixels', 'encoding', 'sentence'),
    [
        (np.ones((2, 4, 3), np.uint8), 'rgb8', '/confidence: confidence is one number a pixel'),
        (np.ones((2, 5), np.uint8), 'mono8', '/confidence: 5x2, its image has 4x2'),
    ],
)
def test_confidence_that_is_not_of_the_depth_is_refused(
    pixels: Any, encoding: str, sentence: str
) -> None:
    said = {
        'depth': image(np.ones((2, 4), np.float32), '32FC1'),
        'confidence': image(pixels, encoding, '/confidence'),
    }
    with pytest.raises(InputError, match=sentence):
        DepthTeacher(NOISE, confidence=ConfidenceScale())(SAMPLE, FRAME, said)


def turned() -> PointsTeacher:
    """A scanner as it is usual, x ahead and z up, 1 m behind the camera and 0.1 m above it."""
    matrix = np.array([[0, -1, 0, 0], [0, 0, -1, -0.1], [1, 0, 0, -1], [0, 0, 0, 1]], np.float64)
    return PointsTeacher(Transforms([Transform(FRAME, 'laser', matrix)], 'here').matrix, 0.05)


def test_points_fall_on_their_pixels_and_the_nearest_counts() -> None:
    # In the camera: x = -y, y = -z - 0.1, z = x - 1. At 10 m a pixel is 0.1 m wide.
    rows = [[11, 0.05, -0.15], [21, 0.1, -0.2], [0.5, 0, 0], [11, 9, 0]]
    found = turned()(SAMPLE, FRAME, {'points': points(rows)})
    expected = np.full((2, 4), np.nan)
    expected[1, 1] = 10.0  # (-0.05, 0.05, 10), and (-0.1, 0.1, 20) behind it
    np.testing.assert_allclose(found.depth_m, expected, rtol=1e-6)
    np.testing.assert_allclose(found.std_m, np.where(np.isnan(expected), np.nan, 0.05))


def test_scanner_whose_place_is_not_known_is_refused() -> None:
    with pytest.raises(InputError, match='does not connect laser to other'):
        turned()(SAMPLE, 'other', {'points': points([[11, 0, 0]])})


def test_scan_is_truth_and_depth_a_word() -> None:
    said = {'points': points([[11, 0.05, -0.15]]), 'depth': image(np.ones((2, 4), 'f4'), '32FC1')}
    scan, camera = turned(), DepthTeacher(NOISE)
    as_truth = with_word(scan, SAMPLE, scan(SAMPLE, FRAME, said))
    assert as_truth.depth_m is not None
    assert as_truth.depth_m[1, 1] == 10
    assert as_truth.teacher_depth_m is None
    as_word = with_word(camera, SAMPLE, camera(SAMPLE, FRAME, said))
    assert as_word.depth_m is None
    # A Laplace distribution of scale b has the standard deviation sqrt(2) b.
    np.testing.assert_allclose(as_word.teacher_scale, np.full((2, 4), 0.02 / 2**0.5), rtol=1e-6)


@pytest.mark.parametrize(
    ('teacher', 'said'),
    [
        (turned(), {'points': points(np.empty((0, 3)))}),
        (DepthTeacher(NOISE), {'depth': image(np.zeros((2, 4), np.float32), '32FC1')}),
        (DisparityTeacher(NOISE), {'disparity': disparity(np.zeros((2, 4)))}),
    ],
)
def test_image_of_which_the_sensor_knows_nothing_is_no_sample(
    teacher: SensorTeacher, said: dict[str, Word]
) -> None:
    with pytest.raises(InputError, match='no pixel of the image is known by the'):
        with_word(teacher, SAMPLE, teacher(SAMPLE, FRAME, said))


@pytest.mark.real_data
def test_disparity_of_a_real_pair_is_as_sure_as_it_says(data_root: Path) -> None:
    """Block matching as another system: nine tenths of the scan lie within what it states."""
    dataset = KittiRaw(data_root / 'kitti_raw', drives=['0005[10-10]'], truth='velodyne_raw')
    sample = dataset[0]
    assert sample.rig is not None
    assert sample.right is not None
    depth_m, _ = block_matched(sample.left, sample.right, sample.rig)
    stated = sample.rig.focal_baseline / depth_m
    data = disparity_image_message(
        np.nan_to_num(stated, nan=-1.0),
        focal_px=sample.camera.fx,
        baseline_m=sample.rig.baseline_m,
        stamp_ns=7,
        frame_id=FRAME,
    )
    said = {'disparity': Word('/disparity', deserialised(data, DISPARITY_TYPE))}
    found = DisparityTeacher(DepthNoise())(sample, FRAME, said)
    np.testing.assert_allclose(found.depth_m, depth_m, rtol=1e-5)
    assert sample.depth_m is not None
    both = np.isfinite(sample.depth_m) & np.isfinite(found.depth_m) & (sample.depth_m < 80)
    assert both.sum() > 1000
    off = np.abs(sample.depth_m - found.depth_m)[both] / found.std_m[both]
    # 1.645 standard deviations hold 90 % of a normal distribution.
    assert 0.8 < (off < 1.645).mean() < 0.98
