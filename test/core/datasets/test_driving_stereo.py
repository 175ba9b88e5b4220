# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""DrivingStereo on small trees in the layouts of its archives."""

import numpy as np
import pytest

from adu_depth_core.camera import Camera
from adu_depth_core.datasets.driving_stereo import DrivingStereo
from adu_depth_core.datasets.driving_stereo_calibration import calibration_ratio, read_rig
from adu_depth_core.errors import InputError
from adu_depth_core.samples.image_files import write_image, write_rgb

ONE, TWO = '2018-07-09-16-11-56', '2018-07-11-14-48-52'
HALF = (880, 4)
FULL = (1760, 8)
FOCAL, BASELINE_M = 1003.5, 0.544933
FB = FOCAL * BASELINE_M


def stem(sequence, frame):
    return f'{sequence}_{sequence[:11]}17-00-0{frame}-250'


def calibration(width, height, factor=1.0):
    f, cx, cy = FOCAL * factor, 455.7 * factor, 1.7 * factor
    return (
        f'S_rect_101: {width} {height}\n'
        f'P_rect_101: {f} 0 {cx} 0 0 {f} {cy} 0 0 0 1 0\n'
        'T_103: -5.449330e-01 1.0e-03 2.0e-03\n'
        # The trap: the fourth column is twice f b.
        f'P_rect_103: {f} 0 {cx + 2 * factor} {-2 * f * BASELINE_M} 0 {f} {cy} 0 0 0 1 0\n'
    )


def add_frame(
    root, folders, sequence, frame, *, size=HALF, below=True, disparity_factor=256, maps=True
):
    """Add a frame at 10.9 m everywhere but in the first pixel, which is unknown."""
    name = stem(sequence, frame)
    place = f'{sequence}/{name}' if below else name
    image = np.full((size[1], size[0], 3), 10 * frame, np.uint8)
    for kind in ('left-image', 'right-image'):
        write_rgb(root / folders.format(kind) / f'{place}.jpg', image)
    if maps:
        focal = FOCAL * size[0] / HALF[0]
        depth = np.full(size[::-1], 10.9)
        disparity = focal * BASELINE_M / depth - 2 * size[0] / HALF[0]
        for kind, values, factor in (
            ('depth-map', depth, 256),
            ('disparity-map', disparity, disparity_factor),
        ):
            stored = np.round(values * factor).astype(np.uint16)
            stored[0, 0] = 0
            write_image(root / folders.format(kind) / f'{place}.png', stored)


@pytest.fixture
def root(tmp_path):
    """The training archives: two sequences of two frames at half size."""
    (tmp_path / 'half-image-calib').mkdir()
    for sequence in (ONE, TWO):
        (tmp_path / 'half-image-calib' / f'{sequence}.txt').write_text(calibration(*HALF))
        for frame in (1, 2):
            add_frame(tmp_path, 'train-{}', sequence, frame)
    return tmp_path


def test_baseline_is_the_translation_and_not_the_projections_double(root):
    rig = read_rig(root / 'half-image-calib' / f'{ONE}.txt')
    assert rig.baseline_m == 0.544933
    assert rig.left == Camera(880, 4, FOCAL, FOCAL, 455.7, 1.7)
    assert rig.right.cx == 457.7


def test_sample_has_images_depth_calibration_and_the_time_of_its_name(root):
    dataset = DrivingStereo(root)
    sample = dataset[1]
    assert sample.name == dataset.names[1] == f'{ONE}/{stem(ONE, 2)}'
    assert sample.stamp_ns == 1531155602_250_000_000
    assert sample.left[0, 0, 0] == 20
    assert sample.right.shape == (4, 880, 3)
    assert np.isnan(sample.depth_m[0, 0])
    np.testing.assert_allclose(sample.depth_m[1:], 10.9, atol=0.5 / 256)
    assert sample.rig.left == sample.camera
    assert dataset.missing.summary() == 'nothing missing'


def test_notes_of_a_system_beside_the_files_are_no_frames(root):
    names = DrivingStereo(root).names
    for path in [*root.rglob('*.png'), *root.rglob('*.jpg'), *root.rglob('*.txt')]:
        path.with_name(f'._{path.name}').write_bytes(b'what a Mac notes about a file')
    assert DrivingStereo(root).names == names


def test_depth_times_disparity_is_focal_length_times_baseline(root):
    dataset = DrivingStereo(root)
    sample = dataset[0]
    ratio = calibration_ratio(sample.rig, sample.depth_m, dataset.disparity_px(0))
    assert ratio == pytest.approx(1, abs=2e-4)


def test_ratio_shows_a_doubled_baseline_and_nothing_without_common_pixels(root):
    text = (root / 'half-image-calib' / f'{ONE}.txt').read_text()
    (root / 'half-image-calib' / f'{ONE}.txt').write_text(text.replace('5.44933', '10.89866'))
    dataset = DrivingStereo(root)
    sample, disparity = dataset[0], dataset.disparity_px(0)
    assert calibration_ratio(sample.rig, sample.depth_m, disparity) == pytest.approx(0.5, abs=1e-3)
    assert np.isnan(calibration_ratio(sample.rig, sample.depth_m, disparity * np.nan))


