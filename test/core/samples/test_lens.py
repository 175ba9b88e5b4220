# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Lenses against OpenCV, which fits them, and what is said of them."""

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adu_depth_core.camera import Camera
from adu_depth_core.errors import InputError
from adu_depth_core.samples.lens import LENGTHS, lens

CAMERA = Camera(640, 480, 300.0, 310.0, 322.0, 236.0)
# Of real cameras: a webcam, a wide one of eight coefficients with thin prism, a fisheye.
PLUMB = (-0.3728755, 0.2037299, 0.002219027, 0.001383707, -0.07233722)
RATIONAL = (5.2, 3.1, 1e-4, -6e-5, 0.16, 5.6, 4.6, 0.9)
PRISM = (*RATIONAL, 1e-3, -2e-4, 3e-4, 1e-4)
FISHEYE = (-0.0155, 0.0021, -0.0049, 0.0011)
STILL = np.zeros(3)


def by_opencv(rays, model, d):
    if model == 'equidistant':
        found = cv2.fisheye.projectPoints(rays[:, None], STILL, STILL, CAMERA.matrix, np.array(d))
    else:
        found = cv2.projectPoints(rays, STILL, STILL, CAMERA.matrix, np.array(d))
    return found[0].reshape(-1, 2)


@pytest.mark.parametrize(
    ('model', 'd'),
    [
        ('plumb_bob', PLUMB[:4]),
        ('plumb_bob', PLUMB),
        ('rational_polynomial', RATIONAL),
        ('rational_polynomial', PRISM),
        ('equidistant', FISHEYE),
    ],
)
def test_rays_end_where_opencv_says(model, d):
    rays = np.random.default_rng(0).uniform(-0.7, 0.7, (500, 3))
    rays[:, 2] = 1.0
    pixels, seen = lens(CAMERA, model, d).project(3.0 * rays)  # of any length
    expected = by_opencv(rays, model, d)
    np.testing.assert_allclose(pixels, expected, atol=1e-9)
    assert seen.tolist() == inside(expected).tolist()


def inside(pixels):
    return ((pixels >= -0.5) & (pixels <= (639.5, 479.5))).all(1)


def test_fisheye_sees_in_wide_angles():
    # f theta = 300 rad / px x 1 rad: to the right of the middle by 300 px.
    bare = lens(CAMERA, 'equidistant', (0.0, 0.0, 0.0, 1e-300))
    pixels, seen = bare.project(np.array([[np.tan(1.0), 0.0, 1.0], [np.tan(1.2), 0.0, 1.0]]))
    np.testing.assert_allclose(pixels, [[622.0, 236.0], [682.0, 236.0]])
    assert seen.tolist() == [True, False]


def test_what_is_behind_the_camera_is_not_seen():
    rays = np.array([[0.1, 0.1, -1.0], [1.0, 0.0, 0.0], [0.0, 0.0, 0.0]])
    assert not lens(CAMERA, 'plumb_bob', PLUMB).project(rays)[1].any()


def test_lens_that_folds_back_is_not_seen_beyond_its_fold():
    # r' = r - r^3 / 3 grows up to r = 1, and has come back to 0 at r = sqrt(3).
    folding = lens(CAMERA, 'plumb_bob', (-1 / 3, 0.0, 0.0, 0.0))
    x = np.array([0.5, 0.99, 1.01, 1.7])
    pixels, seen = folding.project(np.column_stack([x, 0 * x, 1 + 0 * x]))
    assert seen.tolist() == [True, True, False, False]
    np.testing.assert_allclose(pixels[2:, 0], 322 + 300 * 2 / 3, atol=0.01)


def test_zeros_are_a_pinhole_whatever_the_model_is_called():
    for model, d in (('', ()), ('who knows', (0.0,) * 5), ('equidistant', (0.0,) * 4)):
        pixels, seen = lens(CAMERA, model, d).project(np.array([[0.2, -0.1, 1.0]]))
        np.testing.assert_allclose(pixels, [[382.0, 205.0]])
        assert seen.all()


def test_zeros_that_fill_up_mean_nothing():
    assert lens(CAMERA, 'equidistant', (*FISHEYE, 0.0)) == lens(CAMERA, 'equidistant', FISHEYE)
    assert lens(CAMERA, 'rational_polynomial', (*RATIONAL, *(6 * [0.0]))) == lens(
        CAMERA, 'rational_polynomial', RATIONAL
    )


@pytest.mark.parametrize(
    ('model', 'd', 'sentence'),
    [
        (
            'inverse_brown',
            PLUMB,
            r'^distortion_model "inverse_brown" is not known here, only plum',
        ),
        ('', PLUMB, r'^distortion_model "" is not known here, only plumb_bob, rational_polynomi'),
        ('plumb_bob', PLUMB[:3], r'^D has 3 values, plumb_bob has 4 or 5 or 8 or 12; calibrate'),
        ('equidistant', PLUMB, r'^D has 5 values, equidistant has 4; calibrate'),
        ('rational_polynomial', (*PRISM, 0.1, 0.1), r'^D has 14 values, rational_polynomial has'),
        ('plumb_bob', (float('nan'), *PLUMB[1:]), r'^D has a value that is not finite; calibrat'),
    ],
)
def test_what_cannot_be_told_is_said_in_one_sentence(model, d, sentence):
    with pytest.raises(InputError, match=sentence) as error:
        lens(CAMERA, model, d)
    assert '\n' not in str(error.value)


NUMBERS = st.sampled_from([0.0, -0.0, 1.0, -0.3, 10.0, 1e308, -1e308, 5e-324]) | st.floats()


@given(
    model=st.sampled_from([*LENGTHS, '', 'other']),
    d=st.lists(NUMBERS, max_size=15),
    rays=st.lists(st.tuples(NUMBERS, NUMBERS, NUMBERS), min_size=1, max_size=5),
)
def test_any_lens_gives_pixels_or_a_sentence(model, d, rays):
    try:
        found = lens(CAMERA, model, tuple(d))
    except InputError:
        return
    pixels, seen = found.project(np.array(rays))
    assert np.isfinite(pixels).all()
    assert not (seen & ~inside(pixels)).any()
