# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The KITTI raw reader on a small tree made here, and on real drives."""

from pathlib import Path

import numpy as np
import pytest

from adu_depth_core.datasets.kitti_calibration import read_calibration
from adu_depth_core.datasets.kitti_frames import frames_of_drives, read_split
from adu_depth_core.datasets.kitti_raw import KittiRaw
from adu_depth_core.errors import InputError
from adu_depth_core.samples.image_files import (
    read_depth_png,
    read_rgb,
    write_depth_png,
    write_image,
    write_rgb,
)
from adu_depth_core.samples.projection import project_scan, read_scan, scatter_nearest
from adu_depth_core.synthetic.drive import KITTI_CAMERA

DATE = '2011_09_26'
WIDTH, HEIGHT = 40, 20
P_LEFT = '20 0 19.5 2 0 20 9.5 0 0 0 1 0'
P_RIGHT = '20 0 19.5 -8 0 20 9.5 0 0 0 1 0'


@pytest.fixture
def root(tmp_path):
    """Two drives of two frames; frame 1 of drive 0005 has no truth."""
    folder = tmp_path / DATE
    folder.mkdir()
    (folder / 'calib_cam_to_cam.txt').write_text(
        'calib_time: 09-Jan-2012 13:57:47\n'
        f'S_rect_02: {WIDTH} {HEIGHT}\nR_rect_00: 1 0 0 0 1 0 0 0 1\n'
        f'P_rect_02: {P_LEFT}\nP_rect_03: {P_RIGHT}\n'
    )
    # The scanner looks along x with z up, the camera along z with y down.
    (folder / 'calib_velo_to_cam.txt').write_text('R: 0 -1 0 0 0 -1 1 0 0\nT: 0 0 0\n')
    for drive in ('0005', '0007'):
        for frame in (0, 1):
            add_frame(
                folder / f'{DATE}_drive_{drive}_sync', frame, truth=(drive, frame) != ('0005', 1)
            )
    return tmp_path


def add_frame(drive, frame, *, truth=True, suffix='.png'):
    image = np.full((HEIGHT, WIDTH, 3), (frame, 100, 200), np.uint8)
    for camera in ('02', '03'):
        write_rgb(drive / f'image_{camera}' / 'data' / f'{frame:010d}{suffix}', image)
        if truth:
            depth = np.full((HEIGHT, WIDTH), np.nan, np.float32)
            depth[3, 4] = 10.0 + frame
            write_depth_png(
                drive / 'proj_depth' / 'velodyne_raw' / f'image_{camera}' / f'{frame:010d}.png',
                depth,
            )


def test_sample_has_both_images_calibration_and_truth(root):
    sample = KittiRaw(root, drives=['0007'])[1]
    assert sample.name == f'{DATE}_drive_0007_sync/0000000001'
    assert tuple(sample.left[0, 0]) == (1, 100, 200)
    assert sample.depth_m[3, 4] == 11.0
    assert np.isnan(sample.depth_m).sum() == WIDTH * HEIGHT - 1
    assert sample.right_depth_m[3, 4] == 11.0
    assert sample.rig.left == sample.camera


def test_baseline_is_the_difference_of_both_cameras_not_the_right_ones_alone(root):
    assert KittiRaw(root)[0].rig.baseline_m == pytest.approx((2 + 8) / 20)


def test_missing_truth_is_counted_and_left_out(root):
    dataset = KittiRaw(root, drives=['0005'])
    assert len(dataset) == 1
    assert dataset.missing.names == {'truth': [f'{DATE}_drive_0005_sync/0000000001']}
    assert 'without truth' in dataset.missing.summary()


def test_missing_image_is_counted(root):
    (root / DATE / f'{DATE}_drive_0007_sync/image_02/data/0000000000.png').unlink()
    dataset = KittiRaw(root, drives=['0007'])
    assert len(dataset) == 1
    assert list(dataset.missing.names) == ['image']


def test_frame_without_right_image_still_serves_one_camera(root):
    (root / DATE / f'{DATE}_drive_0007_sync/image_03/data/0000000000.png').unlink()
    sample = KittiRaw(root, drives=['0007'])[0]
    assert sample.right is None
    assert sample.rig is None


def test_ranges_include_both_ends(root):
    for frame in range(2, 6):
        add_frame(root / DATE / f'{DATE}_drive_0007_sync', frame, suffix='.jpg')
    stems = [frame.stem for frame in frames_of_drives(root, ['0007[1-3]'])]
    assert stems == ['0000000001', '0000000002', '0000000003']
    assert len(KittiRaw(root, drives=['0007'])) == 6


