# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""`adu-depth calibrate` finds the factors that truth was made with, and its file is taken."""

import json
import math
import re

import cv2
import numpy as np
import pytest
import yaml

from adu_depth_core.bags import write_bag
from adu_depth_core.camera import Camera
from adu_depth_core.commands import main
from adu_depth_core.commands.camera_arguments import seeing
from adu_depth_core.inference.predictor import Predictor
from adu_depth_core.recording import RecordingWriter
from adu_depth_core.samples.image_files import write_rgb
from adu_depth_core.samples.sample import StereoSample

CAMERA = Camera(160, 96, 120.0, 120.0, 79.5, 47.5)
RUNTIME = ['--runtime', 'onnxruntime', '--precision', 'float32']
# Much wider, and hardly a pixel would be sure enough to be shown after the correction.
FACTOR, WIDTH, DRIVES = 1.25, 1.5, 24
BENT = """
image_width: 160
image_height: 96
distortion_model: plumb_bob
camera_matrix: {rows: 3, cols: 3, data: [120, 0, 79.5, 0, 120, 47.5, 0, 0, 1]}
distortion_coefficients: {rows: 1, cols: 5, data: [-0.3, 0.05, 0, 0, 0]}
rectification_matrix: {rows: 3, cols: 3, data: [1, 0, 0, 0, 1, 0, 0, 0, 1]}
projection_matrix: {rows: 3, cols: 4, data: [120, 0, 79.5, 0, 0, 120, 47.5, 0, 0, 0, 1, 0]}
"""
IMAGE = np.random.default_rng(3).integers(0, 255, (96, 160, 3), np.uint8)


@pytest.fixture(autouse=True)
def few_resamples(monkeypatch):
    """No interval is looked at here."""
    monkeypatch.setattr('adu_depth_core.evaluation.calibrating.judgement.RESAMPLES', 20)


@pytest.fixture(scope='module')
def tiny():
    return Predictor.load('tiny', runtime='onnxruntime', precision='float32')


@pytest.fixture(scope='module')
def samples(tiny):
    """Frames whose truth is 1.25 times what `tiny` says, but for 1.5 times the noise it states."""
    random = np.random.default_rng(0)
    found = []
    for number in range(DRIVES):
        image = random.integers(0, 255, (96, 160, 3), np.uint8)
        prediction = tiny(image, CAMERA)
        scale = prediction.std_m / (math.sqrt(2) * prediction.depth_m)
        noise = np.exp(random.laplace(0, 1, scale.shape) * WIDTH * scale)
        truth = (FACTOR * prediction.depth_m * noise).astype(np.float32)
        truth[::2] = np.nan
        name = f'drive_{number:04d}/0000000000'
        found.append(StereoSample(name, number, image, CAMERA, depth_m=truth))
    return found


@pytest.fixture(scope='module')
def recording(samples, tmp_path_factory):
    folder = tmp_path_factory.mktemp('calibrate') / 'recording'
    with RecordingWriter(folder) as writer:
        for sample in samples:
            writer.add(sample)
    return folder


def numbers(line):
    return [float(word) for word in re.findall(r'[+-]?\d+\.\d+', line)]


def test_factors_of_a_recording_are_those_that_its_truth_was_made_with(
    recording, tmp_path, capsys
):
    output = tmp_path / 'calibration.yaml'
    words = ['calibrate', '--data', f'recording:{recording}', '--output', str(output), *RUNTIME]
    assert main(words) == 0
    said = capsys.readouterr().out
    content = yaml.safe_load(output.read_text())
    assert content['depth_scale'] == pytest.approx(FACTOR, rel=0.02)
    # Laplace's quantile at 23 / 25, in half widths of the 90 % interval.
    at_level = math.log(1 - 23 / 25) / math.log(0.1)
    assert content['std_scale'] == pytest.approx(WIDTH * at_level, rel=0.08)
    assert content['fitted']['independent_frames'] == DRIVES
    assert f'{DRIVES} frames with truth, {DRIVES} of them independent' in said
    assert f'{DRIVES} independent frames ask for 92.0 % of those seen' in said
    (bias,) = [line for line in said.splitlines() if line.startswith('depth against truth')]
    assert numbers(bias)[0] == pytest.approx(100 * (1 / FACTOR - 1), abs=1.5)
    assert numbers(bias)[3] == pytest.approx(0.0, abs=2.0)


