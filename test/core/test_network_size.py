# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Isotropic network sizes for cameras of every shape."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adu_depth_core.inference.network_size import DEFAULT_PIXELS, NetworkSize, network_size


def test_kitti_fits_the_budget_exactly():
    assert network_size(1242, 375) == NetworkSize(636, 192, 640, 192)


@pytest.mark.parametrize(('width', 'height'), [(640, 480), (1280, 720), (881, 400), (1920, 1200)])
def test_common_cameras_use_most_of_the_budget(width, height):
    size = network_size(width, height)
    assert 0.75 * DEFAULT_PIXELS <= size.padded_width * size.padded_height <= DEFAULT_PIXELS


def test_small_images_are_not_enlarged():
    assert network_size(320, 240) == NetworkSize(320, 240, 320, 256)


@given(st.integers(64, 4000), st.integers(64, 4000))
def test_every_camera_keeps_its_aspect_within_a_pixel(width, height):
    size = network_size(width, height)
    scale = size.width / width
    assert abs(size.height - height * scale) <= 1 + height / width
    assert size.padded_width % 32 == size.padded_height % 32 == 0
    assert 0 <= size.padded_width - size.width < 32
    assert 0 <= size.padded_height - size.height < 32
    if max(width, height) <= 100 * min(width, height):
        assert size.padded_width * size.padded_height <= DEFAULT_PIXELS
