# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Points measured by tape: what is read, what is refused, and what depth they mean."""

import numpy as np
import pytest

from adu_depth_core.camera import Camera
from adu_depth_core.errors import InputError
from adu_depth_core.evaluation.calibrating.points_file import frames_of_points, read_points_file
from adu_depth_core.samples.image_files import write_rgb

FX = 100.0


def see(image):
    return image, Camera(image.shape[1], image.shape[0], FX, FX, 100.0, 50.0)


@pytest.fixture
def hall(tmp_path):
    write_rgb(tmp_path / 'the hall.png', np.zeros((101, 201, 3), np.uint8))
    return tmp_path / 'points.txt'


def test_distance_from_the_lens_becomes_depth_along_the_axis(hall):
    hall.write_text('# by tape\nimage the hall.png # below the lamp\n175 50 2.5\n\n100 50 3\n')
    (picture,) = read_points_file(hall)
    (frame,) = frames_of_points([picture], see)
    # The ray to (175, 50) is (0.75, 0, 1), 1.25 long.
    assert frame.truth_m[50, 175] == pytest.approx(2.0)
    assert frame.truth_m[50, 100] == pytest.approx(3.0)
    assert np.isfinite(frame.truth_m).sum() == 2


def test_pictures_are_drives_of_their_own(hall):
    hall.write_text('image the hall.png\n1 1 1\nimage the hall.png\n1 1 1\nimage none.png\n')
    frames = list(frames_of_points(read_points_file(hall), see))
    assert len({frame.drive for frame in frames}) == len(frames) == 2


@pytest.mark.parametrize(
    ('content', 'message'),
    [
        ('', 'holds no points'),
        ('image the hall.png\n', 'holds no points'),
        ('1 2 3\n', 'line 1: points of no image'),
        ('image the hall.png\n1 2\n', 'line 2: "1 2"; expected'),
        ('image the hall.png\n1 2 3 4\n', 'line 2'),
        ('image the hall.png\n1 2 far\n', 'line 2'),
        ('image the hall.png\n1 2 -3\n', 'no distance in metres'),
        ('image the hall.png\n1 2 nan\n', 'no distance in metres'),
        ('image the hall.png\n1 2 2410\n', 'no distance in metres'),
        ('image the hall.png\nnan 2 3\n', 'not finite'),
    ],
)
def test_file_that_says_no_points_is_refused(hall, content, message):
    hall.write_text(content)
    with pytest.raises(InputError, match=message):
        read_points_file(hall)


@pytest.mark.parametrize(
    ('lines', 'message'),
    [
        ('201 50 2\n', 'outside the image of 201x101'),
        ('5 5 2\n5.2 4.9 2.1\n', 'two points are of the pixel 5 5'),
    ],
)
def test_points_that_no_picture_has_are_refused(hall, lines, message):
    hall.write_text(f'image the hall.png\n{lines}')
    with pytest.raises(InputError, match=message):
        list(frames_of_points(read_points_file(hall), see))


def test_picture_that_is_not_there_is_named(hall):
    hall.write_text('image gone.png\n1 1 1\n')
    with pytest.raises(InputError, match=r'gone\.png'):
        list(frames_of_points(read_points_file(hall), see))
