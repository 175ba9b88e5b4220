# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Depth as colours on one scale, by table."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from adu_depth_core.evaluation.colours import UNKNOWN_COLOUR, coloured_depth
from adu_depth_ros.mono.mono_depth_outputs import DepthColours

COLOURS = DepthColours(2.0, 80.0)


def painted(depth_m: list[float], colours: DepthColours = COLOURS) -> np.ndarray:
    depth = np.array([depth_m], np.float32)
    picture = np.empty((*depth.shape, 3), np.uint8)
    colours.paint(depth, picture)
    return picture[0]


def test_near_is_red_far_is_blue_and_unknown_is_grey() -> None:
    near, far, unknown = painted([2.0, 80.0, np.nan]).tolist()
    assert near[0] > 100 > max(near[1:])
    assert far[2] > max(far[:2])
    assert unknown == list(UNKNOWN_COLOUR)


def test_colours_are_those_of_the_core_but_for_one_step() -> None:
    depth = np.geomspace(0.5, 200, 5000).astype(np.float32)
    shown, exact = painted(depth.tolist()).astype(int), coloured_depth(depth[None])[0].astype(int)
    assert np.abs(shown - exact).max() <= 8


@given(arrays.arrays(np.float32, 6, elements=st.floats(0.125, 500, width=32)))
def test_colour_depends_on_the_depth_of_a_pixel_alone(depth: np.ndarray) -> None:
    together = painted(depth.tolist())
    alone = [painted([value])[0] for value in depth.tolist()]
    np.testing.assert_array_equal(together, alone)


def test_depth_beyond_the_ends_takes_their_colours() -> None:
    shown = painted([0.1, 1.9, 100.0, 1000.0]).tolist()
    ends = painted([1.9, 90.0]).tolist()
    assert shown == [ends[0], ends[0], ends[1], ends[1]]


def test_ends_can_be_chosen() -> None:
    indoors = DepthColours(0.5, 5.0)
    assert painted([0.4], indoors).tolist() == painted([1.9]).tolist()
    assert painted([6.0], indoors).tolist() == painted([90.0]).tolist()
