# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Intrinsics through resize, padding, crop; depth and disparity; back-projection."""

import cv2
import numpy as np
import pytest

from adu_depth_core.camera import Camera, StereoRig, canonical_factor, focal_length_px
from adu_depth_core.errors import InputError

CAMERA = Camera(8, 4, 10.0, 12.0, 3.25, 1.75)


def test_pixel_centres_lie_at_whole_numbers_so_halving_moves_cx_by_a_quarter_pixel():
    half = CAMERA.resized(4, 2)
    assert (half.fx, half.fy) == (5.0, 6.0)
    assert half.cx == pytest.approx((3.25 + 0.5) / 2 - 0.5)
    assert half.cy == pytest.approx((1.75 + 0.5) / 2 - 0.5)


@pytest.mark.parametrize('size', [(4, 2), (16, 8), (3, 2)])
def test_resize_agrees_with_opencv_on_where_a_point_goes(size):
    columns = np.tile(np.arange(64, dtype=np.float32), (8, 1))
    camera = Camera(64, 8, 30.0, 30.0, 30.0, 4.0)
    width = size[0] * 16
    resized = cv2.resize(columns, (width, 8), interpolation=cv2.INTER_LINEAR)
    principal = camera.resized(width, 8).cx
    inner = np.interp(principal, np.arange(width), resized[0])
    assert inner == pytest.approx(camera.cx, abs=0.05)


def test_resizing_there_and_back_changes_nothing():
    back = CAMERA.resized(16, 12).resized(8, 4)
    assert back.matrix == pytest.approx(CAMERA.matrix)


def test_field_of_view_gives_the_focal_length():
    camera = Camera.centred(100, 10, focal_length_px(90.0, 100))
    assert (camera.fx, camera.fy) == pytest.approx((50.0, 50.0))
    assert (camera.cx, camera.cy) == (49.5, 4.5)


def test_crop_keeps_the_ray_of_every_pixel():
    cropped = CAMERA.cropped(2, 1, 5, 3)
    np.testing.assert_allclose(cropped.rays(), CAMERA.rays()[1:4, 2:7], atol=1e-6)


def test_flip_mirrors_the_rays():
    flipped = CAMERA.flipped().rays()[:, ::-1] * np.array([-1, 1, 1], np.float32)
    np.testing.assert_allclose(flipped, CAMERA.rays(), atol=1e-6)


def test_crop_outside_the_image_is_refused():
    with pytest.raises(InputError, match='leaves the image of 8x4'):
        CAMERA.cropped(4, 0, 5, 4)


def test_projecting_back_projected_pixels_returns_them():
    depth = np.linspace(1, 9, 32, dtype=np.float32).reshape(4, 8)
    pixels = CAMERA.project(CAMERA.back_project(depth))
    u, v = np.meshgrid(np.arange(8), np.arange(4))
    np.testing.assert_allclose(pixels, np.stack([u, v], -1), atol=1e-5)


def test_points_behind_the_camera_have_no_pixel():
    assert np.isnan(CAMERA.project(np.array([0.0, 0.0, -1.0]))).all()


def test_back_projection_keeps_unknown_depth_unknown():
    depth = np.full((4, 8), np.nan, np.float32)
    assert np.isnan(CAMERA.back_project(depth)).all()


@pytest.mark.parametrize(
    'values',
    [
        (0, 4, 10, 10, 3, 1),
        (8, np.nan, 10, 10, 3, 1),
        (np.inf, 4, 10, 10, 3, 1),
        (8, 4, 0, 10, 3, 1),
        (8, 4, 10, np.nan, 3, 1),
        (8, 4, 5e-324, 10, 3, 1),
        (8, 4, 10, 1e300, 3, 1),
        (8, 4, 10, 10, -1e10, 1),
    ],
)
def test_impossible_cameras_are_refused(values):
    with pytest.raises(InputError):
        Camera(*values)


def test_depth_and_disparity_are_inverse_and_one_pixel_is_focal_times_baseline_metres():
    rig = StereoRig(CAMERA, CAMERA, 0.5)
    assert rig.depth_from_disparity(np.array([1.0, 2.0])) == pytest.approx([5.0, 2.5])
    depth = np.array([0.5, 7.0, 80.0])
    assert rig.depth_from_disparity(rig.disparity_from_depth(depth)) == pytest.approx(depth)


def test_offset_of_principal_points_is_added_to_the_disparity():
    right = Camera(8, 4, 10.0, 12.0, 3.25 + 2.0, 1.75)
    rig = StereoRig(CAMERA, right, 0.5)
    assert rig.depth_from_disparity(np.array([3.0])) == pytest.approx([10 * 0.5 / 5])


def test_disparity_that_no_point_has_gives_unknown_depth():
    rig = StereoRig(CAMERA, CAMERA, 0.5)
    assert np.isnan(rig.depth_from_disparity(np.array([0.0, -1.0]))).all()


def test_focal_times_baseline_follows_the_width():
    rig = StereoRig(CAMERA, CAMERA, 0.5)
    assert rig.resized(16, 8).focal_baseline == pytest.approx(2 * rig.focal_baseline)


def test_unrectified_pair_is_refused():
    lower = Camera(8, 4, 10.0, 12.0, 3.25, 2.75)
    with pytest.raises(InputError, match='not rectified'):
        StereoRig(CAMERA, lower, 0.5)


def test_canonical_depth_of_the_same_picture_does_not_depend_on_the_lens():
    # The same thing twice as far through twice the focal length makes the same picture.
    assert 10.0 * canonical_factor(300.0, 360.0) == 20.0 * canonical_factor(600.0, 360.0)
