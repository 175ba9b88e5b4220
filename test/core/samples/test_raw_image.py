# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Raw images become rectified ones: against OpenCV, plain resizing, and KITTI's own cameras."""

import cv2
import numpy as np
import pytest

from adu_depth_core.camera import Camera
from adu_depth_core.datasets.kitti_calibration import read_fields
from adu_depth_core.errors import InputError
from adu_depth_core.samples.image_files import read_rgb
from adu_depth_core.samples.lens import lens
from adu_depth_core.samples.raw_image import Rectification

UNTURNED = tuple(np.eye(3).ravel())
D = (-0.35, 0.15, 0.001, -0.002, -0.03)
SMALL = Camera(160, 96, 130.0, 132.0, 81.0, 46.0)


def smooth(width, height):
    """Return an image without edges: 3 waves across, 2 down."""
    v, u = np.mgrid[:height, :width]
    waves = [np.sin(6.3 * (3 * u / width + 2 * v / height) + phase) for phase in (0, 2, 4)]
    return np.rint(127.5 + 120 * np.stack(waves, -1)).astype(np.uint8)


def turn(x, y, z):
    return cv2.Rodrigues(np.array([x, y, z], float))[0]


@pytest.mark.parametrize('size', [(160, 96), (120, 72)])
def test_image_is_that_of_opencvs_maps(size):
    rotation, camera = turn(0.02, -0.01, 0.015), Camera(160, 96, 100.0, 100.0, 79.0, 47.0)
    ours = Rectification(lens(SMALL, 'plumb_bob', D), tuple(rotation.ravel()), camera)
    wanted = camera.resized(*size)
    maps = cv2.initUndistortRectifyMap(
        SMALL.matrix, np.array(D), rotation, wanted.matrix, size, cv2.CV_32FC1
    )
    raw = smooth(160, 96)
    expected = cv2.remap(raw, *maps, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    found, seen = ours.image(raw, wanted), ours.seen(wanted)
    assert seen.mean() > 0.75
    # Fixed point: to 1/32 px.
    assert np.abs(found.astype(int) - expected)[seen].max() <= 2


def test_camera_without_distortion_is_resized_as_a_plain_image_is():
    raw = smooth(160, 96)
    same = Rectification(lens(SMALL, 'plumb_bob', ()), UNTURNED, SMALL)
    np.testing.assert_array_equal(same.image(raw, SMALL), raw)
    for size in ((100, 60), (40, 24), (35, 21)):  # 1.6, 4 and 4.6 pixels become one
        plain = cv2.resize(raw, size, interpolation=cv2.INTER_AREA)
        found = same.image(raw, SMALL.resized(*size))
        inner = np.abs(found.astype(int) - plain)[1:-1, 1:-1]
        assert inner.max() <= 8  # one pixel aside are 60 greys and more
    noise = np.random.default_rng(0).integers(0, 255, (96, 160, 3), np.uint8)
    small = cv2.resize(noise, (40, 24), interpolation=cv2.INTER_AREA)
    # Every pixel counts: what took one of four alone would have four times this variance.
    assert same.image(noise, SMALL.resized(40, 24)).std() < 1.2 * small.std()


def test_blue_first_seen_from_behind_is_the_same_picture():
    ours = Rectification(lens(SMALL, 'plumb_bob', D), UNTURNED, SMALL)
    raw = smooth(160, 96)
    behind = np.ascontiguousarray(raw[..., ::-1])[..., ::-1]
    assert behind.strides[2] < 0
    np.testing.assert_array_equal(ours.image(behind, SMALL), ours.image(raw, SMALL))


def test_what_lies_beside_the_raw_image_is_not_seen():
    wide = Camera(160, 96, 65.0, 66.0, 81.0, 46.0)  # half the focal length: twice the view
    seen = Rectification(lens(SMALL, 'plumb_bob', ()), UNTURNED, wide).seen(wide)
    # Columns -0.5 to 159.5 of the raw image are 40.25 to 120.25 of the wide one.
    assert np.flatnonzero(seen[46]).tolist() == list(range(41, 121))
    assert np.flatnonzero(seen[:, 81]).tolist() == list(range(23, 71))


def test_depth_of_a_turned_camera_is_along_the_other_axis():
    rotation = turn(0.0, 0.1, 0.0)
    camera = Camera(160, 96, 100.0, 100.0, 79.5, 47.5)
    ours = Rectification(lens(SMALL, 'plumb_bob', ()), tuple(rotation.ravel()), camera)
    plane_m = np.full((96, 160), 10.0, np.float32)  # z = 10 m before the raw camera
    found = ours.depth_m(plane_m)
    # Row 3 of R^-1 is the raw axis: n . (d z) = 10.
    expected = 10 / (camera.rays() @ rotation.T[2])
    seen = ours.seen(camera)
    assert 0.5 < seen.mean() < 1
    np.testing.assert_allclose(found[seen], expected[seen], rtol=1e-5)
    assert np.isnan(found[~seen]).all()


def test_image_that_opencv_cannot_remap_is_refused():
    long = Camera(40000, 4, 100.0, 100.0, 20000.0, 2.0)
    with pytest.raises(InputError, match=r'^an image of 40000x4 px cannot be rectified, sides'):
        Rectification(lens(long, 'plumb_bob', D), UNTURNED, SMALL)


@pytest.mark.real_data
@pytest.mark.parametrize('side', ['02', '03'])
def test_kittis_picture_goes_to_its_raw_camera_and_back(data_root, side):
    date = data_root / 'kitti_raw/2011_09_26'
    fields = read_fields(date / 'calib_cam_to_cam.txt')
    k, d, r = (fields[f'{name}_{side}'] for name in ('K', 'D', 'R_rect'))
    p = fields[f'P_rect_{side}'].reshape(3, 4)
    raw = Camera(1392, 512, k[0], k[4], k[2], k[5])
    picture = read_rgb(next(date.glob(f'*_sync/image_{side}/data/*')))
    camera = Camera(picture.shape[1], picture.shape[0], p[0, 0], p[1, 1], p[0, 2], p[1, 2])
    ours = Rectification(lens(raw, 'plumb_bob', tuple(d)), tuple(r), camera)
    # What the raw camera saw: each of its pixels undistorted and rectified by OpenCV alone.
    v, u = np.mgrid[:512, :1392].astype(np.float64)
    pixels = np.stack([u, v], -1).reshape(-1, 1, 2)
    criteria = (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, 40, 1e-6)
    origins = cv2.undistortPointsIter(
        pixels, k.reshape(3, 3), d, r.reshape(3, 3), p[:, :3], criteria
    )
    maps = np.moveaxis(origins.reshape(512, 1392, 2).astype(np.float32), -1, 0)
    seen_by_raw = cv2.remap(picture, *maps, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    found = ours.image(seen_by_raw, camera)
    assert ours.seen(camera).all()
    difference = np.abs(found.astype(int) - picture)[4:-4, 4:-4]
    # Looked at twice, and no pixel aside: one aside is a mean difference of some ten greys.
    assert difference.mean() < 3
    moved = np.abs(np.roll(found, 1, axis=1).astype(int) - picture)[4:-4, 4:-4]
    assert difference.mean() < moved.mean() / 2
    # Straight into the network's size it is the same picture made smaller.
    small = camera.resized(640, 193)
    plain = cv2.resize(picture, (640, 193), interpolation=cv2.INTER_AREA)
    found = ours.image(seen_by_raw, small).astype(int)
    difference = np.abs(found - plain)[4:-4, 4:-4]
    moved = np.abs(np.roll(found, 1, axis=1) - plain)[4:-4, 4:-4]
    assert difference.mean() < moved.mean() / 3
