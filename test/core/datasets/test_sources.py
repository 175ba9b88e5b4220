# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Data sets by name, and what can be left out of them."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from adu_depth_core.camera import Camera
from adu_depth_core.datasets.kitti_official import DepthSelection
from adu_depth_core.datasets.sources import KINDS, open_dataset
from adu_depth_core.datasets.subsets import (
    ChosenFrames,
    WithoutTruth,
    first_frames,
    indices_of_drives,
)
from adu_depth_core.errors import InputError
from adu_depth_core.recording import RecordingWriter
from adu_depth_core.samples.sample import Missing, StereoSample


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
            depth_m=np.ones((2, 4), np.float32),
            right_depth_m=np.ones((2, 4), np.float32),
        )


@pytest.mark.parametrize(
    ('spec', 'message'),
    [
        ('kitti:/x', 'expected kitti_raw:'),
        ('kitti_raw', 'expected kitti_raw:'),
        ('kitti_raw:/nowhere', 'no such folder'),
        ('kitti_official:/nowhere', 'no folder train or val'),
        ('kitti_official:/nowhere#val_selection', 'no folder val_selection_cropped'),
        ('kitti_official:/nowhere#trian', 'part "trian" is none of train, val, val_selection, te'),
        ('driving_stereo:/nowhere', 'no folder train-left-image or'),
        ('driving_stereo:/nowhere#half', 'no folder left-image-half-size in here'),
        ('driving_stereo:/nowhere#', 'part "" is none of train, test, half, full'),
        ('recording:/nowhere', 'not a recording'),
        ('synthetic:seven', 'whole number'),
        ('synthetic_scenes:-1', 'whole number'),
    ],
)
def test_wrong_names_are_refused(spec, message):
    with pytest.raises(InputError, match=message):
        open_dataset(spec)


@pytest.mark.parametrize('spec', ['synthetic:1', 'synthetic_scenes:1', 'kitti_official:/x#test'])
def test_sets_without_drives_refuse_them(spec):
    with pytest.raises(InputError, match='has no drives'):
        open_dataset(spec, drives=['0005'])


@pytest.mark.parametrize('spec', ['synthetic:1', 'recording:/x', 'driving_stereo:/x'])
def test_split_files_are_kittis(spec):
    with pytest.raises(InputError, match='for KITTI alone'):
        open_dataset(spec, split_file=Path('x'))


NAMES = ['a/7', 'b/0', 'a/8', 'a/9', 'c/x/0']


@pytest.mark.parametrize(
    ('drives', 'indices'),
    [
        (['a'], [0, 2, 3]),
        (['b', 'c/x'], [1, 4]),
        (['a[1-2]'], [2, 3]),
        (['a[0-0]', 'b[0-99]'], [0, 1]),
    ],
)
def test_drives_are_found_by_name_with_ranges_of_both_ends(drives, indices):
    assert indices_of_drives(NAMES, drives) == indices


def test_drive_that_is_not_there_is_refused():
    with pytest.raises(InputError, match='drive c is not there; there is a, b, c/x'):
        indices_of_drives(NAMES, ['c'])


@pytest.mark.parametrize(
    ('spec', 'truth'),
    [
        ('synthetic:1', 'groundtruth'),
        ('recording:/x', 'velodyne_raw'),
        ('driving_stereo:/x', 'groundtruth'),
        ('kitti_official:/x#train', 'velodyne_raw'),
        ('kitti_official:/x#val_selection', 'velodyne_points'),
    ],
)
def test_truth_that_a_set_does_not_have_is_refused(spec, truth):
    with pytest.raises(InputError, match=f'truth "{truth}" is none of auto, none'):
        open_dataset(spec, truth=truth)


@pytest.mark.parametrize('kind', ['kitti_raw', 'recording', 'driving_stereo', 'kitti_official'])
def test_variables_in_folders_are_put_in(kind, monkeypatch, tmp_path):
    monkeypatch.setenv('SOME_ROOT', str(tmp_path / 'gone'))
    with pytest.raises(InputError, match=rf'^{tmp_path}/gone: '):
        open_dataset(f'{kind}:$SOME_ROOT')


def test_home_folder_is_put_in(monkeypatch, tmp_path):
    monkeypatch.setenv('HOME', str(tmp_path))
    with pytest.raises(InputError, match=rf'^{tmp_path}/gone: '):
        open_dataset('recording:~/gone')


@pytest.fixture
def recording(tmp_path):
    with RecordingWriter(tmp_path / 'recording') as writer:
        for index in range(3):
            writer.add(ThreeFrames()[index])
    return f'recording:{tmp_path / "recording"}'


def test_recording_is_read_back(recording):
    dataset = open_dataset(recording)
    assert [dataset[i].name for i in range(len(dataset))] == ['frame0', 'frame1', 'frame2']
    assert dataset[0].depth_m is not None


def test_part_of_a_recording_can_be_held_out(tmp_path):
    with RecordingWriter(tmp_path) as writer:
        for index in range(4):
            writer.add(replace(ThreeFrames()[0], name=f'run/{index}'))
    dataset = open_dataset(f'recording:{tmp_path}', drives=['run[2-9]'])
    assert dataset.names == [dataset[i].name for i in range(len(dataset))] == ['run/2', 'run/3']


