# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Short trainings on a small drive: they learn, and end in a model file; and their command."""

import sys

import numpy as np
import pytest
from safetensors.torch import load_file

from adu_depth_core.commands.train import main, with_shipped_configs
from adu_depth_core.datasets.kitti_raw import KittiRaw
from adu_depth_core.errors import InputError
from adu_depth_core.evaluation.metrics import depth_errors
from adu_depth_core.inference.predictor import Predictor
from adu_depth_core.training.config import AugmentationConfig
from adu_depth_core.training.run import train

pytestmark = [pytest.mark.xdist_group('training'), pytest.mark.timeout(900)]


@pytest.fixture(scope='module')
def learnt(short_training, tmp_path_factory):
    """Model file and output of a training long enough to learn the plane."""
    output = tmp_path_factory.mktemp('learnt')
    config = short_training(output, steps=80, validate_every=80, export=True)
    config.data.sizes = [(96, 32)]
    config.optimiser.learning_rate, config.optimiser.ema_decay = 2e-3, None
    config.augmentation = AugmentationConfig(flip=0.0, max_zoom=1.0, colours=False)
    return train(config)


@pytest.mark.slow
def test_training_learns_the_plane(learnt, plane_drive):
    sample = KittiRaw(plane_drive)[0]
    prediction = Predictor.load(str(learnt)).without_limits()(sample.left, sample.camera)
    seen = sample.depth_m[sample.depth_m < 80]
    best_constant = np.full_like(sample.depth_m, np.exp(np.median(np.log(seen))))
    found, constant = (
        depth_errors(depth_m, sample.depth_m)['abs_rel']
        for depth_m in (prediction.depth_m, best_constant)
    )
    assert found < 0.6 * constant


@pytest.mark.slow
def test_training_ends_in_a_calibrated_model_with_its_graph(learnt):
    assert Predictor.load(str(learnt)).info.temperature not in (0.0, 1.0)
    assert learnt.with_suffix('.onnx').is_file()


def test_shipped_configurations_are_found_by_name():
    words = with_shipped_configs(['student', '--config', 'tiny_shipped', '--seed', '1'])
    assert words[2].endswith('tiny_shipped.yaml')
    assert with_shipped_configs(['--config', 'my.yaml']) == ['--config', 'my.yaml']
    with pytest.raises(InputError, match=r'shipped: .*tiny_shipped'):
        with_shipped_configs(['--config', 'huge'])


def test_command_prints_the_whole_configuration(capsys):
    with pytest.raises(SystemExit) as caught:
        main(['student', '--config', 'tiny_shipped', '--optimiser.steps', '7', '--print_config'])
    assert caught.value.code == 0
    printed = capsys.readouterr().out
    assert 'steps: 7' in printed
    assert 'batch_size: 8' in printed


def test_unknown_setting_ends_with_a_message(capsys):
    with pytest.raises(SystemExit) as caught:
        main(['student', '--config', 'tiny_shipped', '--optimiser.stepz', '7'])
    assert caught.value.code == 2
    assert 'stepz' in capsys.readouterr().err


def test_configuration_module_needs_no_torch():
    import subprocess

    code = 'import sys, adu_depth_core.training.config; assert "torch" not in sys.modules'
    subprocess.run([sys.executable, '-c', code], check=True)


@pytest.mark.slow
def test_training_can_start_from_a_model_file(learnt, short_training, fitted, tmp_path):
    settings = short_training(tmp_path, steps=1)
    settings.model.initial = str(learnt)
    settings.optimiser.learning_rate = 1e-9
    name = 'decoder.mix.0.pointwise.weight'
    started = fitted(settings).network.state_dict()[name]
    np.testing.assert_allclose(load_file(learnt)[name], started, atol=1e-3)  # stored as float16
    settings.model.canonical_focal = 100.0
    with pytest.raises(InputError, match='configured are'):
        train(settings)
