# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What a sample keeps of a teacher's word."""

import numpy as np
import pytest

from adu_depth_core.camera import Camera, StereoRig
from adu_depth_core.errors import InputError
from adu_depth_core.inference.prediction import Prediction, within_limits
from adu_depth_core.inference.teacher_labels import labelled
from adu_depth_core.samples.sample import StereoSample

CAMERA = Camera(2, 1, 10.0, 10.0, 0.5, 0.0)
RIG = StereoRig(CAMERA, CAMERA, 0.5)
IMAGE = np.zeros((1, 2, 3), np.uint8)
NAN = np.nan


def prediction(depth, std):
    return Prediction(np.array([depth], np.float32), np.array([std], np.float32))


def test_scale_is_that_of_a_laplace_distribution_of_log_depth():
    sample = StereoSample('a/0', 0, IMAGE, CAMERA, IMAGE, RIG)
    found = labelled(sample, lambda left, right, rig: prediction([10, 4], [2**0.5, 2**0.5 / 2]))
    assert found.teacher_depth_m.tolist() == [[10, 4]]
    np.testing.assert_allclose(found.teacher_scale, [[0.1, 0.125]], rtol=1e-6)
    assert found.teacher_scale.dtype == np.float32
    assert (found.name, found.rig) == ('a/0', RIG)


def test_sample_that_is_no_pair_is_refused_by_name():
    with pytest.raises(InputError, match='sample a/0: has no right image'):
        labelled(StereoSample('a/0', 0, IMAGE, CAMERA), lambda *_: prediction([1, 1], [1, 1]))


@pytest.mark.parametrize(
    ('max_depth', 'max_std', 'depth', 'std'),
    [
        (80, 0.5, [10, 50], [1, 20]),
        (40, 0.5, [10, NAN], [1, NAN]),
        (80, 0.25, [10, NAN], [1, NAN]),
        (5, 0.5, [NAN, NAN], [NAN, NAN]),
    ],
)
def test_what_is_beyond_the_limits_is_unknown(max_depth, max_std, depth, std):
    given = prediction([10, 50], [1, 20])
    found = within_limits(given, 0.3, max_depth, max_std)
    np.testing.assert_array_equal(found.depth_m, [depth])
    np.testing.assert_array_equal(found.std_m, [std])
    assert given.depth_m.tolist() == [[10, 50]]
    assert found.depth_m.dtype == found.std_m.dtype == np.float32


def test_what_is_not_finite_is_unknown():
    found = within_limits(prediction([NAN, 10], [1, NAN]), 0.3, 80, 0.5)
    assert np.isnan(found.depth_m).all()
