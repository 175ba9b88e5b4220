# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Depth in whole millimetres."""

import numpy as np
import pytest

from adu_depth_ros.messages.raw_depth import to_millimetres


@pytest.mark.filterwarnings('error')
def test_metres_become_rounded_millimetres_and_unknown_becomes_0() -> None:
    depth = np.array([[1.0, 12.3456, 0.0004], [np.nan, 65.535, 65.6]], np.float32)
    out = np.full((2, 3), 99, np.uint16)
    to_millimetres(depth, out)
    assert out.tolist() == [[1000, 12346, 0], [0, 65535, 65535]]


@pytest.mark.filterwarnings('error')
@pytest.mark.parametrize(('metres', 'expected'), [(1e9, 65535), (np.inf, 65535), (-1.0, 0)])
def test_what_no_number_can_hold_saturates(metres: float, expected: int) -> None:
    out = np.full((1, 1), 99, np.uint16)
    to_millimetres(np.array([[metres]], np.float32), out)
    assert out.tolist() == [[expected]]
