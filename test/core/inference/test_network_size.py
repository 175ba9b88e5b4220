# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Isotropic network sizes for cameras of every shape."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adu_depth_core.errors import InputError
from adu_depth_core.inference.network_size import (
    DEFAULT_PIXELS,
    NetworkSize,
    filled_size,
    fitted_size,
    network_size,
    parsed_size,
)


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


def test_box_is_filled_along_one_side():
    assert fitted_size(1242, 375, (1216, 352)) == NetworkSize(1166, 352, 1184, 352)
    assert fitted_size(640, 480, (640, 192)) == NetworkSize(256, 192, 256, 192)


def test_small_images_are_not_enlarged_to_fill_a_box():
    assert fitted_size(320, 240, (640, 480)) == NetworkSize(320, 240, 320, 256)


def test_graph_of_one_size_gets_the_whole_box():
    assert filled_size(640, 480, (640, 192)) == NetworkSize(256, 192, 640, 192)


@given(st.integers(1, 4000), st.integers(1, 4000))
def test_every_camera_fits_the_box(width, height):
    size = fitted_size(width, height, (640, 192))
    assert 1 <= size.width <= size.padded_width <= 640
    assert 1 <= size.height <= size.padded_height <= 192


def test_size_is_read_as_width_and_height():
    assert parsed_size('640x192') == (640, 192)
    assert parsed_size('641x479', multiple=1) == (641, 479)


@pytest.mark.parametrize('text', ['', '640', '640x190', '0x32', '-32x32', '640X192x3', '6.4x3'])
def test_sizes_that_no_network_takes_are_refused(text):
    with pytest.raises(InputError, match='multiples of 32; try 640x192'):
        parsed_size(text)


@pytest.mark.parametrize('text', ['', '640', '0x480', '640x-480', '640 480'])
def test_sizes_that_no_camera_has_are_refused(text):
    with pytest.raises(InputError, match='not WIDTHxHEIGHT in px; try 640x192'):
        parsed_size(text, multiple=1)
