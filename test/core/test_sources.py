# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Data sets by name, their first frames, and the cache of what is costly to make."""

import numpy as np
import pytest

from adu_depth_core.camera import Camera
from adu_depth_core.data.cached import CachedLeft
from adu_depth_core.data.sample import Missing, StereoSample
from adu_depth_core.data.sources import FirstFrames, open_dataset
from adu_depth_core.errors import InputError


class Counting:
    """Three frames that remember how often they were made."""

    missing = Missing()

    def __init__(self, *, truth=True):
        self.made = 0
        self.truth = truth

    def __len__(self):
        return 3

    def __getitem__(self, index):
        self.made += 1
        depth = np.full((2, 4), index + 0.5, np.float32)
        depth[0, 0] = np.inf
        return StereoSample(
            name=f'frame{index}',
            stamp_ns=index,
            left=np.full((2, 4, 3), index, np.uint8),
            camera=Camera(4, 2, 3.0, 3.0, 1.5, 0.5),
            depth_m=depth if self.truth else None,
        )


@pytest.mark.parametrize(
    ('spec', 'message'),
    [
        ('kitti:/x', 'expected kitti_raw:'),
        ('kitti_raw', 'expected kitti_raw:'),
        ('kitti_raw:/nowhere', 'no such folder'),
        ('synthetic:seven', 'whole number'),
    ],
)
def test_wrong_names_are_refused(spec, message):
    with pytest.raises(InputError, match=message):
        open_dataset(spec)


def test_synthetic_sets_have_no_drives():
    with pytest.raises(InputError, match='neither drives nor split'):
        open_dataset('synthetic:1', drives=['0005'])


def test_variables_in_the_root_are_put_in(monkeypatch, tmp_path):
    monkeypatch.setenv('SOME_ROOT', str(tmp_path / 'gone'))
    with pytest.raises(InputError, match='gone: no such folder'):
        open_dataset('kitti_raw:$SOME_ROOT')


def test_limit_takes_the_first_frames():
    first = FirstFrames(Counting(), 2)
    assert [first[i].name for i in range(len(first))] == ['frame0', 'frame1']
    with pytest.raises(IndexError):
        first[2]


@pytest.mark.parametrize('truth', [True, False])
def test_cached_sample_equals_the_original_and_is_made_once(tmp_path, truth):
    source = Counting(truth=truth)
    cached = CachedLeft(source, tmp_path)
    first, second = cached[1], cached[1]
    assert source.made == 1
    for sample in first, second:
        assert (sample.name, sample.stamp_ns) == ('frame1', 1)
        assert sample.camera == Camera(4, 2, 3.0, 3.0, 1.5, 0.5)
        np.testing.assert_array_equal(sample.left, np.full((2, 4, 3), 1, np.uint8))
        assert (sample.depth_m is not None) == truth
    if truth:
        np.testing.assert_array_equal(first.depth_m, second.depth_m)


def test_spoilt_cache_file_is_made_anew(tmp_path):
    source = Counting()
    cached = CachedLeft(source, tmp_path)
    cached[0]
    (path,) = tmp_path.iterdir()
    path.write_bytes(path.read_bytes()[:100])
    assert cached[0].name == 'frame0'
    assert source.made == 2
    cached[0]
    assert source.made == 2
