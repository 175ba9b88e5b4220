# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The command predict, with the model that ships."""

import os
import subprocess
import sys

import cv2
import numpy as np
import pytest

from adu_depth_core.camera import Camera
from adu_depth_core.commands.predict import frames
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
    expected = Predictor.load()(read_rgb(picture), Camera.centred(320, 96, 185))
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


def test_runtime_precision_and_input_size_are_chosen_and_told(picture, tmp_path, capsys):
    options = ['--runtime', 'onnxruntime', '--device', 'cpu', '--precision', 'float32']
    out = tmp_path / 'out'
    predict([str(picture), '--output', str(out), '--input-size', '160x64', *options])
    assert '(onnxruntime, cpu, float32)' in capsys.readouterr().out
    image = read_rgb(picture)
    expected = Predictor.load(runtime='onnxruntime', device='cpu', input_size=(160, 64))
    depth = expected(image, Camera.centred(320, 96, 160 / np.tan(np.radians(40)))).depth_m
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


@pytest.fixture
def video(picture, tmp_path):
    path = tmp_path / 'webcam.avi'
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*'MJPG'), 10, (320, 96))
    for _ in range(3):
        writer.write(cv2.imread(str(picture)))
    writer.release()
    return path


CALIBRATION = """\
image_width: 320
image_height: 96
camera_matrix: {rows: 3, cols: 3, data: [185, 0, 159.5, 0, 185, 47.5, 0, 0, 1]}
distortion_model: plumb_bob
distortion_coefficients: {rows: 1, cols: 5, data: [0, 0, 0, 0, 0]}
rectification_matrix: {rows: 3, cols: 3, data: [1, 0, 0, 0, 1, 0, 0, 0, 1]}
projection_matrix: {rows: 3, cols: 4, data: [185, 0, 159.5, 0, 0, 185, 47.5, 0, 0, 0, 1, 0]}
"""


def test_pictures_of_one_name_are_kept_apart_and_spoilt_ones_counted(tmp_path, capsys):
    folder, out = tmp_path / 'pictures', tmp_path / 'out'
    folder.mkdir()
    image = np.full((96, 320, 3), 90, np.uint8)
    for name in ('a.png', 'a.jpg', 'c.png'):
        assert cv2.imwrite(str(folder / name), image)
    (folder / 'b.png').write_bytes((folder / 'c.png').read_bytes()[:60])
    assert predict([str(folder), '--fx', '185', '--output', str(out)]) == 0
    assert sorted(path.name for path in out.glob('*_depth.png')) == [
        'a_jpg_depth.png',
        'a_png_depth.png',
        'c_depth.png',
    ]
    told = capsys.readouterr()
    assert 'of 3 images' in told.out
    assert f'left out: {folder / "b.png"}' in told.err
    for name in ('a.png', 'a.jpg', 'c.png'):
        (folder / name).unlink()
    with pytest.raises(InputError, match='none of its 1 pictures can be read'):
        predict([str(folder), '--fx', '185', '--output', str(out)])


@pytest.mark.parametrize(
    'words',
    [
        ['--fx', '0'],
        ['--fx', '1e300'],
        ['--hfov', '180'],
        ['--hfov', '0'],
        ['--frames', '9' * 20],
    ],
)
def test_numbers_that_no_camera_has_are_refused(picture, capsys, words):
    with pytest.raises(SystemExit):
        predict([str(picture), *words])
    assert f'{words[0]}: {words[1][:20]}' in capsys.readouterr().err


def test_pipe_in_place_of_a_video_is_refused(tmp_path):
    os.mkfifo(tmp_path / 'video.mp4')
    with pytest.raises(InputError, match='is a pipe or a device'):
        predict([str(tmp_path / 'video.mp4')])


def test_lens_that_is_guessed_is_said(picture, tmp_path, capsys):
    words = [str(picture), '--output', str(tmp_path / 'out')]
    predict(words)
    assert 'a lens of 80 degrees is assumed' in capsys.readouterr().err
    predict([*words, '--hfov', '80'])
    assert 'assumed' not in capsys.readouterr().err
    with pytest.raises(InputError, match='--fx has the focal length; leave out --hfov'):
        predict([*words, '--fx', '185', '--hfov', '80'])


def test_camera_with_its_calibration_is_predicted_as_its_pictures_with_that_focal_length(
    video, tmp_path
):
    calibration = tmp_path / 'camera.yaml'
    calibration.write_text(CALIBRATION)
    live, files = tmp_path / 'live', tmp_path / 'files'
    words = ['--camera', str(video), '--camera-info', str(calibration), '--frames', '2']
    assert predict([*words, '--output', str(live)]) == 0
    predict([str(video), '--fx', '185', '--output', str(files)])
    assert sorted(path.name for path in live.glob('*_depth.png')) == [
        'camera_000000_depth.png',
        'camera_000001_depth.png',
    ]
    np.testing.assert_array_equal(
        read_depth_png(live / 'camera_000001_depth.png'),
        read_depth_png(files / 'webcam_000001_depth.png'),
    )


@pytest.mark.parametrize(
    ('options', 'message'),
    [
        ([], r'^predict: name either a picture, folder or video, or --camera 0'),
        (['street.png', '--camera', '0'], r'^predict: name either'),
        (
            ['street.png', '--camera-info', 'c.yaml', '--fx', '3'],
            r'^--camera-info has the focal length; leave out --fx',
        ),
    ],
)
def test_what_does_not_go_together_is_refused(options, message):
    with pytest.raises(InputError, match=message):
        predict(options)


def test_looking_without_rerun_names_the_extra(picture, tmp_path):
    program = (
        'import sys; sys.modules["rerun"] = None\n'
        'from adu_depth_core.commands import main\n'
        f'sys.exit(main(["predict", {str(picture)!r}, "--save", {str(tmp_path / "a.rrd")!r}]))'
    )
    done = subprocess.run([sys.executable, '-c', program], capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith(
        "rerun is missing: pip install '.[rerun]' in a clone of adu_depth_ros"
    )


def test_recording_holds_all_frames_of_a_video_and_no_pngs_are_written(video, tmp_path, capsys):
    pytest.importorskip(
        'rerun', reason="pip install '.[rerun]' brings it, which needs Python 3.11"
    )
    from rerun.chunk import RrdReader

    path = tmp_path / 'out' / 'drive.rrd'
    assert predict([str(video), '--fx', '185', '--save', str(path)]) == 0
    assert list(path.parent.iterdir()) == [path]
    assert 'showed depth and std of 3 images' in capsys.readouterr().out
    chunks = RrdReader(path).stream().to_chunks()
    found = [chunk for chunk in chunks if chunk.entity_path == '/camera/depth']
    assert sum(chunk.num_rows for chunk in found) == 3
    assert {'frame', 'video'} <= set(found[0].timeline_names)
