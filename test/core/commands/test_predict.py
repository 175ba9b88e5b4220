# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The command predict, with the model that ships."""

import cv2
import numpy as np
import pytest

from adu_depth_core.commands.predict import frames, guessed_camera
from adu_depth_core.commands.predict import main as predict
from adu_depth_core.errors import InputError
from adu_depth_core.inference.predictor import Predictor
from adu_depth_core.samples.image_files import read_depth_png, read_rgb, write_rgb


@pytest.fixture
def picture(tmp_path):
    image = np.random.default_rng(0).integers(0, 255, (96, 320, 3), np.uint8)
    path = tmp_path / 'in' / 'street.png'
    write_rgb(path, cv2.GaussianBlur(image, (0, 0), 3))
    return path


def test_picture_gives_depth_std_and_colours(picture, tmp_path):
    assert predict([str(picture), '--output', str(tmp_path / 'out'), '--fx', '185']) == 0
    depth = read_depth_png(tmp_path / 'out' / 'street_depth.png')
    std = read_depth_png(tmp_path / 'out' / 'street_std.png')
    assert depth.shape == std.shape == (96, 320)
    np.testing.assert_array_equal(np.isnan(depth), np.isnan(std))
    expected = Predictor.load()(read_rgb(picture), guessed_camera(read_rgb(picture), 185, 80))
    np.testing.assert_allclose(depth, expected.depth_m, atol=0.6 / 256)
    assert read_rgb(tmp_path / 'out' / 'street_colour.png').shape == (96, 320, 3)


def test_folder_gives_three_files_a_picture(picture, tmp_path):
    write_rgb(picture.with_name('second.jpg'), read_rgb(picture))
    predict([str(picture.parent), '--output', str(tmp_path / 'out')])
    assert len(list((tmp_path / 'out').iterdir())) == 6


def test_hidden_files_of_a_folder_are_no_pictures(picture):
    (picture.parent / f'._{picture.name}').write_bytes(b'what a Mac notes about the picture')
    assert [frame.name for frame in frames(picture.parent)] == ['street']


def test_video_gives_three_files_a_frame(picture, tmp_path):
    path = tmp_path / 'drive.avi'
    video = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*'MJPG'), 10, (320, 96))
    for _ in range(3):
        video.write(cv2.imread(str(picture)))
    video.release()
    predict([str(path), '--output', str(tmp_path / 'out')])
    assert (tmp_path / 'out' / 'drive_000002_depth.png').exists()
    assert len(list((tmp_path / 'out').iterdir())) == 9


@pytest.mark.parametrize(
    ('name', 'content', 'message'),
    [
        ('none.png', None, 'no such file or folder'),
        ('bad.png', b'not a picture', 'not a picture that OpenCV can read'),
        ('bad.mp4', b'not a video', 'neither a picture nor a video'),
    ],
)
def test_input_that_cannot_be_read_is_named(tmp_path, name, content, message):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=message):
        predict([str(tmp_path / name), '--output', str(tmp_path / 'out')])


def test_folder_without_pictures_is_named(tmp_path):
    with pytest.raises(InputError, match='no pictures'):
        predict([str(tmp_path)])


def test_field_of_view_gives_the_focal_length():
    camera = guessed_camera(np.zeros((10, 100, 3), np.uint8), None, 90.0)
    assert camera.fx == pytest.approx(50.0)
    assert camera.cx == 49.5


def test_runtime_precision_and_input_size_are_chosen_and_told(picture, tmp_path, capsys):
    options = ['--runtime', 'onnxruntime', '--device', 'cpu', '--precision', 'float32']
    out = tmp_path / 'out'
    predict([str(picture), '--output', str(out), '--input-size', '160x64', *options])
    assert '(onnxruntime, cpu, float32)' in capsys.readouterr().out
    image = read_rgb(picture)
    expected = Predictor.load(runtime='onnxruntime', device='cpu', input_size=(160, 64))
    depth = expected(image, guessed_camera(image, None, 80)).depth_m
    np.testing.assert_allclose(read_depth_png(out / 'street_depth.png'), depth, atol=0.6 / 256)


@pytest.mark.parametrize(
    ('options', 'message'),
    [
        (['--input-size', '100x100'], 'multiples of 32'),
        (['--runtime', 'onnxruntime', '--precision', 'float16'], 'there is float32'),
    ],
)
def test_impossible_wishes_are_refused_before_anything_is_written(
    picture, tmp_path, options, message
):
    with pytest.raises(InputError, match=message):
        predict([str(picture), '--output', str(tmp_path / 'out'), *options])
    assert not (tmp_path / 'out').exists()
