# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Which frames of a drive are kept."""

import numpy as np
import pytest

from adu_depth_core.samples.frame_selection import FrameSelection, change, thumbnail

RNG = np.random.default_rng(0)
WALL = RNG.integers(60, 200, (48, 96, 3), np.uint8)


def kept(selection, images):
    """Return the numbers of the images that a selection keeps."""
    numbers = []
    for number, image in enumerate(images):
        if selection.wants(number, image):
            selection.keep(number, image)
            numbers.append(number)
    return numbers


def halves(left, right):
    image = np.full((48, 96, 3), left, np.uint8)
    image[:, 48:] = right
    return image


def test_change_is_the_mean_difference_in_grey_levels():
    first, second = thumbnail(halves(100, 120)), thumbnail(halves(100, 140))
    assert first.shape == (32, 64)
    # About their means: -10, 10 and -20, 20.
    assert change(first, second) == pytest.approx(10)
    assert change(first, first) == 0


def test_exposure_is_no_change():
    assert change(thumbnail(halves(100, 120)), thumbnail(halves(140, 160))) == pytest.approx(0)


def test_noise_is_hardly_any_change():
    street = np.repeat(np.repeat(WALL, 8, 0), 8, 1)
    first, second = (
        np.clip(street + RNG.normal(0, 8, street.shape), 0, 255).astype(np.uint8) for _ in range(2)
    )
    assert change(thumbnail(first), thumbnail(second)) < 1


def test_image_of_any_strides_is_compared_alike():
    np.testing.assert_array_equal(
        thumbnail(WALL[:, ::-1, ::-1]), thumbnail(WALL[:, ::-1, ::-1].copy())
    )


def test_without_a_policy_all_are_kept():
    assert kept(FrameSelection(), [WALL] * 4) == [0, 1, 2, 3]


def test_every_third_is_kept():
    assert kept(FrameSelection(every=3), [WALL] * 8) == [0, 3, 6]


def test_an_hour_of_the_same_wall_is_one_frame():
    assert kept(FrameSelection(min_change=6.0), [WALL] * 100) == [0]


def test_first_frame_that_has_changed_enough_is_kept():
    images = [halves(100, 100 + 4 * step) for step in range(10)]
    # Each step moves both halves by 2 grey levels.
    assert kept(FrameSelection(min_change=6.0), images) == [0, 3, 6, 9]


def test_both_policies_hold_together():
    images = [halves(100, 100 + 4 * step) for step in range(12)]
    assert kept(FrameSelection(every=4, min_change=6.0), images) == [0, 4, 8]
    assert kept(FrameSelection(every=2, min_change=6.0), images) == [0, 3, 6, 9]


def test_frame_that_is_not_kept_after_all_leaves_no_trace():
    selection = FrameSelection(every=3)
    selection.keep(0, WALL)
    assert selection.wants(3, WALL)
    assert selection.wants(4, WALL)


def test_frame_that_is_not_due_is_not_looked_at():
    selection = FrameSelection(every=3)
    selection.keep(0, WALL)
    assert [selection.is_due(number) for number in (1, 2, 3)] == [False, False, True]


def test_images_of_different_cameras_can_be_compared():
    selection = FrameSelection(min_change=1.0)
    selection.keep(0, halves(100, 120))
    assert not selection.wants(1, np.repeat(halves(100, 120), 2, 0))
