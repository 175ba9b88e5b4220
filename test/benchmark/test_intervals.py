# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What benchmark/intervals.py counts, on errors that were drawn with a known width."""

import importlib.util
import math
from pathlib import Path

import numpy as np
import pytest

from adu_depth_core.inference.factors import Factors

FILE = Path(__file__).parents[2] / 'benchmark' / 'intervals.py'
NO_LIMITS = math.inf, math.inf


@pytest.fixture(scope='module')
def intervals():
    spec = importlib.util.spec_from_file_location('intervals', FILE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def drive(frames, width, *, pixels=1200, seed=0):
    """(N, 5) rows of frames half a second apart, with Laplace errors of a width."""
    random = np.random.default_rng(seed)
    rows = []
    for frame in range(frames):
        scale = random.uniform(0.05, 0.1, pixels)
        error = random.laplace(0, width * scale)
        place = np.full((pixels, 2), (frame, frame * 0.5))
        rows.append(np.column_stack([error, scale, np.full(pixels, 10.0), place]))
    return np.concatenate(rows)


def test_share_inside_is_that_of_the_distribution(intervals):
    for width in (1.0, 2.0):
        found = intervals.inside(drive(1, width, pixels=20000), Factors(), NO_LIMITS)
        assert found == pytest.approx(1 - 0.1 ** (1 / width), abs=0.01)


def test_what_would_not_be_published_does_not_count(intervals):
    rows = drive(1, 1.0, pixels=4)
    rows[:, 0], rows[:, 1] = [0, 0, 9, 9], [0.1, 0.1, 0.4, 0.1]
    assert intervals.inside(rows, Factors(), (80.0, 0.5)) == pytest.approx(2 / 3)


def test_factors_of_one_drive_mend_another(intervals):
    rows = drive(40, 2.0, seed=1)
    factors = intervals.fitted(intervals.together([drive(40, 2.0)]))
    found = intervals.row(rows, factors, NO_LIMITS)
    assert found['as it is'] == pytest.approx(1 - 0.1**0.5, abs=0.02)
    assert found['calibrated'] == pytest.approx(0.91, abs=0.04)
    assert found['on-line'] == pytest.approx(0.9, abs=0.05)


def test_frames_of_one_second_are_one_part(intervals):
    residuals = intervals.together([drive(20, 1.0), drive(20, 1.0)])
    assert residuals.parts == 20
    assert np.bincount(residuals.part).tolist() == [2400] * 20
