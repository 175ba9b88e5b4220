# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Geometry of training samples: truth stays exact, and a pair stays a rectified pair."""

from dataclasses import replace

import numpy as np
import pytest

from adu_depth_core.camera import Camera, StereoRig
from adu_depth_core.samples.sample import Missing, StereoSample
from adu_depth_core.training.views.geometry import (
    WithinPixels,
    cropped,
    cut_flipped,
    random_cut,
    random_window,
    resized,
    resized_depth,
    swap_flipped,
)

NAN = np.nan


def ramp_view(width=64, height=32):
    """A plane whose depth is 10 + column / 10, with columns in red and rows in green."""
    u, v = np.meshgrid(np.arange(width), np.arange(height))
    image = np.stack([u * 4, v * 8, np.zeros_like(u)], -1).astype(np.uint8)
    depth = (10 + u / 10).astype(np.float32)
    return StereoSample(
        'ramp/0', 0, image, Camera(width, height, 50.0, 50.0, 31.5, 15.5), depth_m=depth
    )


def plane_pair(depth_m=5.0, width=64, height=32):
    """A plane of disparity 50 * 0.4 / 5 = 4 px, less the offset of 2, with truth on both sides."""
    rng = np.random.default_rng(0)
    strip = rng.integers(0, 255, (height, width + 4, 3)).astype(np.uint8)
    left, right = (
        Camera(width, height, 50, 50, 31.5, 15.5),
        Camera(width, height, 50, 50, 33.5, 15.5),
    )
    rig = StereoRig(left, right, 0.4)
    truth = np.full((height, width), depth_m, np.float32)
    # u_left - u_right = f b / z - (right cx - left cx) = 4 - 2
    return StereoSample(
        'plane/0',
        0,
        strip[:, :width],
        left,
        right=strip[:, 2 : width + 2],
        rig=rig,
        depth_m=truth,
        right_depth_m=truth + 1,
        teacher_depth_m=truth + 2,
        teacher_scale=truth / 100,
    )


def test_shrinking_sparse_truth_keeps_every_value_and_lets_the_nearest_win():
    depth = np.full((4, 4), NAN, np.float32)
    depth[0, 1], depth[1, 0], depth[3, 3] = 5.0, 7.0, 9.0
    np.testing.assert_array_equal(resized_depth(depth, 2, 2), [[5.0, NAN], [NAN, 9.0]])


def test_growing_truth_repeats_pixels_and_never_averages():
    depth = np.array([[1.0, 2.0]], np.float32)
    np.testing.assert_array_equal(resized_depth(depth, 4, 2), [[1, 1, 2, 2], [1, 1, 2, 2]])


@pytest.mark.parametrize(('side', 'small'), [(100, 97), (80, 64), (128, 96), (96, 48)])
def test_shrunken_truth_lies_where_the_centres_of_its_pixels_fall(side, small):
    for pixel in range(side):
        depth = np.full((side, side), NAN, np.float32)
        depth[pixel, pixel] = 5.0
        ((row,), (column,)) = np.nonzero(~np.isnan(resized_depth(depth, small, small)))
        centre = (pixel + 0.5) * small / side - 0.5
        assert max(abs(row - centre), abs(column - centre)) <= 0.5


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
    assert view.left[0, 0, 0] == 40
    assert view.depth_m[0, 0] == pytest.approx(11.0)
    assert (view.camera.cx, view.camera.cy) == (21.5, 11.5)


def test_windows_keep_pixels_square():
    rng = np.random.default_rng(0)
    for _ in range(20):
        camera = random_window(ramp_view(100, 40), 32, 32, rng, max_zoom=1.5).camera
        assert camera.fx == pytest.approx(camera.fy, rel=0.04)


def test_window_is_the_largest_that_fits_or_up_to_a_zoom_of_one_and_a_half():
    rng = np.random.default_rng(0)
    focals = [
        random_window(ramp_view(64, 32), 64, 32, rng, max_zoom=1.5).camera.fx for _ in range(50)
    ]
    assert min(focals) >= 50
    assert max(focals) <= 50 * 1.5 * 1.03
    assert max(focals) > 60


def disparity_of(sample):
    """The shift at which the two images agree best, px."""
    width = sample.left.shape[1]
    left, right = sample.left.astype(int), sample.right.astype(int)
    costs = [np.abs(left[:, d:] - right[:, : width - d]).mean() for d in range(8)]
    return int(np.argmin(costs))


