# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Rendered streets: exact geometry, the same bytes from the same seed, pictures that match."""

import cv2
import numpy as np
import pytest
import torch

from adu_depth_core.camera import Camera
from adu_depth_core.synthetic import SyntheticDrive
from adu_depth_core.synthetic.drive import KITTI_CAMERA
from adu_depth_core.synthetic.ray_caster import NO_SOLID, Rays, cast
from adu_depth_core.synthetic.rendering import Exposure, Pose, render
from adu_depth_core.synthetic.solids import Shape, Solid, SolidArrays, Surface
from adu_depth_core.synthetic.street import random_street

CAMERA = KITTI_CAMERA.resized(414, 125)


@pytest.fixture(scope='module')
def drive():
    return SyntheticDrive(3, 20, camera=CAMERA)


@pytest.fixture(scope='module')
def frame(drive):
    return drive[4]


def level_rays(camera, height):
    return Rays(
        torch.tensor([0.0, -height, 0.0]),
        torch.from_numpy(camera.rays()),
        torch.eye(3),
        torch.tensor([camera.fx, camera.fy]),
        torch.tensor([camera.cx, camera.cy]),
    )


def solids(*items):
    return SolidArrays.stacked(items, 0.0, 'cpu')


def box(centre, half, shape=Shape.BOX, yaw=0.0):
    return Solid(shape, Surface.PLAIN, centre, half, (0.5, 0.5, 0.5), yaw)


def test_ground_has_its_analytic_depth():
    camera = Camera(64, 48, 50.0, 50.0, 31.5, 23.5)
    depth, index = cast(level_rays(camera, 1.5), solids(box((0, -1, -50), (1, 1, 1))))
    rows = np.arange(24, 48)
    expected = 1.5 * 50.0 / (rows - 23.5)
    np.testing.assert_allclose(depth[24:, 10], expected, rtol=1e-5)
    assert torch.isinf(depth[:24]).all()
    assert (index == NO_SOLID).all()


@pytest.mark.parametrize(
    ('shape', 'yaw', 'expected'),
    [
        (Shape.BOX, 0.0, 9.0),
        (Shape.BOX, np.pi / 4, 10 - np.sqrt(2)),
        (Shape.CYLINDER, 0.3, 9.0),
        (Shape.ELLIPSOID, 0.3, 9.0),
    ],
)
def test_solid_ahead_has_the_depth_of_its_front(shape, yaw, expected):
    camera = Camera(65, 49, 60.0, 60.0, 32.0, 24.0)
    thing = box((0.0, -1.5, 10.0), (1.0, 1.0, 1.0), shape, yaw)
    depth, index = cast(level_rays(camera, 1.5), solids(thing))
    assert float(depth[24, 32]) == pytest.approx(expected, abs=1e-4)
    assert int(index[24, 32]) == 0
    assert torch.isinf(depth[0, 0])


def test_nearer_solid_hides_the_farther_one_in_either_order():
    camera = Camera(65, 49, 60.0, 60.0, 32.0, 24.0)
    near, far = box((0, -1.5, 5), (0.2, 0.2, 0.2)), box((0, -1.5, 12), (3, 3, 1))
    for items in ((near, far), (far, near)):
        depth, _ = cast(level_rays(camera, 1.5), solids(*items))
        assert float(depth[24, 32]) == pytest.approx(4.8, abs=1e-4)
        assert float(depth[24, 42]) == pytest.approx(11.0, abs=1e-4)


def test_pitching_up_lowers_the_horizon():
    street = random_street(3)
    camera = Camera(96, 64, 60.0, 60.0, 47.5, 31.5)
    level, up = (
        render(street, camera, Pose(0, 1.5, 0, pitch=pitch), Exposure())[1] for pitch in (0.0, 0.2)
    )
    assert np.nanmedian(up[-1]) > np.nanmedian(level[-1])


def test_sky_is_infinite_and_everything_else_is_positive(frame):
    depth = frame.depth_m
    assert depth.dtype == np.float32
    assert not np.isnan(depth).any()
    assert (depth > 0).all()
    assert 0.02 < np.isinf(depth).mean() < 0.5
    assert np.isfinite(depth[-1]).all()


