# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Calibrations as camera_calibration writes them."""

import cv2
import numpy as np
import pytest

from adu_depth_core.camera import Camera
from adu_depth_core.errors import InputError
from adu_depth_core.messages.calibration_file import read_calibration

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


def test_camera_is_that_of_the_projection(written):
    expected = Camera(640, 480, 262.927429, 302.056213, 320.984481, 188.592437)
    assert read_calibration(written(FILE)).camera == expected


def test_picture_is_undistorted(written):
    k = np.array([[369.344588, 0, 320.739078], [0, 367.154330, 203.592450], [0, 0, 1]])
    d = np.array([0.189544, -0.018229, -0.000630, 0.000054, -0.000212])
    # A point in the world, where the raw camera sees it, and where P puts it.
    ray = np.array([0.35, -0.2, 1.0])
    raw_px = cv2.projectPoints(ray[None], np.zeros(3), np.zeros(3), k, d)[0].ravel()
    picture = np.zeros((480, 640, 3), np.uint8)
    cv2.circle(picture, tuple(np.rint(raw_px).astype(int).tolist()), 5, (255, 255, 255), -1)
    calibrated = read_calibration(written(FILE))
    rows, columns = np.nonzero(calibrated.rectified(picture)[..., 0] > 128)
    seen_px = calibrated.camera.project(ray)
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
    calibrated = read_calibration(written(text))
    rows, columns = np.nonzero(calibrated.rectified(picture)[..., 0] > 128)
    np.testing.assert_allclose(
        [columns.mean(), rows.mean()], calibrated.camera.project(ray), atol=1.5
    )


def test_rectified_camera_leaves_pictures_as_they_are(written):
    text = FILE.replace('0.189544, -0.018229, -0.000630, 0.000054, -0.000212', '0, 0, 0, 0, 0')
    projection = '[262.927429, 0, 320.984481, 0, 0, 302.056213, 188.592437, 0, 0, 0, 1, 0]'
    text = text.replace(
        projection, '[369.344588, 0, 320.739078, 0, 0, 367.154330, 203.592450, 0, 0, 0, 1, 0]'
    )
    picture = np.zeros((480, 640, 3), np.uint8)
    assert read_calibration(written(text)).rectified(picture) is picture


def test_picture_of_another_size_is_refused(written):
    with pytest.raises(InputError, match=r'camera.yaml: describes an image of 640x480 pixels'):
        read_calibration(written(FILE)).rectified(np.zeros((240, 320, 3), np.uint8))


@pytest.mark.parametrize(
    ('old', 'new', 'sentence'),
    [
        (
            'image_width: 640\n',
            '',
            r"is no calibration as camera_calibration writes it \('image_wid",
        ),
        (
            'plumb_bob',
            'inverse_brown',
            r'distortion_model "inverse_brown" with 5 coefficients is n',
        ),
        ('[1, 0, 0, 0, 1, 0, 0, 0, 1]', '[1, 0]', r'rectification_matrix has 2 numbers, not 9'),
        ('369.344588', '.nan', r'camera_matrix has a number that is not finite'),
        ('262.927429', '0', r'camera.yaml: .*focal length|K\[0\]'),
        ('image_width: 640', 'image_width: [', r'is no calibration as camera_calibration'),
        (FILE, '- 1', r'is no calibration as camera_calibration'),
    ],
)
def test_file_that_is_no_calibration_is_refused_in_one_sentence(written, old, new, sentence):
    text = FILE.replace(old, new)
    if new == '0':  # neither P nor K
        text = text.replace('369.344588', '0')
    with pytest.raises(InputError, match=sentence) as error:
        read_calibration(written(text))
    assert '\n' not in str(error.value)
