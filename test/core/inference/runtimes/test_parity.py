# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""When a lower precision may stand for float32."""

import numpy as np
import pytest

from adu_depth_core.inference.runtimes.parity import Parity, compared, parity_frame


def test_four_pixels_by_hand():
    reference = np.array([[10, 20], [40, 80]], np.float32)
    found = compared(np.array([[10.1, 20], [40, 79.2]], np.float32), reference)
    assert found.mean == pytest.approx(0.02 / 4, rel=1e-4)
    assert found.largest == pytest.approx(0.01, rel=1e-4)
    assert (found.distinct, found.distinct_reference) == (4, 4)


@pytest.mark.parametrize('value', [np.nan, np.inf])
def test_value_that_is_not_finite_is_never_good(value):
    reference = np.ones((1, 4), np.float32)
    assert not compared(np.array([[1, 1, 1, value]], np.float32), reference).good


@pytest.mark.parametrize(
    ('parity', 'good'),
    [
        (Parity(0.004, 0.019, 50_000, 100_000), True),
        (Parity(0.006, 0.019, 50_000, 100_000), False),
        (Parity(0.004, 0.021, 50_000, 100_000), False),
        (Parity(0.004, 0.019, 9_999, 100_000), False),
        (Parity(0.004, 0.019, 46, 100_000), False),
        (Parity(0.004, 0.019, 4_000, 8_000), True),
        (Parity(0.004, 0.019, 3_999, 8_000), False),
    ],
)
def test_limits_on_mean_largest_and_distinct_depths(parity, good):
    assert parity.good == good


def test_steps_of_bfloat16_are_not_good():
    depth = np.linspace(8, 16, 120_000, dtype=np.float32)[None]
    steps = (depth.view(np.uint32) & 0xFFFF0000).view(np.float32)
    found = compared(steps, depth)
    assert found.distinct < 200
    assert found.largest < 0.02
    assert not found.good


def test_frame_is_the_same_for_ever_and_full_of_texture():
    frame = parity_frame(640, 192)
    assert (frame.shape, frame.dtype) == ((192, 640, 3), np.uint8)
    np.testing.assert_array_equal(frame, parity_frame(640, 192))
    assert frame.astype(float).std(axis=(0, 1)).min() > 20
    assert parity_frame(32, 32).shape == (32, 32, 3)