def warped(right, depth, rig):
    """Look up, for every left pixel, where the right image shows the same point."""
    v, u = np.indices(depth.shape, dtype=np.float32)
    disparity = (rig.focal_baseline / depth).astype(np.float32)
    return cv2.remap(right, u - disparity, v, cv2.INTER_LINEAR, borderValue=-1), u - disparity


def visible_in_both(frame):
    """Where the right camera's depth agrees: not occluded, inside the image."""
    seen, column = warped(frame.right_depth_m, frame.depth_m, frame.rig)
    with np.errstate(invalid='ignore'):
        same = np.abs(seen - frame.depth_m) < 0.01 * frame.depth_m
    return same & (column >= 0) & np.isfinite(frame.depth_m)


def test_depth_of_both_images_agrees_where_both_see(frame):
    inside = (frame.rig.focal_baseline / frame.depth_m) < np.arange(CAMERA.width)[None]
    finite = np.isfinite(frame.depth_m) & inside
    assert (visible_in_both(frame) & finite).sum() > 0.85 * finite.sum()


def test_right_image_shows_the_same_surfaces_at_their_disparity(frame):
    both = visible_in_both(frame)
    left = frame.left.astype(np.float32)
    shown, _ = warped(frame.right.astype(np.float32), frame.depth_m, frame.rig)
    unshifted = frame.right.astype(np.float32)
    assert np.median(np.abs(left - shown)[both]) < 6
    assert np.mean(np.abs(left - shown)[both]) < 0.6 * np.mean(np.abs(left - unshifted)[both])


def test_a_stereo_matcher_finds_the_disparity():
    camera = KITTI_CAMERA.resized(828, 250)
    frame = SyntheticDrive(11, 3, camera=camera)[1]
    matcher = cv2.StereoSGBM_create(0, 128, 5, P1=200, P2=800, uniquenessRatio=10)
    grey = [cv2.cvtColor(image, cv2.COLOR_RGB2GRAY) for image in (frame.left, frame.right)]
    found = matcher.compute(*grey) / 16.0
    valid = (found > 0) & visible_in_both(frame)
    truth = frame.rig.disparity_from_depth(frame.depth_m)
    assert valid.mean() > 0.3
    assert np.median(np.abs(found - truth)[valid]) < 1.0


def test_same_seed_gives_the_same_bytes_in_any_order():
    first, second = SyntheticDrive(3, 20, camera=CAMERA), SyntheticDrive(3, 20, camera=CAMERA)
    late, early = first[9], first[2]
    again_early, again_late = second[2], second[9]
    np.testing.assert_array_equal(late.left, again_late.left)
    np.testing.assert_array_equal(early.right, again_early.right)
    np.testing.assert_array_equal(early.depth_m, again_early.depth_m)
    assert not np.array_equal(early.left, late.left)
    assert not np.array_equal(early.left, SyntheticDrive(4, 20, camera=CAMERA)[2].left)


def test_drive_without_right_image_has_the_same_left_one(drive, frame):
    alone = SyntheticDrive(3, 20, camera=CAMERA, right=False)[4]
    np.testing.assert_array_equal(alone.left, frame.left)
    assert (alone.right, alone.rig, alone.right_depth_m) == (None, None, None)


def test_drive_runs_at_ten_hertz_and_moves_on(drive, frame):
    assert drive[5].stamp_ns - frame.stamp_ns == 100_000_000
    assert frame.name == 'synthetic_drive_0003/0000000004'
    assert frame.rig.baseline_m == pytest.approx(0.5327)
    assert len(drive) == 20
    with pytest.raises(IndexError):
        drive[20]


def test_drive_never_leaves_its_world():
    far = SyntheticDrive(3, 10_000, camera=CAMERA)[9_999]
    assert np.isfinite(far.depth_m).mean() > 0.5
    assert far.left.std() > 15


def test_street_depth_is_distributed_as_in_a_street():
    medians = []
    for seed in range(6):
        depth = SyntheticDrive(seed, 1, camera=KITTI_CAMERA.resized(207, 62))[0].depth_m
        medians.append(np.median(depth[np.isfinite(depth)]))
    assert 7 < np.median(medians) < 25