def test_evaluate_and_predict_take_the_file(recording, tmp_path, capsys):
    output = tmp_path / 'calibration.yaml'
    data = ['--data', f'recording:{recording}', *RUNTIME]
    assert main(['calibrate', *data, '--output', str(output)]) == 0
    capsys.readouterr()
    found = {}
    for name, more in (('before', []), ('after', ['--calibration', str(output)])):
        words = ['evaluate', *data, '--protocol', 'dense', '--json', '-', *more]
        assert main(words) == 0
        found[name] = json.loads(capsys.readouterr().out)
    scale = yaml.safe_load(output.read_text())['depth_scale']
    assert found['after']['model']['factors']['depth_scale'] == scale
    assert found['after']['coverage_error'] < found['before']['coverage_error'] / 2
    write_rgb(tmp_path / 'one.png', IMAGE)
    depths = []
    for more in ([], ['--calibration', str(output)]):
        folder = tmp_path / f'depth{len(more)}'
        words = ['predict', str(tmp_path / 'one.png'), '--fx', '120', '--output', str(folder)]
        assert main([*words, *RUNTIME, *more]) == 0
        depths.append(stored_depth(folder / 'one_depth.png'))
    known = np.isfinite(depths[0]) & np.isfinite(depths[1])
    assert np.median(depths[1][known] / depths[0][known]) == pytest.approx(scale, rel=0.01)


def stored_depth(path):
    import cv2

    stored = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    return np.where(stored > 0, stored / 256, np.nan)


def test_sure_words_of_a_teacher_stand_in_for_truth(samples, tmp_path):
    folder, output = tmp_path / 'recording', tmp_path / 'calibration.yaml'
    with RecordingWriter(folder) as writer:
        for sample in samples:
            wrong = np.arange(160) % 2 == 0
            depth = np.where(wrong, np.float32(1.0), sample.depth_m)
            scale = np.where(wrong, np.float32(0.5), np.float32(0.02)) + 0 * depth
            writer.add(
                StereoSample(
                    sample.name,
                    sample.stamp_ns,
                    sample.left,
                    CAMERA,
                    teacher_depth_m=depth,
                    teacher_scale=scale.astype(np.float32),
                )
            )
    assert main(['calibrate', '--data', f'recording:{folder}', '--output', str(output)]) == 0
    assert yaml.safe_load(output.read_text())['depth_scale'] == pytest.approx(FACTOR, rel=0.03)


def test_a_short_drive_is_refused(plane_drive, tmp_path, capsys):
    output = tmp_path / 'calibration.yaml'
    words = ['calibrate', '--data', f'kitti_raw:{plane_drive}', '--output', str(output)]
    assert main([*words, '--drives', '0005', *RUNTIME]) == 1
    said = capsys.readouterr().err
    # Six frames at 10 Hz.
    assert '6 frames with truth are 1 independent ones (those of a drive 1 s apart)' in said
    assert 'needs 10; record longer' in said
    assert not output.exists()


def test_bag_with_a_depth_topic(samples, tmp_path, capsys):
    bag, output = tmp_path / 'bag', tmp_path / 'calibration.yaml'
    stamped = [
        StereoSample(f'd/{n:010d}', (n + 1) * 2_000_000_000, s.left, CAMERA, depth_m=s.depth_m)
        for n, s in enumerate(samples)
    ]
    write_bag(bag, stamped)
    assert main(['calibrate', '--data', f'bag:{bag}', '--output', str(output), *RUNTIME]) == 0
    content = yaml.safe_load(output.read_text())
    assert content['depth_scale'] == pytest.approx(FACTOR, rel=0.02)
    assert content['fitted']['independent_frames'] == DRIVES
    capsys.readouterr()
    words = ['evaluate-bag', str(bag), '--calibration', str(output), '--json', *RUNTIME]
    assert main([*words, '--output', str(tmp_path / 'report'), '--frames', '3']) == 0
    told = json.loads(capsys.readouterr().out)
    assert told['model']['factors']['depth_scale'] == content['depth_scale']


