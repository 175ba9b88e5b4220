# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""KITTI's depth prediction data set on small trees in the layout of its archives."""

import numpy as np
import pytest

from adu_depth_core.camera import Camera
from adu_depth_core.datasets.kitti_official import DepthSelection, open_annotated
from adu_depth_core.errors import InputError
from adu_depth_core.samples.image_files import write_depth_png, write_rgb

DATE = '2011_09_26'
TRAIN, VAL = f'{DATE}_drive_0001_sync', f'{DATE}_drive_0002_sync'
WIDTH, HEIGHT = 8, 4


@pytest.fixture
def raw(tmp_path):
    """Two drives of three stereo frames, without truth of their own."""
    root = tmp_path / 'raw'
    (root / DATE).mkdir(parents=True)
    (root / DATE / 'calib_cam_to_cam.txt').write_text(
        f'S_rect_02: {WIDTH} {HEIGHT}\nR_rect_00: 1 0 0 0 1 0 0 0 1\n'
        'P_rect_02: 20 0 3.5 2 0 20 1.5 0 0 0 1 0\nP_rect_03: 20 0 3.5 -8 0 20 1.5 0 0 0 1 0\n'
    )
    (root / DATE / 'calib_velo_to_cam.txt').write_text('R: 0 -1 0 0 0 -1 1 0 0\nT: 0 0 0\n')
    for drive in (TRAIN, VAL):
        for frame in range(3):
            for camera in ('02', '03'):
                path = root / DATE / drive / f'image_{camera}/data/{frame:010d}.jpg'
                write_rgb(path, np.full((HEIGHT, WIDTH, 3), 50, np.uint8))
    return root


@pytest.fixture
def annotated(tmp_path):
    """Accumulated scans begin with frame 1, as KITTI's begin a few frames after the images."""
    root = tmp_path / 'data_depth_annotated'
    for tree, drive in (('train', TRAIN), ('val', VAL)):
        for frame in (1, 2):
            for camera, metres in (('02', 10), ('03', 20)):
                depth = np.full((HEIGHT, WIDTH), metres + frame, np.float32)
                name = f'{tree}/{drive}/proj_depth/groundtruth/image_{camera}/{frame:010d}.png'
                write_depth_png(root / name, depth)
    return root


@pytest.fixture
def selection(tmp_path):
    root = tmp_path / 'depth_selection' / 'val_selection_cropped'
    for frame, camera in ((5, '02'), (8, '03')):
        add_selected(root, frame, camera)
    return root


def add_selected(root, frame, camera):
    def path(folder, kind, suffix):
        return root / folder / f'{VAL}_{kind}_{frame:010d}_image_{camera}{suffix}'

    write_rgb(path('image', 'image', '.png'), np.full((HEIGHT, WIDTH, 3), frame, np.uint8))
    for folder, metres in (('groundtruth_depth', 10.0), ('velodyne_raw', 20.0)):
        depth = np.full((HEIGHT, WIDTH), metres + frame, np.float32)
        write_depth_png(path(folder, folder, '.png'), depth)
    (root / 'intrinsics').mkdir(exist_ok=True)
    path('intrinsics', 'image', '.txt').write_text('21 0 3 0 22 1 0 0 1\n')


@pytest.mark.parametrize(
    ('trees', 'names'),
    [
        (['train'], [f'{TRAIN}/0000000001', f'{TRAIN}/0000000002']),
        (['val'], [f'{VAL}/0000000001', f'{VAL}/0000000002']),
    ],
)
def test_trees_are_told_apart(annotated, raw, trees, names):
    dataset = open_annotated(annotated, raw, trees=trees)
    assert dataset.names == names
    assert [dataset[i].name for i in range(len(dataset))] == names
    assert dataset.missing.summary() == 'nothing missing'


def test_truth_is_joined_with_images_and_calibration_of_both_cameras(annotated, raw):
    sample = open_annotated(annotated, raw, trees=['train'])[1]
    assert (sample.depth_m[0, 0], sample.right_depth_m[0, 0]) == (12, 22)
    assert sample.right.shape == (HEIGHT, WIDTH, 3)
    assert sample.rig.baseline_m == pytest.approx(0.5)


def test_folder_above_the_trees_is_found_too(annotated, raw):
    assert len(open_annotated(annotated.parent, raw)) == 4


def test_split_file_finds_its_frames_in_both_trees_and_counts_the_others(annotated, raw, tmp_path):
    split = tmp_path / 'split.txt'
    lines = [(TRAIN, 1, 'l'), (VAL, 2, 'r'), (VAL, 0, 'l'), (VAL, 9, 'l')]
    split.write_text(''.join(f'{DATE}/{drive} {n} {side}\n' for drive, n, side in lines))
    dataset = open_annotated(annotated, raw, split_file=split)
    assert dataset.names == [f'{TRAIN}/0000000001', f'{VAL}/0000000002@03']
    assert dataset[1].depth_m[0, 0] == 22
    assert dataset.missing.names == {
        'truth': [f'{VAL}/0000000000', f'{VAL}/0000000009'],
        'image': [f'{VAL}/0000000009'],
    }