@pytest.mark.parametrize(
    'name', ['0007', f'{DATE}/0007', f'{DATE}_drive_0007', f'{DATE}_drive_0007_sync']
)
def test_drives_can_be_named_in_four_ways(root, name):
    assert {frame.drive for frame in frames_of_drives(root, [name])} == {
        f'{DATE}/{DATE}_drive_0007_sync'
    }


def test_number_used_on_two_dates_must_be_completed(root):
    (root / '2011_09_28' / '2011_09_28_drive_0007_sync').mkdir(parents=True)
    with pytest.raises(InputError, match='exists on 2011_09_26, 2011_09_28'):
        frames_of_drives(root, ['0007'])


@pytest.mark.parametrize(
    ('drive', 'message'), [('0042', 'is not there'), ('five', 'is not like 0005')]
)
def test_wrong_drives_are_refused(root, drive, message):
    with pytest.raises(InputError, match=message):
        KittiRaw(root, drives=[drive])


def test_split_file_counts_frames_that_are_not_there(root):
    split = root / 'split.txt'
    split.write_text(
        f'{DATE}/{DATE}_drive_0007_sync 1 l\n{DATE}/{DATE}_drive_0007_sync 0000000099 l\n'
    )
    dataset = KittiRaw(root, split_file=split)
    assert len(dataset) == 1
    assert len(dataset.missing.frames()) == 1


def test_spoilt_split_line_is_named(root):
    split = root / 'split.txt'
    split.write_text('nonsense\n')
    with pytest.raises(InputError, match='line 1 is "nonsense"'):
        read_split(split)


def test_stamps_come_from_the_file_and_else_at_ten_hertz(root):
    dataset = KittiRaw(root, drives=['0007'])
    assert dataset[1].stamp_ns - dataset[0].stamp_ns == 100_000_000
    oxts = root / DATE / f'{DATE}_drive_0005_sync' / 'oxts'
    oxts.mkdir()
    (oxts / 'timestamps.txt').write_text('2011-09-26 13:04:32.349659964\n')
    assert KittiRaw(root, drives=['0005'])[0].stamp_ns == 1317042272349659964


@pytest.mark.parametrize('name', ['street_drive_0009_sync', '2011_13_45_drive_0009_sync'])
def test_drive_without_a_date_counts_from_0(root, tmp_path, name):
    add_frame(root / DATE / name, 3)
    split = tmp_path / 'split.txt'
    split.write_text(f'{DATE}/{name} 3 l\n')
    assert KittiRaw(root, split_file=split)[0].stamp_ns == 300_000_000


def test_file_whose_name_is_no_number_is_no_frame(root):
    drive = root / DATE / f'{DATE}_drive_0007_sync'
    write_rgb(drive / 'image_02' / 'data' / '²³.png', np.zeros((HEIGHT, WIDTH, 3), np.uint8))
    assert len(KittiRaw(root, drives=['0007'])) == 2


def test_scan_is_projected_to_the_nearest_pixel_and_the_nearest_point_wins(root):
    folder = root / DATE / f'{DATE}_drive_0007_sync' / 'velodyne_points' / 'data'
    folder.mkdir(parents=True)
    # Straight ahead at 8 m and, hidden behind it, at 16 m; one point behind the scanner.
    scan = np.array([[8, 0, 0, 1], [16, 0, 0, 1], [-5, 0, 0, 1]], np.float32)
    scan.tofile(folder / '0000000000.bin')
    dataset = KittiRaw(root, drives=['0007'], truth='velodyne_points')
    assert len(dataset) == 1
    depth = dataset[0].depth_m
    u, v = round((20 * 0 + 19.5 * 8 + 2) / 8), round(9.5)
    assert depth[v, u] == 8.0
    shifted = KittiRaw(root, drives=['0007'], truth='velodyne_points_minus_one')[0].depth_m
    assert shifted[v - 1, u - 1] == 8.0


