# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Unrelated scenes: pure functions of seed and index, random rigs, or one camera for all."""

import numpy as np
import pytest

from adu_depth_core.camera import Camera
from adu_depth_core.synthetic import SyntheticScenes
from adu_depth_core.synthetic.rendering import depth_alone
from adu_depth_core.synthetic.scenes import (
    JUDGING_CAMERA,
    PIXELS,
    is_blocked,
    is_inside,
    network_size,
    random_camera,
    random_scene,
)
from adu_depth_core.synthetic.solids import SolidArrays

SMALL = 160 * 96
VGA, HD = Camera(640, 480, 525.0, 525.0, 319.5, 239.5), Camera(1280, 720, 900, 900, 639.5, 359.5)


def scenes(seed, camera=None, count=20):
    return [random_scene(seed, index, camera, SMALL) for index in range(count)]


def test_sample_is_a_function_of_seed_and_index_alone():
    few, many = SyntheticScenes(1, 8, pixels=SMALL), SyntheticScenes(1, 40, pixels=SMALL)
    many[3]
    first, again = few[7], many[7]
    for name in ('left', 'right', 'depth_m', 'right_depth_m'):
        np.testing.assert_array_equal(getattr(first, name), getattr(again, name))
    assert first.rig == again.rig
    other = SyntheticScenes(2, 8, pixels=SMALL)[7]
    assert other.left.shape != first.left.shape or not np.array_equal(other.left, first.left)
    with pytest.raises(IndexError):
        few[8]


def test_sample_has_both_images_both_depths_and_their_rig():
    sample = SyntheticScenes(1, 4, pixels=SMALL)[2]
    size = (sample.camera.height, sample.camera.width)
    assert sample.rig.left == sample.rig.right == sample.camera
    assert sample.left.shape == sample.right.shape == (*size, 3)
    assert sample.depth_m.shape == sample.right_depth_m.shape == size
    assert not np.array_equal(sample.depth_m, sample.right_depth_m)


def test_both_depths_and_both_images_agree_wherever_both_cameras_see():
    agreeing, differences = [], []
    for index in range(6):
        sample = SyntheticScenes(9, 6, camera=Camera(320, 240, 262.5, 262.5, 159.5, 119.5))[index]
        rows, columns = np.nonzero(np.isfinite(sample.depth_m))
        depth = sample.depth_m[rows, columns]
        across = np.rint(columns - sample.rig.disparity_from_depth(depth)).astype(int)
        rows, columns, depth, across = (x[across >= 0] for x in (rows, columns, depth, across))
        same = np.abs(sample.right_depth_m[rows, across] / depth - 1) < 0.02
        agreeing.append(same.mean())
        left, right = sample.left[rows, columns][same], sample.right[rows, across][same]
        gain = right.mean() / left.mean()
        differences.append(np.median(np.abs(left * gain - right)))
    assert np.mean(agreeing) > 0.9
    assert np.mean(differences) < 6


def test_scene_without_right_image_has_the_same_left_one():
    pair, alone = (SyntheticScenes(1, 4, pixels=SMALL, right=right)[2] for right in (True, False))
    np.testing.assert_array_equal(alone.left, pair.left)
    np.testing.assert_array_equal(alone.depth_m, pair.depth_m)
    assert (alone.right, alone.rig, alone.right_depth_m) == (None, None, None)


def test_random_cameras_have_many_aspects_and_no_more_pixels_than_asked_for():
    rng = np.random.default_rng(0)
    cameras = [random_camera(rng, PIXELS, car=bool(number % 2)) for number in range(100)]
    aspects = [camera.width / camera.height for camera in cameras]
    assert len(set(aspects)) > 6
    assert 1.2 < min(aspects) < 1.5
    assert 3.2 < max(aspects) < 3.8
    for camera in cameras:
        assert camera.width % 32 == camera.height % 32 == 0
        assert 0.75 * PIXELS <= camera.width * camera.height <= PIXELS


def test_size_of_a_kitti_image_is_640_by_192():
    assert network_size(1242 / 375, 640 * 192) == (640, 192)


def test_rigs_are_a_cars_or_a_small_robots():
    rigs = [(scene.rig.baseline_m, scene.pose.height) for scene in scenes(3, count=40)]
    cars = [height for baseline, height in rigs if 0.48 < baseline < 0.6]
    robots = [height for baseline, height in rigs if 0.06 <= baseline <= 0.25]
    assert len(cars) + len(robots) == len(rigs)
    assert 15 < len(cars) < 38
    assert min(cars) > 1.2
    assert np.median(robots) < 1.2


def test_fixed_camera_sees_the_streets_of_every_other_camera():
    for vga, hd, free in zip(scenes(5, VGA), scenes(5, HD), scenes(5), strict=True):
        assert (vga.rig.left, hd.rig.left) == (VGA, HD)
        assert vga.rig.baseline_m == hd.rig.baseline_m == free.rig.baseline_m
        assert vga.pose == hd.pose == free.pose
        assert vga.street == hd.street == free.street
        assert vga.time_s == hd.time_s == free.time_s
        assert vga.left_exposure == hd.left_exposure == free.left_exposure


def test_camera_with_twice_the_pixels_sees_the_same_depth():
    fine, coarse = Camera(161, 97, 100, 100, 80, 48), Camera(81, 49, 50, 50, 40, 24)
    first, second = (
        SyntheticScenes(5, 3, camera=camera, right=False) for camera in (fine, coarse)
    )
    np.testing.assert_allclose(first[1].depth_m[::2, ::2], second[1].depth_m, rtol=1e-4)


def test_the_two_cameras_of_a_rig_differ_a_little_in_exposure_colour_and_noise():
    for scene in scenes(7):
        left, right = scene.left_exposure, scene.right_exposure
        assert 0.8 < right.level / left.level < 1.25
        assert right.level != left.level
        assert 0.9 < min(right.white_balance) < max(right.white_balance) < 1.1
        assert len(set(right.white_balance)) == 3
        assert right.noise != left.noise


def test_view_is_blocked_when_a_quarter_of_it_is_nearer_than_a_metre():
    depth = np.full((4, 4), 5.0, np.float32)
    depth[0] = 0.9
    assert not is_blocked(depth)
    depth[1, 0] = 0.9
    assert is_blocked(depth)


def test_no_scene_is_seen_from_inside_or_close_to_something():
    for scene in scenes(1):
        solids = SolidArrays.stacked(scene.street.solids(scene.pose.z), scene.time_s, 'cpu')
        assert not is_inside(scene.pose, solids)
        assert not is_blocked(depth_alone(solids, JUDGING_CAMERA, scene.pose))


def test_near_scenes_stand_before_something_and_are_others_than_the_open_ones():
    near = [random_scene(1, index, None, SMALL, near=True) for index in range(6)]
    again = random_scene(1, 3, None, SMALL, near=True)
    assert again.pose == near[3].pose
    shares = [near_share(scene) for scene in near]
    assert np.mean(shares) > 0.15
    names = SyntheticScenes(1, 2, near=True).names
    assert names == ['synthetic_near_0001/0000000000', 'synthetic_near_0001/0000000001']


def near_share(scene):
    """Share of what stands upright, above the middle row, within 8 m of the judging camera."""
    solids = SolidArrays.stacked(scene.street.solids(scene.pose.z), scene.time_s, 'cpu')
    depth = depth_alone(solids, JUDGING_CAMERA, scene.pose)
    return float((depth[: JUDGING_CAMERA.height // 2] < 8.0).mean())
