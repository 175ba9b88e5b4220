# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The zip for KITTI's benchmark: what is stored, what is refused, what a made tree gives."""

import zipfile

import cv2
import numpy as np
import pytest

from adu_depth_core.commands.make_submission import main
from adu_depth_core.datasets.kitti_official import DepthSelection
from adu_depth_core.errors import InputError
from adu_depth_core.evaluation.submission import (
    SIZE,
    SubmissionImage,
    absent_images,
    check_names,
    check_submission,
    stored_depth,
    write_submission,
)
from adu_depth_core.inference.predictor import Predictor
from adu_depth_core.samples.image_files import write_rgb

ALL = [f'{number:010d}' for number in range(500)]


@pytest.fixture
def benchmark_images(tmp_path):
    """Three images as in `test_depth_prediction_anonymous`."""
    root = tmp_path / 'depth_selection' / 'test_depth_prediction_anonymous'
    (root / 'intrinsics').mkdir(parents=True)
    rng = np.random.default_rng(0)
    for number in range(3):
        image = cv2.GaussianBlur(rng.integers(0, 255, (*SIZE, 3), np.uint8), (0, 0), 9)
        write_rgb(root / f'image/{number:010d}.png', image)
        (root / f'intrinsics/{number:010d}.txt').write_text('721.5 0 596.6 0 721.5 149.9 0 0 1')
    return root.parent


def pictures(*names, value=256, shape=SIZE, kind=np.uint16):
    return [SubmissionImage(name, np.full(shape, value, kind)) for name in names]


def test_depth_is_stored_rounded_and_at_least_one():
    depth = np.array([[10.0, 10 + 0.6 / 256, 0.0, 1e-4, np.nan, 500.0, np.inf]], np.float32)
    assert stored_depth(depth).tolist() == [[2560, 2561, 1, 1, 1, 65535, 65535]]
    assert stored_depth(depth).dtype == np.uint16


def test_all_five_hundred_names_are_taken_and_fewer_only_as_a_trial():
    check_names(ALL)
    with pytest.raises(InputError, match=r'499 images, the benchmark takes 500; .*incomplete'):
        check_names(ALL[1:])
    check_names(ALL[1:], allow_incomplete=True)
    assert absent_images(ALL[1:]) == ALL[:1]
    assert absent_images(ALL) == []


@pytest.mark.parametrize('name', ['0000000500', '0', 'street'])
def test_strange_names_are_refused_even_as_a_trial(name):
    with pytest.raises(InputError, match=f'image {name} is none of the benchmark'):
        check_names([*ALL[1:], name], allow_incomplete=True)


def test_zip_holds_pngs_at_its_top_and_nothing_else(tmp_path):
    path = tmp_path / 'submission.zip'
    assert write_submission(path, pictures(*ALL[:2])) == [f'{name}.png' for name in ALL[:2]]
    with zipfile.ZipFile(path) as archive:
        assert archive.namelist() == ['0000000000.png', '0000000001.png']
        data = np.frombuffer(archive.read('0000000001.png'), np.uint8)
    stored = cv2.imdecode(data, cv2.IMREAD_UNCHANGED)
    assert (stored.dtype, stored.shape) == (np.uint16, SIZE)
    assert (stored == 256).all()


def test_the_same_depth_makes_the_same_file(tmp_path):
    for name in 'ab':
        write_submission(tmp_path / name, pictures(ALL[0]))
    assert (tmp_path / 'a').read_bytes() == (tmp_path / 'b').read_bytes()


@pytest.mark.parametrize(
    ('changes', 'message'),
    [
        ({'shape': (375, 1242)}, '0000000000.png: size 1242x375, the benchmark has 1216x352'),
        ({'kind': np.uint8, 'value': 9}, 'not a 16-bit single-channel PNG'),
        ({'value': 0}, 'holds pixels without depth'),
    ],
)
def test_what_the_benchmark_would_not_take_is_never_written(tmp_path, changes, message):
    with pytest.raises(InputError, match=message):
        write_submission(tmp_path / 'submission.zip', pictures(ALL[0], **changes))
    assert list(tmp_path.iterdir()) == []


def test_zip_of_an_interrupted_run_is_not_there(tmp_path):
    def interrupted():
        yield from pictures(ALL[0])
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_submission(tmp_path / 'submission.zip', interrupted())
    assert list(tmp_path.iterdir()) == []


def test_missing_files_are_seen_when_reading_back(tmp_path):
    write_submission(tmp_path / 'a.zip', pictures(ALL[0]))
    with pytest.raises(InputError, match='holds 1 files, not the 2 expected'):
        check_submission(tmp_path / 'a.zip', ['0000000000.png', '0000000001.png'])


def test_command_predicts_every_image_with_its_own_camera(benchmark_images, tmp_path, capsys):
    path = tmp_path / 'submission.zip'
    words = ['--data', f'kitti_official:{benchmark_images}#test', '--output', str(path)]
    with pytest.raises(InputError, match='3 images, the benchmark takes 500'):
        main(words)
    assert main([*words, '--allow-incomplete']) == 0
    told = '3 pictures, read back (497 of the benchmark are missing, the first 0000000003'
    assert told in capsys.readouterr().out
    sample = DepthSelection(benchmark_images, 'test')[2]
    expected = (
        Predictor.load(precision='float32').without_limits()(sample.left, sample.camera).depth_m
    )
    with zipfile.ZipFile(path) as archive:
        data = np.frombuffer(archive.read('0000000002.png'), np.uint8)
    stored = cv2.imdecode(data, cv2.IMREAD_UNCHANGED)
    np.testing.assert_allclose(stored / 256, expected, atol=0.5 / 256 + 1e-5)


@pytest.mark.parametrize('data', ['kitti_official:ROOT#val_selection', 'kitti_raw:ROOT'])
def test_other_data_are_refused(data):
    with pytest.raises(InputError, match='submissions are of kitti_official:ROOT#test'):
        main(['--data', data])