def test_truth_can_be_hidden_and_frames_limited_everywhere(recording):
    dataset = open_dataset(recording, truth='none', limit=2)
    assert dataset.names == ['frame0', 'frame1']
    assert dataset[1].depth_m is None
    assert dataset[1].right_depth_m is None


def test_accumulated_truth_and_images_come_from_two_folders(monkeypatch):
    asked = {}

    def opened(annotated, raw, **options):
        asked.update(folders=(str(annotated), str(raw)), **options)
        return ThreeFrames()

    monkeypatch.setattr('adu_depth_core.datasets.sources.open_annotated', opened)
    open_dataset('kitti_official:/a,/b#val', drives=['0005'])
    assert asked == {
        'folders': ('/a', '/b'),
        'trees': ['val'],
        'drives': ['0005'],
        'split_file': None,
    }
    open_dataset('kitti_official:/a')
    assert asked['folders'] == ('/a', '/a')
    assert tuple(asked['trees']) == ('train', 'val')


@pytest.mark.parametrize(
    ('truth', 'passed'),
    [('auto', 'groundtruth'), ('velodyne_raw', 'velodyne_raw'), ('none', 'none')],
)
def test_selection_gets_its_truth(monkeypatch, truth, passed):
    asked = []
    monkeypatch.setattr(
        DepthSelection, '__init__', lambda self, root, part, truth: asked.append((part, truth))
    )
    open_dataset('kitti_official:/a#val_selection', truth=truth)
    assert asked == [('val_selection', passed)]


def test_limit_takes_the_first_frames():
    first = first_frames(ThreeFrames(), 2)
    assert [first[i].name for i in range(len(first))] == first.names == ['frame0', 'frame1']
    with pytest.raises(IndexError):
        first[2]
    assert len(first_frames(ThreeFrames(), 9)) == 3


def test_frames_can_be_chosen_by_index():
    chosen = ChosenFrames(ThreeFrames(), range(0, 3, 2))
    assert [chosen[i].name for i in range(len(chosen))] == chosen.names == ['frame0', 'frame2']


def test_hidden_truth_leaves_images():
    sample = WithoutTruth(ThreeFrames())[1]
    assert (sample.depth_m, sample.right_depth_m, sample.name) == (None, None, 'frame1')


@pytest.mark.real_data
def test_real_drive_by_name_in_a_variable(data_root, monkeypatch):
    monkeypatch.setenv('THE_ROOT', str(data_root))
    dataset = open_dataset('kitti_raw:$THE_ROOT/kitti_raw', drives=['0005[3-9]'], limit=3)
    assert [name[-2:] for name in dataset.names] == ['03', '04', '05']


def test_every_kind_is_explained():
    page = (Path(__file__).parents[3] / 'docs' / 'data.md').read_text()
    assert all(f'`{kind}:' in text for kind in KINDS for text in (open_dataset.__doc__, page))


def test_depth_maps_of_another_system_take_the_place_of_a_teacher(tmp_path):
    from adu_depth_core.training.config import SourceConfig
    from adu_depth_core.training.data_module import open_source

    spec = {'spec': 'synthetic_scenes:3', 'frames': 1}
    name = open_source(SourceConfig(**spec))[0].name
    shape = open_source(SourceConfig(**spec))[0].left.shape[:2]
    (tmp_path / name).parent.mkdir()
    np.save(tmp_path / f'{name}.npy', np.full(shape, 7.0, np.float32))
    sample = open_source(SourceConfig(**spec, pseudo_depth=str(tmp_path)))[0]
    assert (sample.teacher_depth_m == 7.0).all()
    assert (sample.teacher_scale > 0).all()


def test_teacher_of_a_source_is_asked_once_of_each_pair(tmp_path, monkeypatch):
    from adu_depth_core.inference.stereo_predictor import StereoPredictor
    from adu_depth_core.training.config import SourceConfig
    from adu_depth_core.training.data_module import open_source

    spec = {'spec': 'synthetic_scenes:3', 'frames': 1, 'teacher': 'teacher'}
    source = SourceConfig(**spec, cache=str(tmp_path))
    first = open_source(source)[0]
    near = np.isfinite(first.depth_m) & (first.depth_m < 40)
    errors = np.abs(first.teacher_depth_m - first.depth_m)[near] / first.depth_m[near]
    assert np.nanmedian(errors) < 0.05
    assert np.isfinite(first.teacher_scale[near]).mean() > 0.95
    monkeypatch.setattr(StereoPredictor, 'load', None)
    np.testing.assert_array_equal(open_source(source)[0].teacher_depth_m, first.teacher_depth_m)


@pytest.mark.parametrize('kind', ['synthetic', 'synthetic_scenes', 'synthetic_near'])
@pytest.mark.parametrize('seed', ['1' * 23, '-1', '1.5', '²', 'x'])
def test_seed_that_no_generator_takes_is_told(kind, seed):
    with pytest.raises(InputError, match=r'the seed must be a whole number below 10\^18'):
        open_dataset(f'{kind}:{seed}')


@pytest.mark.parametrize('drive', ['x[5-2]', 'x[3-9]'])
def test_range_without_a_frame_is_told(drive):
    assert indices_of_drives(['x/0', 'x/1', 'x/2'], ['x[1-9]']) == [1, 2]
    with pytest.raises(InputError, match=r'none of its 3 frames is in this range'):
        indices_of_drives(['x/0', 'x/1', 'x/2'], [drive])
