# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Calibrations as camera_calibration writes them."""

import cv2
import numpy as np
import pytest

from adu_depth_core.camera import Camera
from adu_depth_core.errors import InputError
from adu_depth_core.messages.camera_info_file import read_camera_info_file
from adu_depth_core.messages.rectifying import AS_SAID
from adu_depth_core.samples.raw_image import RawImage

# The example of camera_info_manager's documentation.
FILE = """image_width: 640
image_height: 480
camera_name: mono_left
camera_matrix:
  rows: 3
  cols: 3
  data: [369.344588, 0, 320.739078, 0, 367.154330, 203.592450, 0, 0, 1]
distortion_model: plumb_bob
distortion_coefficients:
  rows: 1
  cols: 5
  data: [0.189544, -0.018229, -0.000630, 0.000054, -0.000212]
rectification_matrix:
  rows: 3
  cols: 3
  data: [1, 0, 0, 0, 1, 0, 0, 0, 1]
projection_matrix:
  rows: 3
  cols: 4
  data: [262.927429, 0, 320.984481, 0, 0, 302.056213, 188.592437, 0, 0, 0, 1, 0]
"""


@pytest.fixture
def written(tmp_path):
    def write(text):
        path = tmp_path / 'camera.yaml'
        path.write_text(text)
        return path

    return write


def rectified(path, picture):
    """Return a raw picture as predict sees it, and its camera."""
    height, width = picture.shape[:2]
    rectification = AS_SAID.of_image(read_camera_info_file(path), '', width, height)
    return RawImage(picture, rectification).rectified, rectification.camera


def test_camera_is_that_of_the_projection(written):
    expected = Camera(640, 480, 262.927429, 302.056213, 320.984481, 188.592437)
    assert read_camera_info_file(written(FILE)).camera == expected


def test_picture_is_undistorted(written):
    k = np.array([[369.344588, 0, 320.739078], [0, 367.154330, 203.592450], [0, 0, 1]])
    d = np.array([0.189544, -0.018229, -0.000630, 0.000054, -0.000212])
    # A point in the world, where the raw camera sees it, and where P puts it.
    ray = np.array([0.35, -0.2, 1.0])
    raw_px = cv2.projectPoints(ray[None], np.zeros(3), np.zeros(3), k, d)[0].ravel()
    picture = np.zeros((480, 640, 3), np.uint8)
    cv2.circle(picture, tuple(np.rint(raw_px).astype(int).tolist()), 5, (255, 255, 255), -1)
    image, camera = rectified(written(FILE), picture)
    rows, columns = np.nonzero(image[..., 0] > 128)
    seen_px = camera.project(ray)
    np.testing.assert_allclose([columns.mean(), rows.mean()], seen_px, atol=1.0)
    assert np.hypot(*(raw_px - seen_px)) > 20


def test_fisheye_is_undistorted(written):
    k = np.array([[200.0, 0, 320], [0, 200.0, 240], [0, 0, 1]])
    d = np.array([0.01, -0.005, 0.001, 0.0])
    text = FILE.replace('plumb_bob', 'equidistant').replace(
        '0.189544, -0.018229, -0.000630, 0.000054, -0.000212', '0.01, -0.005, 0.001, 0.0'
    )
    text = text.replace(
        '369.344588, 0, 320.739078, 0, 367.154330, 203.592450', '200, 0, 320, 0, 200, 240'
    )
    ray = np.array([0.6, 0.3, 1.0])
    raw_px = cv2.fisheye.projectPoints(ray[None, None], np.zeros(3), np.zeros(3), k, d)[0].ravel()
    picture = np.zeros((480, 640, 3), np.uint8)
    cv2.circle(picture, tuple(np.rint(raw_px).astype(int).tolist()), 5, (255, 255, 255), -1)
    image, camera = rectified(written(text), picture)
    rows, columns = np.nonzero(image[..., 0] > 128)
    np.testing.assert_allclose([columns.mean(), rows.mean()], camera.project(ray), atol=1.5)


def test_camera_without_distortion_leaves_pictures_as_they_are(written):
    text = FILE.replace('0.189544, -0.018229, -0.000630, 0.000054, -0.000212', '0, 0, 0, 0, 0')
    assert AS_SAID.of_image(read_camera_info_file(written(text)), '', 640, 480) is None


@pytest.mark.parametrize(
    ('old', 'new'),
    [
        ('[1, 0, 0, 0, 1, 0, 0, 0, 1]', '[0, 0, 0, 0, 0, 0, 0, 0, 0]'),
        ('-0.000212]', '-0.000212, 0, 0, 0]'),
    ],
    ids=['R that a driver left empty', 'D with zeros behind it'],
)
def test_what_drivers_leave_changes_nothing(written, old, new):
    picture = np.random.default_rng(0).integers(0, 255, (480, 640, 3), np.uint8)
    expected, _ = rectified(written(FILE), picture)
    found, _ = rectified(written(FILE.replace(old, new)), picture)
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize(
    ('old', 'new', 'sentence'),
    [
        (
            'image_width: 640\n',
            '',
            r"is no calibration as camera_calibration writes it \('image_wid",
        ),
        ('[1, 0, 0, 0, 1, 0, 0, 0, 1]', '[1, 0]', r'rectification_matrix has 2 numbers, not 9'),
        ('369.344588', '.nan', r'camera_matrix has a number that is not finite'),
        (
            '262.927429',
            '0',
            r'camera.yaml: P\[0\] is 0 and K\[0\] is 0, the camera is not calibrated',
        ),
        ('image_width: 640', 'image_width: [', r'is no calibration as camera_calibration'),
        (FILE, '- 1', r'is no calibration as camera_calibration'),
    ],
)
def test_file_that_is_no_calibration_is_refused_in_one_sentence(written, old, new, sentence):
    text = FILE.replace(old, new)
    if new == '0':  # neither P nor K
        text = text.replace('369.344588', '0')
    with pytest.raises(InputError, match=sentence) as error:
        read_camera_info_file(written(text))
    assert '\n' not in str(error.value)