@pytest.mark.parametrize('calibrated', ['full', 'half'])
def test_full_size_disparity_is_stored_finer_and_calibration_scaled(tmp_path, calibrated):
    folder = tmp_path / 'calib' / f'{calibrated}-image-calib'
    folder.mkdir(parents=True)
    size, factor = (FULL, 2.0) if calibrated == 'full' else (HALF, 1.0)
    (folder / f'{ONE}.txt').write_text(calibration(*size, factor))
    add_frame(tmp_path, '{}-full-size', ONE, 1, size=FULL, disparity_factor=128)
    dataset = DrivingStereo(tmp_path)
    sample, disparity = dataset[0], dataset.disparity_px(0)
    assert sample.camera.fx == 2 * FOCAL
    np.testing.assert_allclose(disparity[1, 1], 2 * (FB / 10.9 - 2), atol=0.5 / 128)
    ratio = calibration_ratio(sample.rig, sample.depth_m, disparity)
    assert ratio == pytest.approx(1, abs=2e-4)


def test_calibration_follows_images_of_another_width(root):
    for path in (root / 'half-image-calib').iterdir():
        path.write_text(path.read_text().replace('880 4', '440 2'))
    assert DrivingStereo(root)[0].camera.fx == 2 * FOCAL


def test_pictures_of_the_test_archives_lie_in_one_folder(tmp_path):
    (tmp_path / 'half-image-calib').mkdir()
    (tmp_path / 'half-image-calib' / f'{TWO}.txt').write_text(calibration(*HALF))
    add_frame(tmp_path, '{}-half-size', TWO, 1, below=False)
    assert DrivingStereo(tmp_path).names == [f'{TWO}/{stem(TWO, 1)}']


def test_parts_are_never_mixed(root):
    add_frame(root, '{}-half-size', TWO, 5)
    with pytest.raises(InputError, match='name one: #train or #half'):
        DrivingStereo(root)
    assert len(DrivingStereo(root, part='train')) == 4
    assert DrivingStereo(root, part='half').names == [f'{TWO}/{stem(TWO, 5)}']


def test_sequences_can_be_chosen(root):
    assert len(DrivingStereo(root, sequences=[TWO])) == 2
    with pytest.raises(InputError, match='sequence 2018 is not there'):
        DrivingStereo(root, sequences=['2018'])


def test_truth_follows_from_disparity_where_there_is_no_depth_map(root):
    (root / f'train-depth-map/{ONE}/{stem(ONE, 1)}.png').unlink()
    depth = DrivingStereo(root)[0].depth_m
    assert np.isnan(depth[0, 0])
    np.testing.assert_allclose(depth[1:], 10.9, rtol=1e-4)
    assert depth.dtype == np.float32


def test_what_a_frame_lacks_is_counted(root):
    (root / f'train-left-image/{ONE}/{stem(ONE, 1)}.jpg').unlink()
    for kind in ('depth', 'disparity'):
        (root / f'train-{kind}-map/{ONE}/{stem(ONE, 2)}.png').unlink()
    (root / f'train-right-image/{TWO}/{stem(TWO, 1)}.jpg').unlink()
    dataset = DrivingStereo(root)
    assert dataset.missing.names == {
        'image': [f'{ONE}/{stem(ONE, 1)}'],
        'truth': [f'{ONE}/{stem(ONE, 2)}'],
    }
    assert dataset[0].right is None
    assert dataset[0].rig is None


def test_sequence_without_calibration_is_counted(root):
    (root / 'half-image-calib' / f'{ONE}.txt').unlink()
    dataset = DrivingStereo(root)
    assert list(dataset.missing.names) == ['calibration']
    assert len(dataset) == 2


def test_pairs_without_any_truth_are_read_without(tmp_path):
    (tmp_path / 'half-image-calib').mkdir()
    (tmp_path / 'half-image-calib' / f'{ONE}.txt').write_text(calibration(*HALF))
    add_frame(tmp_path, 'train-{}', ONE, 1, maps=False)
    dataset = DrivingStereo(tmp_path)
    assert dataset[0].depth_m is None
    assert dataset.disparity_px(0) is None


def test_depth_of_another_size_is_named(root):
    path = root / f'train-depth-map/{ONE}/{stem(ONE, 1)}.png'
    write_image(path, np.ones((2, 2), np.uint16))
    with pytest.raises(InputError, match='size 2x2, its image has 880x4'):
        DrivingStereo(root)[0]


@pytest.mark.parametrize('field', ['S_rect_101', 'P_rect_103', 'T_103'])
def test_calibration_without_a_field_is_named(root, field):
    path = root / 'half-image-calib' / f'{ONE}.txt'
    path.write_text(path.read_text().replace(field, 'X'))
    with pytest.raises(InputError, match=rf'{ONE}\.txt: lacks or spoils the field .*{field}'):
        read_rig(path)


@pytest.mark.parametrize('part', [None, 'half'])
def test_folder_of_something_else_is_refused(tmp_path, part):
    with pytest.raises(InputError, match=r'left-image-half-size.* in here'):
        DrivingStereo(tmp_path, part=part)