def test_calibration_follows_images_that_were_stored_smaller(root):
    drive = root / DATE / f'{DATE}_drive_0007_sync'
    small = np.zeros((HEIGHT // 2, WIDTH // 2, 3), np.uint8)
    for camera in ('02', '03'):
        write_rgb(drive / f'image_{camera}/data/0000000000.png', small)
    sample = KittiRaw(root, drives=['0007'], truth='none')[0]
    assert sample.camera.fx == 10.0
    assert sample.camera.cx == pytest.approx((19.5 + 0.5) / 2 - 0.5)


def test_truth_of_another_size_than_its_image_is_refused(root):
    path = root / DATE / f'{DATE}_drive_0007_sync/proj_depth/velodyne_raw/image_02/0000000000.png'
    write_depth_png(path, np.ones((4, 5), np.float32))
    with pytest.raises(InputError, match='size 5x4, its image has 40x20'):
        KittiRaw(root, drives=['0007'])[0]


def test_missing_calibration_is_named(root):
    (root / DATE / 'calib_velo_to_cam.txt').unlink()
    with pytest.raises(InputError, match=r'calib_velo_to_cam\.txt: cannot be read'):
        KittiRaw(root, drives=['0007'])[0]


def test_calibration_without_a_matrix_is_named(tmp_path, root):
    path = root / DATE / 'calib_cam_to_cam.txt'
    path.write_text(path.read_text().replace('P_rect_03', 'P_rect_33'))
    with pytest.raises(InputError, match='P_rect_03'):
        read_calibration(root / DATE)


def test_folder_without_drives_is_refused(tmp_path):
    with pytest.raises(InputError, match='no KITTI drives'):
        KittiRaw(tmp_path)


def test_nearest_measurement_wins_in_a_pixel():
    image = scatter_nearest(np.array([0, 0]), np.array([1, 1]), np.array([5.0, 3.0]), (1, 2))
    np.testing.assert_array_equal(image, [[np.nan, 3.0]])


def test_depth_png_rounds_and_keeps_unknown(tmp_path):
    depth = np.array([[1.0 + 0.6 / 256, np.nan, np.inf, 300.0]], np.float32)
    write_depth_png(tmp_path / 'd.png', depth)
    np.testing.assert_array_equal(
        read_depth_png(tmp_path / 'd.png'), [[257 / 256, np.nan, np.nan, np.nan]]
    )


def test_eight_bit_picture_is_not_taken_for_depth(tmp_path):
    write_image(tmp_path / 'd.png', np.zeros((2, 2), np.uint8))
    with pytest.raises(InputError, match='not a 16-bit'):
        read_depth_png(tmp_path / 'd.png')


def test_spoilt_picture_is_named(tmp_path):
    (tmp_path / 'x.png').write_bytes(b'not a picture')
    with pytest.raises(InputError, match=r'x\.png'):
        read_rgb(tmp_path / 'x.png')


@pytest.mark.parametrize('suffix', ['.jpg', '.png'])
@pytest.mark.parametrize('share', [0.5, 0.99])
def test_half_a_picture_is_not_taken_for_a_whole_one(tmp_path, suffix, share):
    path = tmp_path / f'x{suffix}'
    write_rgb(path, np.random.default_rng(0).integers(0, 255, (64, 64, 3), np.uint8))
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    with pytest.raises(InputError, match='breaks off'):
        read_rgb(path)


@pytest.mark.parametrize('content', [None, b''])
def test_picture_that_is_not_there_or_empty_is_named(tmp_path, content):
    path = tmp_path / 'x.png'
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match=r'x\.png: '):
        read_rgb(path)


def test_scan_of_broken_length_is_named(tmp_path):
    np.zeros(7, np.float32).tofile(tmp_path / 'x.bin')
    with pytest.raises(InputError, match='7 numbers'):
        read_scan(tmp_path / 'x.bin')


@pytest.mark.real_data
def test_real_baseline(data_root):
    calibration = read_calibration(data_root / 'kitti_raw' / DATE)
    assert calibration.rig.baseline_m == pytest.approx(0.532725, abs=1e-6)
    assert calibration.rig.left.fx == KITTI_CAMERA.fx


@pytest.mark.real_data
@pytest.mark.parametrize('stem', ['0000000000', '0000000010', '0000000059'])
def test_projected_scan_equals_the_projection_that_is_published(data_root, stem):
    drive = data_root / 'kitti_raw' / DATE / f'{DATE}_drive_0005_sync'
    published = read_depth_png(drive / f'proj_depth/velodyne_raw/image_02/{stem}.png')
    projection = read_calibration(drive.parent).projection['02']
    projected = project_scan(
        read_scan(drive / f'velodyne_points/data/{stem}.bin'), projection, 1242, 375
    )
    np.testing.assert_allclose(projected, published, atol=0.6 / 256)


@pytest.mark.real_data
def test_eigen_test_split_reports_what_is_not_here(data_root):
    split = data_root / 'splits' / 'eigen_test_files.txt'
    dataset = KittiRaw(data_root / 'kitti_raw', split_file=split)
    assert len(dataset) + len(dataset.missing.frames()) == 697


@pytest.mark.real_data
def test_drive_without_truth_is_read_without(data_root):
    dataset = KittiRaw(data_root / 'kitti_raw', drives=['0001'])
    assert dataset.truth == 'none'
    assert dataset[0].depth_m is None
    assert dataset[0].right.shape == (375, 1242, 3)
    assert isinstance(data_root, Path)


@pytest.mark.parametrize(
    'drive', ['../2011_09_26', '/2011_09_26', '2011_09_26/../../x', '..', 'a//b', './a']
)
def test_split_file_does_not_leave_the_data(tmp_path, drive):
    (tmp_path / 'split.txt').write_text(f'{DATE}/{DATE}_drive_0005_sync 0 l\n{drive} 1 l\n')
    with pytest.raises(InputError, match=r'line 2 names .*, no drive inside the data'):
        read_split(tmp_path / 'split.txt')


def test_frame_that_a_split_file_names_twice_is_told(tmp_path):
    lines = [f'2011_09_26/2011_09_26_drive_0002_sync {n} l' for n in ('0000000069', '70', '69')]
    (tmp_path / 'split.txt').write_text('\n'.join(lines))
    with pytest.raises(InputError, match='line 3 names the frame of line 1 again'):
        read_split(tmp_path / 'split.txt')
    (tmp_path / 'split.txt').write_text('\n'.join([*lines[:2], lines[0].replace(' l', ' r')]))
    assert [frame.camera for frame in read_split(tmp_path / 'split.txt')] == ['02', '02', '03']


def test_split_file_that_is_no_text_is_told(tmp_path):
    (tmp_path / 'split.txt').write_bytes(b'2011_09_26/x\xff 0 l\n')
    with pytest.raises(InputError, match='not text in UTF-8'):
        read_split(tmp_path / 'split.txt')


@pytest.mark.parametrize('drive', ['0005[5-2]', '0005[1-0]', '0005[7-9]'])
def test_range_without_a_frame_is_told(root, drive):
    with pytest.raises(InputError, match='no frame of it is in this range'):
        KittiRaw(root, drives=[drive])


def test_blank_line_among_the_times_is_that_of_a_lost_frame(root):
    drive = root / DATE / f'{DATE}_drive_0007_sync'
    for frame in (2, 3):
        add_frame(drive, frame)
    times = '\n2011-09-26 13:00:00.5\n\n2011-09-26 13:00:00.75\n\n'
    (drive / 'image_02' / 'timestamps.txt').write_text(times)
    dataset = KittiRaw(root, drives=['0007'])
    first = dataset[1].stamp_ns
    assert first % 10**9 == 500_000_000
    assert [dataset[n].stamp_ns - first for n in (0, 2, 3)] == [-(10**8), 10**8, 25 * 10**7]


def test_file_of_times_without_a_time_says_nothing(root):
    drive = root / DATE / f'{DATE}_drive_0007_sync'
    expected = KittiRaw(root, drives=['0005'], truth='none')[1].stamp_ns
    (drive / 'image_02' / 'timestamps.txt').write_text('\n\n')
    assert KittiRaw(root, drives=['0007'])[1].stamp_ns == expected


def test_best_truth_is_chosen_frame_by_frame(root):
    drive = root / DATE / f'{DATE}_drive_0007_sync'
    for frame in (2, 3):
        add_frame(drive, frame, truth=False)
    better = np.full((HEIGHT, WIDTH), np.nan, np.float32)
    better[3, 4] = 33.0
    write_depth_png(drive / 'proj_depth/groundtruth/image_02/0000000001.png', better)
    scan = np.array([[8.0, 0.0, 0.0, 0.5]], np.float32)
    (drive / 'velodyne_points' / 'data').mkdir(parents=True)
    scan.tofile(drive / 'velodyne_points' / 'data' / '0000000002.bin')
    dataset = KittiRaw(root, drives=['0007'], truth='best')
    depths = [dataset[index].depth_m for index in range(4)]
    assert depths[0][3, 4] == 10.0
    assert depths[1][3, 4] == 33.0
    assert float(np.nanmin(depths[2])) == 8.0
    assert depths[3] is None
    assert dataset.missing.summary() == 'nothing missing'
    assert KittiRaw(root, drives=['0007']).missing.names == {
        'truth': [f'{DATE}_drive_0007_sync/000000000{n}' for n in (0, 2, 3)]
    }
