# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""benchmark/validation_pairs.py: which pairs count, and which of their pixels for both sides."""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from adu_depth_core.camera import Camera
from adu_depth_core.datasets.block_matching import block_matched
from adu_depth_core.errors import InputError
from adu_depth_core.samples.sample import StereoSample
from adu_depth_core.synthetic import SyntheticDrive
from given_samples import GivenSamples

BENCHMARK = Path(__file__).parents[2] / 'benchmark'
sys.path.insert(0, str(BENCHMARK))
try:
    import validation_pairs
finally:
    sys.path.remove(str(BENCHMARK))


@pytest.fixture(scope='module')
def pair() -> StereoSample:
    return SyntheticDrive(3, 1, camera=Camera(256, 96, 150.0, 150.0, 127.5, 47.5))[0]


def test_only_pairs_with_truth_count(pair: StereoSample) -> None:
    alone, blind = replace(pair, right=None), replace(pair, depth_m=None)
    chosen = validation_pairs.pairs_with_truth(GivenSamples(alone, pair, blind))
    assert [chosen[i].left is pair.left for i in range(len(chosen))] == [True]
    with pytest.raises(InputError, match='none of its 2 samples is a pair with truth'):
        validation_pairs.pairs_with_truth(GivenSamples(alone, blind))


def test_truth_is_hidden_where_block_matching_does_not_answer(pair: StereoSample) -> None:
    assert pair.right is not None
    assert pair.rig is not None
    answered = np.isfinite(block_matched(pair.left, pair.right, pair.rig)[0])
    shown = validation_pairs.WhereMatched(GivenSamples(pair))[0].depth_m
    assert 0.1 < answered.mean() < 0.95
    assert np.isnan(shown[~answered]).all()
    np.testing.assert_array_equal(shown[answered], pair.depth_m[answered])
