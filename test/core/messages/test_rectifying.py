# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Which images are raw, and what camera_info makes of them."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from adu_depth_core.camera import Camera
from adu_depth_core.errors import InputError
from adu_depth_core.messages.camera_info import Calibration, calibration_of
from adu_depth_core.messages.rectifying import Rectifying, says_rectified
from adu_depth_core.samples.raw_image import Rectification

D = [-0.3, 0.1, 0.001, 0.002, -0.01]
K = [100.0, 0, 80, 0, 110, 50, 0, 0, 1]
P = [90.0, 0, 79, -45, 0, 90, 47, 0, 0, 0, 1, 0]
RAW = '/camera/image_raw'


def calibration(**fields: Any) -> Calibration:
    roi = SimpleNamespace(x_offset=0, y_offset=0, width=0, height=0)
    values: dict[str, Any] = {
        **{'width': 160, 'height': 96, 'binning_x': 0, 'binning_y': 0, 'roi': roi},
        **{'distortion_model': 'plumb_bob', 'd': D, 'k': K, 'r': np.eye(3).ravel(), 'p': P},
    }
    return calibration_of(SimpleNamespace(**{**values, **fields}))


def made(rectifying: Rectifying = Rectifying(), **fields: Any) -> Rectification:  # noqa: B008
    found = rectifying.of_image(calibration(**fields), RAW, 160, 96)
    assert found is not None
    return found


@pytest.mark.parametrize(
    'topic',
    [
        *('/camera/image_rect', '/left/image_rect_color/compressed', 'image_rect', '/rect/image'),
        *('/infra1/image_rect_raw', '/cam/image_undistorted', '/rectified/image'),
    ],
)
def test_topics_of_rectified_images_say_so(topic: str) -> None:
    assert says_rectified(topic)
    assert Rectifying().of_image(calibration(), topic, 160, 96) is None


@pytest.mark.parametrize(
    'topic', [RAW, '/camera/image', '/director/image_raw', '/cam/image_unrectified', '']
)
def test_other_topics_do_not(topic: str) -> None:
    assert not says_rectified(topic)
    assert Rectifying().of_image(calibration(), topic, 160, 96) is not None


def test_camera_without_distortion_is_left_alone_unless_told() -> None:
    straight = calibration(d=[0.0] * 5)
    assert Rectifying('auto').of_image(straight, RAW, 160, 96) is None
    assert Rectifying('always').of_image(straight, '/image_rect', 160, 96) is not None
    assert Rectifying('never').of_image(calibration(), RAW, 160, 96) is None


def test_raw_camera_is_that_of_k_and_the_rectified_one_that_of_p() -> None:
    found = made()
    assert found.lens.camera == Camera(160, 96, 100.0, 110.0, 80.0, 50.0)
    assert found.lens.coefficients == tuple(D)
    assert found.camera == Camera(160, 96, 90.0, 90.0, 79.0, 47.0)
    assert made(p=[0.0] * 12).camera == found.lens.camera


def test_field_of_view_is_that_of_the_edges() -> None:
    camera = made(Rectifying('auto', 90.0)).camera
    # Of 160 columns the edges are 80 px from the middle, at 45 degrees.
    assert (camera.fx, camera.fy, camera.cx, camera.cy) == pytest.approx((80.0, 80.0, 79.5, 47.5))


def test_binning_and_region_of_interest_hold_for_both_cameras() -> None:
    roi = SimpleNamespace(x_offset=40, y_offset=16, width=80, height=64)
    cut = calibration(roi=roi, binning_x=2, binning_y=2)
    found = Rectifying().of_image(cut, RAW, 40, 32)
    assert found is not None
    assert found.lens.camera == Camera(40, 32, 50.0, 55.0, 20.0, 17.0)
    assert found.camera == Camera(40, 32, 45.0, 45.0, 19.5, 15.5)


def test_maps_are_kept_from_message_to_message() -> None:
    assert made() is made()
    assert made() is not made(k=[101.0, *K[1:]])


def test_empty_r_turns_nothing() -> None:
    assert made(r=[0.0] * 9).rotation == made().rotation


@pytest.mark.parametrize(
    ('fields', 'sentence'),
    [
        ({'distortion_model': 'ftheta'}, r'^distortion_model "ftheta" is not known here, only'),
        ({'k': [0.0] * 9}, r'^K\[0\] is 0, so the raw image cannot be rectified; calibrate'),
        ({'r': [2.0, 0, 0, 0, 2, 0, 0, 0, 2]}, r'^R is no rotation .* off by 3\); calibrate'),
        ({'r': [1.0, 0, 0, 0, 1, 0, 0, 0, -1]}, r'^R is no rotation'),
        ({'r': [float('nan')] * 9}, r'^R has a value that no rotation has; calibrate'),
        ({'d': D[:2]}, r'^D has 2 values, plumb_bob has 4 or 5 or 8 or 12; calibrate'),
        ({'width': 320, 'height': 192}, r'^describes an image of 320x192 pixels, but the image'),
    ],
)
def test_what_cannot_be_rectified_is_said_in_one_sentence(
    fields: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(InputError, match=sentence) as error:
        made(**fields)
    assert '\n' not in str(error.value)


def test_what_was_rectified_has_a_calibration_without_distortion() -> None:
    image = np.full((96, 160, 3), 7, np.uint8)
    found, after = Rectifying().applied(image, calibration(binning_x=1), RAW)
    assert (found.shape, found.min(), found.max()) == ((96, 160, 3), 7, 7)
    assert after.of_image(160, 96) == Camera(160, 96, 90.0, 90.0, 79.0, 47.0)
    assert (after.is_distorted, after.across_m) == (False, -0.5)
    again, same = Rectifying().applied(found, after, RAW)
    assert again is found
    assert same is after