def expected_disparity(sample):
    return float(np.mean(sample.rig.disparity_from_depth(sample.depth_m)))


def test_the_pair_of_these_tests_has_the_disparity_of_its_truth():
    assert disparity_of(plane_pair()) == expected_disparity(plane_pair()) == 2


def test_flipped_pair_swaps_left_and_right():
    pair = plane_pair()
    mirrored = swap_flipped(pair)
    np.testing.assert_array_equal(mirrored.left, pair.right[:, ::-1])
    np.testing.assert_array_equal(mirrored.right, pair.left[:, ::-1])
    np.testing.assert_array_equal(mirrored.depth_m, pair.right_depth_m[:, ::-1])
    np.testing.assert_array_equal(mirrored.right_depth_m, pair.depth_m[:, ::-1])
    assert mirrored.camera == mirrored.rig.left == pair.rig.right.flipped()
    assert disparity_of(mirrored) == 2
    assert mirrored.rig.disparity_offset_px == pair.rig.disparity_offset_px


def test_flipped_pair_without_truth_of_the_right_image_has_none():
    mirrored = swap_flipped(replace(plane_pair(), right_depth_m=None))
    assert mirrored.depth_m is None
    assert mirrored.teacher_depth_m is None
    assert mirrored.teacher_scale is None


def test_window_and_size_are_the_same_for_both_images_and_depth_stays():
    pair = plane_pair()
    small = resized(cropped(pair, 8, 4, 40, 16), 80, 32)
    assert small.left.shape == small.right.shape == (32, 80, 3)
    assert small.camera == small.rig.left
    np.testing.assert_array_equal(np.unique(small.depth_m), [5.0])
    assert disparity_of(small) == expected_disparity(small) == 4  # twice the size, twice 2 px


def test_focal_length_times_baseline_follows_the_size():
    pair = plane_pair()
    assert resized(pair, 96, 48).rig.focal_baseline == pytest.approx(1.5 * pair.rig.focal_baseline)
    assert cropped(pair, 0, 0, 32, 32).rig.focal_baseline == pair.rig.focal_baseline


def test_scale_of_a_teacher_stays_with_its_depth_when_resized():
    depth = np.arange(1, 65, dtype=np.float32).reshape(8, 8)
    sample = StereoSample(
        'a', 0, np.zeros((8, 8, 3), np.uint8), Camera(8, 8, 9, 9, 3.5, 3.5), teacher_depth_m=depth
    )
    sample = replace(sample, teacher_scale=depth / 100)
    for size in (4, 16):
        small = resized(sample, size, size)
        np.testing.assert_array_equal(small.teacher_scale, small.teacher_depth_m / np.float32(100))


def test_cut_flip_exchanges_the_upper_and_the_lower_part():
    rows = np.arange(4)[:, None] * np.ones((1, 2))
    np.testing.assert_array_equal(cut_flipped(rows, 1)[:, 0], [3, 0, 1, 2])
    assert cut_flipped(rows, 0) is rows


def test_cut_lies_between_20_and_80_percent_on_a_multiple_of_32():
    rng = np.random.default_rng(0)
    assert {random_cut(192, rng) for _ in range(100)} == {64, 96, 128}
    assert random_cut(32, rng) == 0


class One:
    missing = Missing()
    names = ('ramp/0',)

    def __init__(self, sample):
        self.sample = sample

    def __len__(self):
        return 1

    def __getitem__(self, index):
        return self.sample


def test_larger_images_shrink_to_about_so_many_pixels():
    found = WithinPixels(One(plane_pair()), 32 * 16)[0]
    assert found.left.shape == found.right.shape == (16, 32, 3)
    assert (found.camera.width, found.camera.height) == (32, 16)
    # Half the focal length and half the disparity: the plane is as far as it was.
    assert found.camera.fx == 25
    assert found.rig.focal_baseline == plane_pair().rig.focal_baseline / 2
    np.testing.assert_array_equal(found.depth_m[np.isfinite(found.depth_m)], 5.0)
    assert np.isfinite(found.depth_m).mean() > 0.9


@pytest.mark.parametrize('pixels', [64 * 32, 10**6])
def test_images_within_so_many_pixels_stay(pixels):
    sample = ramp_view()
    assert WithinPixels(One(sample), pixels)[0] is sample