def test_truth_without_its_image_is_counted(annotated, raw):
    (raw / DATE / TRAIN / 'image_02/data/0000000002.jpg').unlink()
    dataset = open_annotated(annotated, raw)
    assert dataset.missing.names == {'image': [f'{TRAIN}/0000000002']}
    assert len(dataset) == 3


def test_drives_and_ranges_are_chosen_from_whichever_tree_has_them(annotated, raw):
    assert open_annotated(annotated, raw, drives=['0002[2-2]']).names == [f'{VAL}/0000000002']


@pytest.mark.parametrize(
    ('trees', 'drives', 'message'),
    [(['train'], ['0002'], '0002 is not there'), (['test'], [], 'no KITTI drives')],
)
def test_what_a_tree_does_not_hold_is_refused(annotated, raw, trees, drives, message):
    with pytest.raises(InputError, match=message):
        open_annotated(annotated, raw, trees=trees, drives=drives)


def test_folder_without_trees_is_refused(raw):
    with pytest.raises(InputError, match='no folder train or val in here'):
        open_annotated(raw, raw)


@pytest.mark.parametrize(('truth', 'metres'), [('groundtruth', 15), ('velodyne_raw', 25)])
def test_selected_image_has_its_own_camera_and_truth(selection, truth, metres):
    sample = DepthSelection(selection.parent, 'val_selection', truth=truth)[0]
    assert sample.camera == Camera(WIDTH, HEIGHT, 21, 22, 3, 1)
    assert sample.depth_m[0, 0] == metres
    assert sample.left[0, 0, 0] == 5
    assert sample.right is None


def test_notes_of_a_system_beside_the_files_are_no_images(selection):
    for path in list(selection.rglob('*.*')):
        path.with_name(f'._{path.name}').write_bytes(b'what a Mac notes about a file')
    names = DepthSelection(selection.parent.parent, 'val_selection', truth='none').names
    assert names == [f'{VAL}/0000000005', f'{VAL}/0000000008@03']


def test_selected_images_are_named_like_frames_of_their_drives(selection):
    dataset = DepthSelection(selection.parent.parent, 'val_selection', truth='none')
    assert dataset.names == [f'{VAL}/0000000005', f'{VAL}/0000000008@03']
    assert dataset[1].name == dataset.names[1]
    assert dataset[1].depth_m is None
    assert dataset[1].stamp_ns - dataset[0].stamp_ns == 300_000_000


@pytest.mark.parametrize(
    ('pattern', 'what'),
    [
        ('image/*_02.png', 'image'),
        ('intrinsics/*_02.txt', 'intrinsics'),
        ('groundtruth_depth/*_02.png', 'truth'),
    ],
)
def test_what_a_selected_image_lacks_is_counted(selection, pattern, what):
    (path,) = selection.glob(pattern)
    path.unlink()
    dataset = DepthSelection(selection.parent, 'val_selection')
    assert dataset.missing.names == {what: [f'{VAL}/0000000005']}
    assert dataset.names == [f'{VAL}/0000000008@03']


def test_images_of_the_benchmark_have_cameras_but_no_truth(tmp_path):
    root = tmp_path / 'test_depth_prediction_anonymous'
    (root / 'intrinsics').mkdir(parents=True)
    for number in (0, 1):
        image = np.full((HEIGHT, WIDTH, 3), number, np.uint8)
        write_rgb(root / f'image/{number:010d}.png', image)
        (root / f'intrinsics/{number:010d}.txt').write_text('21 0 3 0 22 1 0 0 1')
    dataset = DepthSelection(tmp_path, 'test')
    assert dataset.names == [f'test_depth_prediction_anonymous/{n:010d}' for n in (0, 1)]
    assert dataset[1].left[0, 0, 0] == 1
    assert dataset[1].depth_m is None


def test_spoilt_files_are_named(selection):
    dataset = DepthSelection(selection.parent, 'val_selection')
    (path,) = (selection / 'intrinsics').glob('*_02.txt')
    path.write_text('21 0 3')
    with pytest.raises(InputError, match='3 numbers, a camera matrix has nine'):
        dataset[0]
    path.write_text('one')
    with pytest.raises(InputError, match='not nine numbers'):
        dataset[0]
    (path,) = (selection / 'groundtruth_depth').glob('*_03.png')
    write_depth_png(path, np.ones((2, 2), np.float32))
    with pytest.raises(InputError, match='size 2x2, its image has 8x4'):
        dataset[1]


def test_folder_without_a_selection_is_refused(tmp_path):
    with pytest.raises(InputError, match='no folder val_selection_cropped in here'):
        DepthSelection(tmp_path, 'val_selection')
    (tmp_path / 'val_selection_cropped').mkdir()
    with pytest.raises(InputError, match='no usable image'):
        DepthSelection(tmp_path, 'val_selection')
