# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
Depth of scenes seen through distorting lenses is that of the same scenes without a lens.

The scenes are rendered through each lens: OpenCV says which ray each raw pixel looks along, and
the ray caster follows it. In place of a network stands one that reads depth from the colours in
which the scenes are painted: it answers to where things are, and to nothing else.
"""

import cv2
import numpy as np
import pytest
import torch

from adu_depth_core.camera import Camera
from adu_depth_core.errors import InputError
from adu_depth_core.inference.model_info import ModelInfo
from adu_depth_core.inference.predictor import Predictor
from adu_depth_core.samples.lens import lens
from adu_depth_core.samples.raw_image import RawImage, Rectification
from adu_depth_core.synthetic.ray_caster import Rays, cast
from adu_depth_core.synthetic.scenes import random_scene
from adu_depth_core.synthetic.solids import SolidArrays

RECTIFIED = Camera(320, 96, 190.0, 190.0, 159.5, 47.5)
RAW = Camera(352, 128, 235.0, 237.0, 177.0, 62.0)
TURN = cv2.Rodrigues(np.array([0.01, -0.015, 0.02]))[0]  # from the raw camera to the rectified
LENSES = {
    'plumb_bob': (-0.37, 0.2, 0.0013, 0.0006, -0.068),
    'rational_polynomial': (5.2, 3.1, 1e-4, -6e-5, 0.16, 5.6, 4.6, 0.9),
    'equidistant': (-0.0155, 0.0021, -0.0049, 0.0011),
}
STEP = 0.006  # of the logarithm of depth, from one level to the next
INFO = ModelInfo('tiny', canonical_focal=360.0, temperature=1.0, pixels=320 * 96)


class Decoder:
    """Runs no network: it reads the depth that is written in an image of `coded`."""

    name, device, info, model_sha256, fixed_size = 'decoder', 'cpu', INFO, '', None
    precision = native_precision = 'float32'

    def __call__(self, image, fx):
        depth_m = np.exp(image.astype(np.float32).sum(-1) * STEP)
        return depth_m, 0.01 * depth_m


def coded(depth_m):
    """Write depth from 1 to 98 m as the sum of three channels: a mean stays a mean."""
    level = np.rint(np.log(depth_m.clip(1, 98)) / STEP)
    return np.stack([(level - 255 * i).clip(0, 255) for i in range(3)], -1).astype(np.uint8)


def raw_directions(model):
    """Return along which ray, scaled to z = 1, each pixel of the raw camera looks: (H, W, 3)."""
    pixels = np.stack(np.meshgrid(np.arange(RAW.width), np.arange(RAW.height)), -1)
    pixels, d = pixels.reshape(-1, 1, 2).astype(np.float64), np.array(LENSES[model])
    if model == 'equidistant':
        flat = cv2.fisheye.undistortPoints(pixels, RAW.matrix, d)
    else:
        criteria = (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, 60, 1e-9)
        flat = cv2.undistortPointsIter(pixels, RAW.matrix, d, np.eye(3), np.eye(3), criteria)
    flat = flat.reshape(RAW.height, RAW.width, 2)
    return np.dstack([flat, np.ones(flat.shape[:2])])


def looked(directions, camera, rotation, *, is_pinhole):
    """Return the depth of a scene, along the directions of a camera turned by `rotation`."""
    scene = random_scene(7, 0, RECTIFIED, 1)

    def tensor(values):
        return torch.as_tensor(np.array(values), dtype=torch.float32)

    rays = Rays(
        tensor(scene.pose.position),
        tensor(directions @ rotation.T),
        tensor(rotation.T),
        tensor([camera.fx, camera.fy]),
        tensor([camera.cx, camera.cy]),
        is_pinhole,
    )
    solids = SolidArrays.stacked(scene.street.solids(scene.pose.z), scene.time_s, 'cpu')
    return cast(rays, solids)[0].numpy()


@pytest.fixture(scope='module')
def straight_m():
    """What the rectified camera sees, without any lens."""
    rotation = random_scene(7, 0, RECTIFIED, 1).pose.rotation()
    return looked(RECTIFIED.rays(), RECTIFIED, rotation, is_pinhole=True)


@pytest.fixture(scope='module', params=LENSES)
def through_lens(request):
    """Model of a lens, and what is seen through it by a camera that is turned a little."""
    rotation = random_scene(7, 0, RECTIFIED, 1).pose.rotation() @ TURN
    return request.param, looked(raw_directions(request.param), RAW, rotation, is_pinhole=False)


def rectification(model):
    made = lens(RAW, model, LENSES[model])
    return Rectification(made, tuple(TURN.ravel()), RECTIFIED)


def away_from_edges(depth_m):
    """Where neighbours (5 x 5) differ by less than a tenth: surfaces, not their outlines."""
    near = depth_m.clip(0, 98)
    kernel = np.ones((5, 5))
    return (cv2.dilate(near, kernel) < 1.1 * cv2.erode(near, kernel)) & (near < 90)


def test_depth_written_in_a_raw_image_comes_out_where_it_belongs(straight_m, through_lens):
    model, seen_m = through_lens
    way = rectification(model)
    # The raw axis is another: depth along it, and not along ours, is in the raw depth image.
    along_m = seen_m * (raw_directions(model) @ TURN.T)[..., 2]
    found = Predictor(Decoder(), max_depth=98.0)(RawImage(coded(along_m), way), RECTIFIED)
    surfaces = away_from_edges(straight_m)
    assert way.seen(RECTIFIED).mean() > 0.95
    known = surfaces & ~np.isnan(found.depth_m)
    assert known.mean() > 0.4
    assert known.sum() > 0.95 * (surfaces & way.seen(RECTIFIED)).sum()
    off = np.abs(found.depth_m[known] / straight_m[known] - 1)
    assert np.quantile(off, 0.99) < 0.01
    # The same pixels without a rectification are of other places.
    left_alone = cv2.resize(along_m.clip(1, 98), (320, 96))[known] / straight_m[known] - 1
    assert np.quantile(np.abs(left_alone), 0.9) > 0.03


def test_depth_image_of_a_raw_camera_becomes_that_of_the_rectified_one(straight_m, through_lens):
    model, seen_m = through_lens
    found_m = rectification(model).depth_m(seen_m)
    known = away_from_edges(straight_m) & np.isfinite(found_m)
    off = np.abs(found_m[known] / straight_m[known] - 1)
    assert known.mean() > 0.4
    # The nearest pixel is up to half a pixel away: on a road that is a little depth.
    assert np.median(off) < 0.003
    assert np.quantile(off, 0.95) < 0.03


def test_what_the_raw_camera_does_not_see_is_unknown():
    wide = Camera(320, 96, 80.0, 80.0, 159.5, 47.5)
    way = Rectification(
        lens(RAW, 'plumb_bob', LENSES['plumb_bob']), tuple(np.eye(3).ravel()), wide
    )
    grey = RawImage(np.full((128, 352, 3), 100, np.uint8), way)
    found = Predictor(Decoder())(grey, wide)
    seen = way.seen(wide)
    assert 0.1 < seen.mean() < 0.9
    for values in (found.depth_m, found.std_m):
        np.testing.assert_array_equal(np.isnan(values), ~seen)
    np.testing.assert_allclose(found.depth_m[seen], np.exp(300 * STEP), rtol=1e-5)


def test_raw_image_of_another_camera_is_refused():
    way = rectification('plumb_bob')
    predictor = Predictor(Decoder())
    with pytest.raises(InputError, match=r'the raw image becomes one of .* ask for that of its'):
        predictor(RawImage(np.zeros((128, 352, 3), np.uint8), way), RAW)
    with pytest.raises(InputError, match=r'expected \(128, 352, 3\)'):
        predictor(RawImage(np.zeros((96, 320, 3), np.uint8), way), RECTIFIED)
