# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The cache of what is costly to make: the same sample again, whole and exact."""

from dataclasses import fields, replace

import numpy as np
import pytest

from adu_depth_core.camera import Camera, StereoRig
from adu_depth_core.errors import InputError
from adu_depth_core.samples.cached import CachedSamples
from adu_depth_core.samples.sample import Missing, StereoSample

CAMERA = Camera(4, 2, 3.1, 3.2, 1.5, 0.5)
LEFT_ONLY = StereoSample(
    'drive/frame', 1_700_000_000_123_456_789, np.zeros((2, 4, 3), np.uint8), CAMERA
)


def complete():
    """A sample in which every field is there and no two maps are alike."""
    rng = np.random.default_rng(0)
    maps = rng.random((4, 2, 4), np.float32)
    maps[0, 0, 0], maps[1, 0, 1], maps[2:, 1, 2] = np.inf, np.nan, np.nan
    left, right = rng.integers(0, 255, (2, 2, 4, 3), np.uint8)
    return replace(
        LEFT_ONLY,
        left=left,
        right=right,
        rig=StereoRig(CAMERA, replace(CAMERA, cx=2.75), 0.532725),
        depth_m=maps[0],
        right_depth_m=maps[1],
        teacher_depth_m=maps[2],
        teacher_scale=maps[3],
    )


class Counting:
    """One sample that remembers how often it was made."""

    missing = Missing()

    def __init__(self, sample):
        self.sample = sample
        self.made = 0

    def __len__(self):
        return 1

    def __getitem__(self, index):
        self.made += 1
        return self.sample


def assert_equal(found, expected):
    for field in fields(StereoSample):
        here, there = getattr(found, field.name), getattr(expected, field.name)
        np.testing.assert_equal(here, there, err_msg=field.name)
        if isinstance(there, np.ndarray):
            assert here.dtype == there.dtype, field.name


@pytest.mark.parametrize('sample', [complete(), LEFT_ONLY], ids=['complete', 'left only'])
def test_cached_sample_equals_the_original_and_is_made_once(tmp_path, sample):
    source = Counting(sample)
    cached = CachedSamples(source, tmp_path)
    first, second = cached[0], cached[0]
    assert source.made == 1
    assert_equal(first, sample)
    assert_equal(second, sample)


@pytest.mark.parametrize('kept', [0, 100, 1000])
def test_spoilt_cache_file_is_made_anew(tmp_path, kept):
    source = Counting(complete())
    cached = CachedSamples(source, tmp_path)
    cached[0]
    (path,) = tmp_path.glob('*.npz')
    path.write_bytes(path.read_bytes()[:kept])
    assert_equal(cached[0], source.sample)
    assert source.made == 2
    cached[0]
    assert source.made == 2


def test_samples_of_another_source_are_refused_and_those_of_the_same_served(tmp_path):
    source = Counting(complete())
    CachedSamples(source, tmp_path, '{"spec": "a"}')[0]
    assert_equal(CachedSamples(Counting(None), tmp_path, '{"spec": "a"}')[0], source.sample)
    with pytest.raises(InputError, match=r'keeps samples of another source \({"spec": "a"}\)'):
        CachedSamples(source, tmp_path, '{"spec": "b"}')
    assert source.made == 1
