# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Data sets by name, and their first frames."""

import numpy as np
import pytest

from adu_depth_core.camera import Camera
from adu_depth_core.data.sample import Missing, StereoSample
from adu_depth_core.data.sources import FirstFrames, open_dataset
from adu_depth_core.errors import InputError


class ThreeFrames:
    """Three frames, told apart by their names."""

    missing = Missing()

    def __len__(self):
        return 3

    def __getitem__(self, index):
        return StereoSample(
            name=f'frame{index}',
            stamp_ns=index,
            left=np.zeros((2, 4, 3), np.uint8),
            camera=Camera(4, 2, 3.0, 3.0, 1.5, 0.5),
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
    first = FirstFrames(ThreeFrames(), 2)
    assert [first[i].name for i in range(len(first))] == ['frame0', 'frame1']
    with pytest.raises(IndexError):
        first[2]