def test_points_in_a_picture_as_the_lens_bends_it(tiny, tmp_path):
    calibration = tmp_path / 'camera.yaml'
    calibration.write_text(BENT)
    see = seeing(calibration, None)
    raw, camera = see(IMAGE)
    depth_m = tiny.without_limits()(raw, camera).depth_m
    pixels, _ = cv2.projectPoints(  # where OpenCV's own model of the lens has the rays
        np.array([[0.2 * x, 0.1 * y, 1.0] for x in (-2, -1, 1, 2) for y in (-1, 1, 2)]),
        *(np.zeros(3), np.zeros(3), camera.matrix, np.array([-0.3, 0.05, 0.0, 0.0, 0.0])),
    )
    lines = ['image one.png']
    for u, v in np.rint(pixels.reshape(-1, 2)):
        x, y = cv2.undistortPoints(
            np.array([[[u, v]]]), camera.matrix, np.array([-0.3, 0.05, 0.0, 0.0, 0.0])
        ).ravel()
        column, row = camera.fx * x + camera.cx, camera.fy * y + camera.cy
        z = depth_m[round(row), round(column)]
        lines.append(f'{u:g} {v:g} {1.2 * z * math.hypot(x, y, 1.0)}')
    write_rgb(tmp_path / 'one.png', IMAGE)
    (tmp_path / 'points.txt').write_text('\n'.join(lines) + '\n')
    output = tmp_path / 'calibration.yaml'
    words = ['--data', f'points:{tmp_path / "points.txt"}', '--output', str(output), *RUNTIME]
    assert main(['calibrate', *words, '--camera-info', str(calibration)]) == 0
    # A pixel of the picture is not quite one of the rectified picture.
    assert yaml.safe_load(output.read_text())['depth_scale'] == pytest.approx(1.2, rel=0.02)


@pytest.mark.parametrize(
    ('words', 'message'),
    [
        (['recording:x', '--fx', '120'], '--fx: is of points'),
        (['recording:x', '--camera-info', 'camera.yaml'], '--camera-info: is of points'),
        (['recording:x', '--truth-topic', '/depth'], '--truth-topic: is of bags, and recording:x'),
        (['bag:x', '--drives', 'a'], '--drives: is of data sets'),
    ],
)
def test_what_would_be_ignored_is_refused(capsys, words, message):
    assert main(['calibrate', '--data', *words]) == 1
    assert message in capsys.readouterr().err


def test_no_argument_is_taken_for_another_that_begins_so(capsys):
    with pytest.raises(SystemExit):
        main(['calibrate', '--data', 'bag:x', '--camera-info-t', '/camera_info'])
    assert 'unrecognized arguments: --camera-info-t' in capsys.readouterr().err


def test_bag_without_truth_is_refused(samples, tmp_path, capsys):
    write_bag(tmp_path / 'bag', [StereoSample('d/0', 1, samples[0].left, CAMERA)])
    assert main(['calibrate', '--data', f'bag:{tmp_path / "bag"}']) == 1
    assert 'no true depth; name it with --truth-topic' in capsys.readouterr().err


def points_of(tiny, tmp_path, count, factor):
    """Write what a tape would tell of a world `factor` times as far as `tiny` says."""
    write_rgb(tmp_path / 'one.png', IMAGE)
    prediction = tiny(IMAGE, CAMERA)
    rays = np.linalg.norm(CAMERA.rays(), axis=2)
    places = np.argwhere(np.isfinite(prediction.depth_m))[:: 96 * 160 // (3 * count)][:count]
    lines = [
        f'{u} {v} {factor * prediction.depth_m[v, u] * rays[v, u]:.4f}' for v, u in places.tolist()
    ]
    path = tmp_path / 'points.txt'
    path.write_text('\n'.join(['image one.png', *lines]) + '\n')
    return path


def test_points_measured_by_tape_give_the_scale(tiny, tmp_path, capsys):
    path, output = points_of(tiny, tmp_path, 8, 1.1), tmp_path / 'calibration.yaml'
    words = ['calibrate', '--data', f'points:{path}', '--output', str(output), *RUNTIME]
    assert main([*words, '--fx', '120']) == 0
    content = yaml.safe_load(output.read_text())
    assert content['depth_scale'] == pytest.approx(1.1, rel=1e-3)
    assert content['std_scale'] == 1
    # A world a tenth farther than said: off by 1/1.1 - 1 before, and by nothing once corrected.
    assert content['fitted']['before']['bias'][0] == pytest.approx(1 / 1.1 - 1, abs=1e-3)
    assert content['fitted']['after_on_points_left_out']['abs_rel'][0] < 1e-3
    said = capsys.readouterr().out
    assert 'before                        after, on points left out of the fit' in said
    assert 'depth against truth, median     -9.1% (-9.1% to -9.1%)' in said
    assert 'std_scale stays 1: 1 pictures say nothing of other places' in said


@pytest.mark.parametrize(
    ('count', 'more', 'message'),
    [
        (5, ['--fx', '120'], '5 points with known depth, and the median needs 6'),
        (8, [], 'points: give --camera-info, the calibration of the pictures, or --fx'),
    ],
)
def test_points_that_are_too_few_or_of_no_camera_are_refused(
    tiny, tmp_path, capsys, count, more, message
):
    path = points_of(tiny, tmp_path, count, 1.1)
    assert main(['calibrate', '--data', f'points:{path}', *RUNTIME, *more]) == 1
    assert message in capsys.readouterr().err
