# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Which pixels each protocol counts."""

import numpy as np
import pytest

from adu_depth_core.errors import InputError
from adu_depth_core.evaluation.image_sums import counted_pixels
from adu_depth_core.evaluation.protocols import (
    EIGEN,
    GARG,
    KB,
    PROTOCOLS,
    Window,
    find_protocol,
)

NAN = np.nan


@pytest.mark.parametrize(
    ('size', 'rows', 'columns'),
    [
        ((375, 1242), (153, 371), (44, 1197)),
        ((370, 1224), (151, 366), (43, 1180)),
        ((374, 1238), (152, 370), (44, 1193)),
        ((370, 1226), (151, 366), (44, 1181)),
        ((376, 1241), (153, 372), (44, 1196)),
        ((352, 1216), (143, 349), (43, 1172)),
    ],
)
def test_garg_window_of_kitti_sizes(size, rows, columns):
    assert GARG.window(*size) == Window(*rows, *columns)
    assert find_protocol('eigen_garg_full').window(*size) == Window(*rows, *columns)


def test_eigen_window_has_fewer_rows_below_and_more_above():
    assert find_protocol('eigen_crop_full').window(375, 1242) == Window(124, 342, 44, 1197)
    assert EIGEN.window(375, 1242) == Window(124, 342, 44, 1197)


@pytest.mark.parametrize(
    ('size', 'top', 'left'),
    [
        ((375, 1242), 23, 13),
        ((370, 1224), 18, 4),
        ((374, 1238), 22, 11),
        ((370, 1226), 18, 5),
        ((376, 1241), 24, 12),
        ((352, 1216), 0, 0),
    ],
)
def test_crop_of_the_benchmark_is_at_the_bottom_centre(size, top, left):
    assert KB.window(*size) == Window(top, size[0], left, left + 1216)
    window = find_protocol('eigen_garg_kb').window(*size)
    assert window == Window(top + 143, top + 349, left + 43, left + 1172)


def test_garg_on_the_crop_is_not_garg_on_the_full_image():
    assert find_protocol('eigen_garg_kb').window(375, 1242) == Window(166, 372, 56, 1185)


@pytest.mark.parametrize('name', ['kitti_official', 'driving_stereo', 'dense'])
def test_protocols_without_window_count_the_whole_image(name):
    assert find_protocol(name).window(3, 5) == Window(0, 3, 0, 5)


@pytest.mark.parametrize(
    ('name', 'counted'),
    [
        ('eigen_garg_full', [False, True, False, False, False, False]),
        ('dense', [False, True, False, False, False, False]),
        ('kitti_official', [False, True, True, True, False, False]),
        ('driving_stereo', [False, True, True, True, False, False]),
    ],
)
def test_truth_counts_between_the_limits_which_are_not_themselves_in(name, counted):
    truth = np.full((370, 1242), NAN, np.float32)
    truth[200, 500:506] = 0.001, 79.99, 80.0, 200.0, np.inf, NAN
    ones = np.ones_like(truth)
    pixels = counted_pixels(find_protocol(name), ones, ones, truth)
    assert pixels.truth_m.tolist() == truth[200, 500:506][counted].tolist()
    assert pixels.counted == sum(counted)


def test_only_the_dense_protocol_leaves_out_what_is_not_predicted():
    assert [name for name, p in PROTOCOLS.items() if not p.clamps_unknown] == ['dense']


def test_protocol_refuses_images_smaller_than_its_crop():
    with pytest.raises(InputError, match=r'eigen_garg_kb needs .* 1216x352, found 640x192'):
        find_protocol('eigen_garg_kb').window(192, 640)


def test_unknown_protocol_is_named_with_those_there_are():
    with pytest.raises(InputError, match='"eigen" is unknown; there are eigen_garg_kb, eigen_'):
        find_protocol('eigen')
