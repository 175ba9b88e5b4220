# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Training views: geometry keeps truth exact, colours leave geometry alone."""

import numpy as np
import pytest

from adu_depth_core.camera import Camera
from adu_depth_core.data.transforms import (
    View,
    augmented,
    cropped,
    flipped,
    random_window,
    resized,
    resized_depth,
)

NAN = np.nan


def ramp_view(width=64, height=32):
    """A plane whose depth is 10 + column / 10, with columns in red and rows in green."""
    u, v = np.meshgrid(np.arange(width), np.arange(height))
    image = np.stack([u * 4, v * 8, np.zeros_like(u)], -1).astype(np.uint8)
    depth = (10 + u / 10).astype(np.float32)
    return View(image, Camera(width, height, 50.0, 50.0, 31.5, 15.5), depth)


def test_shrinking_sparse_truth_keeps_every_value_and_lets_the_nearest_win():
    depth = np.full((4, 4), NAN, np.float32)
    depth[0, 1], depth[1, 0], depth[3, 3] = 5.0, 7.0, 9.0
    np.testing.assert_array_equal(resized_depth(depth, 2, 2), [[5.0, NAN], [NAN, 9.0]])


def test_growing_truth_repeats_pixels_and_never_averages():
    depth = np.array([[1.0, 2.0]], np.float32)
    np.testing.assert_array_equal(resized_depth(depth, 4, 2), [[1, 1, 2, 2], [1, 1, 2, 2]])


@pytest.mark.parametrize('size', [(24, 12), (96, 48)])
def test_no_value_is_invented_by_resizing(size):
    view = ramp_view()
    values = resized_depth(view.depth_m, *size)
    assert set(np.unique(values[~np.isnan(values)])) <= set(np.unique(view.depth_m))


def test_sky_stays_sky_and_loses_against_what_stands_before_it():
    depth = np.array([[np.inf, np.inf], [np.inf, 4.0]], np.float32)
    assert resized_depth(depth, 1, 1)[0, 0] == 4.0


def test_resized_view_shows_the_same_depth_along_the_same_ray():
    view = ramp_view()
    small = resized(view, 32, 16)
    for column in (3, 20):
        x = (column - small.camera.cx) / small.camera.fx
        source = x * view.camera.fx + view.camera.cx
        assert small.depth_m[5, column] == pytest.approx(10 + source / 10, abs=0.1)


def test_crop_moves_image_truth_and_principal_point_together():
    view = cropped(ramp_view(), 10, 4, 20, 8)
    assert view.image[0, 0, 0] == 40
    assert view.depth_m[0, 0] == pytest.approx(11.0)
    assert (view.camera.cx, view.camera.cy) == (21.5, 11.5)


def test_flip_mirrors_image_truth_and_principal_point():
    view = flipped(ramp_view())
    assert view.depth_m[0, 0] == pytest.approx(16.3)
    assert view.image[0, 0, 0] == 252
    assert view.camera.cx == pytest.approx(63 - 31.5)


def test_windows_keep_pixels_square():
    rng = np.random.default_rng(0)
    for _ in range(20):
        camera = random_window(ramp_view(100, 40), 32, 32, rng).camera
        assert camera.fx == pytest.approx(camera.fy, rel=0.04)


def test_window_is_the_largest_that_fits_or_up_to_a_zoom_of_one_and_a_half():
    rng = np.random.default_rng(0)
    focals = [random_window(ramp_view(64, 32), 64, 32, rng).camera.fx for _ in range(50)]
    assert min(focals) >= 50
    assert max(focals) <= 50 * 1.5 * 1.03
    assert max(focals) > 60


def test_augmentation_follows_from_its_stream():
    first, again, other = (
        augmented(ramp_view(), 32, 32, np.random.default_rng(seed)) for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(first.image, again.image)
    np.testing.assert_array_equal(first.depth_m, again.depth_m)
    assert not np.array_equal(first.image, other.image)


def test_colours_change_the_image_and_not_the_truth():
    view = ramp_view(32, 32)
    rng = np.random.default_rng(5)
    seen = augmented(view, 32, 32, rng)
    assert set(np.unique(seen.depth_m)) <= set(np.unique(view.depth_m))
    assert seen.image.dtype == np.uint8
    assert seen.image.std() > 0
