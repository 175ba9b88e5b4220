# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The commands predict and evaluate, with the model that ships."""

import json

import cv2
import numpy as np
import pytest

from adu_depth_core.commands.evaluate import main as evaluate
from adu_depth_core.commands.predict import guessed_camera
from adu_depth_core.commands.predict import main as predict
from adu_depth_core.data.image_files import read_depth_png, read_rgb, write_rgb
from adu_depth_core.data.kitti_raw import KittiRaw
from adu_depth_core.errors import InputError
from adu_depth_core.evaluation.evaluate import scored
from adu_depth_core.evaluation.protocols import find_protocol
from adu_depth_core.inference.predictor import Prediction, Predictor


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


@pytest.mark.real_data
def test_evaluate_writes_the_protocol_beside_its_figures(data_root, tmp_path, capsys):
    root = data_root / 'kitti_raw'
    report = tmp_path / 'result.json'
    arguments = ['--data', f'kitti_raw:{root}', '--drives', '0005[114-117]', '--json', str(report)]
    assert evaluate(arguments) == 0
    result = json.loads(report.read_text())
    assert result['protocol'] == 'eigen_garg_kb'
    assert (result['images'], result['missing']) == (4, 0)
    for name in ('abs_rel', 'sq_rel', 'rmse', 'rmse_log', 'd1', 'd2', 'd3', 'silog'):
        assert np.isfinite(result[name])
    assert len(result['model_sha256']) == 64
    printed = capsys.readouterr().out
    assert 'eigen_garg_kb' in printed
    assert f'{result["abs_rel"]:.4f}' in printed


@pytest.mark.real_data
def test_figures_equal_a_computation_written_out_in_plain_numpy(data_root):
    dataset = KittiRaw(data_root / 'kitti_raw', drives=['0002'])
    predictor = Predictor.load().without_limits()
    predictions = [predictor(dataset[i].left, dataset[i].camera) for i in range(3)]
    answers = iter(predictions)

    class First:
        missing = dataset.missing

        def __len__(self):
            return 3

        def __getitem__(self, index):
            return dataset[index]

    result = scored(First(), find_protocol('eigen_garg_kb'), lambda _: next(answers))
    expected = []
    for i, prediction in enumerate(predictions):
        g = dataset[i].depth_m[375 - 352 :, 13 : 13 + 1216][143:349, 43:1172]
        p = prediction.depth_m[375 - 352 :, 13 : 13 + 1216][143:349, 43:1172]
        good = (g > 1e-3) & (g < 80)
        p, g = np.clip(p[good], 1e-3, 80).astype(np.float64), g[good].astype(np.float64)
        expected.append([np.mean(abs(p - g) / g), np.sqrt(np.mean((p - g) ** 2))])
    assert result['abs_rel'] == pytest.approx(np.mean(expected, 0)[0], abs=1e-6)
    assert result['rmse'] == pytest.approx(np.mean(expected, 0)[1], abs=1e-6)


@pytest.mark.real_data
def test_drive_without_truth_cannot_be_scored(data_root):
    dataset = KittiRaw(data_root / 'kitti_raw', drives=['0001[0-4]'])
    with pytest.raises(InputError, match='none of'):
        scored(dataset, find_protocol('eigen_garg_kb'), lambda _: Prediction(None, None))
