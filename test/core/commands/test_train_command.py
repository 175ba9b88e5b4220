# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""From a recording to a teacher, and from the teacher to a student, by the command alone."""

import json

import numpy as np
import pytest

from adu_depth_core.camera import Camera
from adu_depth_core.commands.train import configured, main
from adu_depth_core.errors import InputError
from adu_depth_core.inference.predictor import Predictor
from adu_depth_core.inference.stereo_predictor import StereoPredictor
from adu_depth_core.recording import RecordingWriter
from adu_depth_core.synthetic import SyntheticDrive

CAMERA = Camera(128, 64, 80.0, 80.0, 63.5, 31.5)


# The teacher is trained once, in one process.
pytestmark = pytest.mark.xdist_group('train_command')


@pytest.fixture(scope='module')
def recording(tmp_path_factory):
    folder = tmp_path_factory.mktemp('recording')
    drive = SyntheticDrive(5, 4, camera=CAMERA)
    with RecordingWriter(folder) as writer:
        for index in range(len(drive)):
            writer.add(drive[index])
    return folder


def arguments(recording, output, network, *more):
    source = json.dumps([{'spec': f'recording:{recording}'}])
    return [
        *(network, '--data.train', source, '--data.validation', source),
        *('--data.sizes', '[[128, 64]]', '--data.batch_size', '2', '--data.workers', '0'),
        *('--optimiser.steps', '3', '--device', 'cpu', '--output', str(output), *more),
    ]


def test_data_are_named_as_for_other_commands(recording):
    spec = f'recording:{recording}'
    words = ['student', '--data', spec, '--optimiser.steps', '3', '--output', 'x']
    _, config = configured(words)
    assert [source.spec for source in config.data.train] == [spec]
    assert config.data.validation == []
    _, config = configured([*words, '--config', 'synthetic', '--data=synthetic:7'])
    assert [source.spec for source in config.data.train] == [spec, 'synthetic:7']
    assert [source.spec for source in config.data.validation] != []


@pytest.fixture(scope='module')
def teacher(recording, tmp_path_factory):
    output = tmp_path_factory.mktemp('teacher')
    settings = ('--stereo.max_disparity_px', '16', '--export', 'false')
    assert main(arguments(recording, output, 'teacher', *settings)) == 0
    return output / 'teacher.safetensors'


def test_teacher_is_trained_and_looks_at_pairs(teacher):
    sample = SyntheticDrive(5, 1, camera=CAMERA)[0]
    predictor = StereoPredictor.load(str(teacher), device='cpu').without_limits()
    assert not teacher.with_suffix('.onnx').exists()
    depth_m = predictor(sample.left, sample.right, sample.rig).depth_m
    assert depth_m.shape == (64, 128)
    assert (depth_m > 0).all()
    assert predictor.info.max_disparity_px == 16
    assert 0 < predictor.info.temperature < 100
    assert predictor.info.temperature != 1.0


def test_student_learns_from_the_teacher_and_says_what_it_lost(recording, teacher, tmp_path):
    assert main(arguments(recording, tmp_path, 'student', '--teacher', str(teacher))) == 0
    lines = [json.loads(line) for line in (tmp_path / 'log.jsonl').read_text().splitlines()]
    logged = set().union(*lines)
    assert {'train/silog', 'train/nll', 'train/response', 'train/feature'} <= logged
    assert 'val/abs_rel' in logged
    sample = SyntheticDrive(5, 1, camera=CAMERA)[0]
    for runtime in ('torch', 'onnxruntime'):
        predictor = Predictor.load(str(tmp_path / 'model.safetensors'), runtime=runtime)
        prediction = predictor.without_limits()(sample.left, CAMERA)
        assert np.isfinite(prediction.depth_m).all()


def test_a_student_is_no_teacher(recording, teacher, tmp_path):
    main(arguments(recording, tmp_path / 'first', 'student', '--export', 'false'))
    model = tmp_path / 'first' / 'model.safetensors'
    with pytest.raises(InputError, match='not a stereo teacher'):
        main(arguments(recording, tmp_path / 'second', 'student', '--teacher', str(model)))


def test_teacher_takes_no_teacher(recording, teacher, tmp_path):
    with pytest.raises(InputError, match='a teacher has no teacher'):
        main(arguments(recording, tmp_path, 'teacher', '--teacher', str(teacher)))


@pytest.mark.parametrize('data', ['synthetic', 'kitti', 'driving_stereo', 'recording'])
@pytest.mark.parametrize('size', ['tiny', 'base', 'large', 'leaderboard'])
def test_every_shipped_configuration_is_complete(data, size, capsys):
    with pytest.raises(SystemExit) as caught:
        main(['teacher', '--config', data, '--config', size, '--print_config'])
    assert caught.value.code == 0
    assert f'preset: {size}' in capsys.readouterr().out
