# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Depth maps from files in the place of a teacher."""

import numpy as np
import pytest

from adu_depth_core.camera import Camera
from adu_depth_core.datasets.pseudo_depth import PseudoDepth
from adu_depth_core.errors import InputError
from adu_depth_core.samples.image_files import write_depth_png
from adu_depth_core.samples.sample import Missing, StereoSample

NAN = np.nan


class TwoFrames:
    """A drive of two frames which lacks the truth of a third."""

    def __init__(self):
        self.missing = Missing({'truth': ['drive/2']})

    def __len__(self):
        return 2

    def __getitem__(self, index):
        image = np.zeros((2, 3, 3), np.uint8)
        return StereoSample(f'drive/{index}', index, image, Camera(3, 2, 3.0, 3.0, 1.0, 0.5))


@pytest.fixture
def folder(tmp_path):
    (tmp_path / 'drive').mkdir()
    return tmp_path


def test_png_is_metres_with_a_scale_of_five_percent(folder):
    depth = np.array([[1.5, NAN, 3], [4, 5, 6]], np.float32)
    write_depth_png(folder / 'drive/0.png', depth)
    sample = PseudoDepth(TwoFrames(), folder)[0]
    np.testing.assert_array_equal(sample.teacher_depth_m, depth)
    np.testing.assert_array_equal(
        sample.teacher_scale, np.array([[0.05, NAN, 0.05], [0.05] * 3], np.float32)
    )
    assert sample.depth_m is None


@pytest.mark.parametrize('suffix', ['npy', 'npz'])
def test_arrays_are_unknown_where_depth_or_scale_is_no_positive_number(folder, suffix):
    save = np.save if suffix == 'npy' else np.savez
    save(folder / f'drive/0.{suffix}', np.array([[1, 0, np.inf], [NAN, 5, 6]], np.float64))
    save(folder / f'drive/0.scale.{suffix}', np.array([[0.25, 1, 1], [1, 0, 0.5]], np.float16))
    sample = PseudoDepth(TwoFrames(), folder)[0]
    expected = np.array([[1, NAN, NAN], [NAN, NAN, 6]], np.float32)
    np.testing.assert_array_equal(sample.teacher_depth_m, expected)
    np.testing.assert_array_equal(
        sample.teacher_scale, np.array([[0.25, NAN, NAN], [NAN, NAN, 0.5]], np.float32)
    )
    assert sample.teacher_depth_m.dtype == sample.teacher_scale.dtype == np.float32


def test_sample_without_a_map_is_counted_and_served_without_a_teacher(folder):
    write_depth_png(folder / 'drive/1.png', np.ones((2, 3), np.float32))
    source = TwoFrames()
    dataset = PseudoDepth(source, folder)
    assert dataset.missing.names == {'truth': ['drive/2'], 'teacher depth': ['drive/0']}
    assert source.missing.names == {'truth': ['drive/2']}
    assert len(dataset) == 2
    assert dataset[0].teacher_depth_m is None
    assert dataset[1].teacher_depth_m is not None


def test_map_of_another_size_is_named(folder):
    write_depth_png(folder / 'drive/0.png', np.ones((4, 3), np.float32))
    with pytest.raises(InputError, match=r'drive/0\.png: shape \(4, 3\), its image has \(2, 3\)'):
        PseudoDepth(TwoFrames(), folder)[0]


def test_spoilt_array_is_named(folder):
    np.save(folder / 'drive/0.npy', np.ones((2, 3)))
    header_with_an_open_bracket = (folder / 'drive/0.npy').read_bytes().replace(b'}  ', b'} (')
    for spoilt in (b'', header_with_an_open_bracket):
        (folder / 'drive/0.npy').write_bytes(spoilt)
        with pytest.raises(InputError, match=r'0\.npy: not one array'):
            PseudoDepth(TwoFrames(), folder)[0]
    (folder / 'drive/0.npy').unlink()
    np.savez(folder / 'drive/0.npz', a=np.ones((2, 3)), b=np.ones((2, 3)))
    with pytest.raises(InputError, match=r'0\.npz: not one array'):
        PseudoDepth(TwoFrames(), folder)[0]


@pytest.mark.parametrize('kind', ['c16', 'U3', 'M8[s]'])
def test_array_of_no_real_numbers_is_named(folder, kind):
    np.save(folder / 'drive/0.npy', np.ones((2, 3)).astype(kind))
    with pytest.raises(InputError, match=r'0\.npy: not one array of numbers \(its type is '):
        PseudoDepth(TwoFrames(), folder)[0]


def test_folder_that_is_not_there_is_refused(folder):
    with pytest.raises(InputError, match='no such folder'):
        PseudoDepth(TwoFrames(), folder / 'gone')
