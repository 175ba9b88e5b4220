# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Short trainings on a small drive made here: they learn, stop, go on, and end in a model file."""

import sys

import numpy as np
import pytest
from lightning.pytorch.callbacks import Callback
from safetensors.torch import load_file

from adu_depth_core.commands.train import main, with_shipped_configs
from adu_depth_core.data.image_files import write_depth_png, write_rgb
from adu_depth_core.errors import InputError
from adu_depth_core.inference.predictor import Predictor
from adu_depth_core.training.config import (
    DataConfig,
    OptimiserConfig,
    SourceConfig,
    TrainingConfig,
)
from adu_depth_core.training.run import train

WIDTH, HEIGHT, FRAMES = 160, 64, 6


@pytest.fixture(scope='module')
def root(tmp_path_factory):
    """A drive over a chequered plane, with truth on every fourth pixel below the horizon."""
    root = tmp_path_factory.mktemp('kitti')
    date = root / '2011_09_26'
    drive = date / '2011_09_26_drive_0005_sync'
    projection = '100 0 79.5 0 0 100 20 0 0 0 1 0'
    date.mkdir()
    (date / 'calib_cam_to_cam.txt').write_text(
        f'S_rect_02: {WIDTH} {HEIGHT}\nR_rect_00: 1 0 0 0 1 0 0 0 1\n'
        f'P_rect_02: {projection}\nP_rect_03: {projection.replace("79.5 0", "79.5 -50")}\n'
    )
    (date / 'calib_velo_to_cam.txt').write_text('R: 1 0 0 0 1 0 0 0 1\nT: 0 0 0\n')
    for frame in range(FRAMES):
        image, depth = plane(frame)
        write_rgb(drive / 'image_02/data' / f'{frame:010d}.png', image)
        write_depth_png(drive / 'proj_depth/velodyne_raw/image_02' / f'{frame:010d}.png', depth)
    return root


def plane(frame):
    v, u = np.mgrid[:HEIGHT, :WIDTH]
    with np.errstate(divide='ignore', invalid='ignore'):
        depth = np.where(v > 22, 150.0 / (v - 20), np.nan).astype(np.float32)
    x, z = (u - 79.5) / 100 * np.nan_to_num(depth), np.nan_to_num(depth) + frame
    image = np.where((np.floor(x) + np.floor(z)) % 2, 200, 60).astype(np.uint8)
    depth[(u + v) % 4 > 0] = np.nan
    return np.repeat(image[..., None], 3, -1), depth


def config(root, output, **changes):
    source = SourceConfig(f'kitti_raw:{root}', drives=['0005'])
    steps = changes.pop('steps', 6)
    return TrainingConfig(
        data=DataConfig(
            [source],
            [source],
            sizes=[(96, 32), (64, 64)],
            batch_size=4,
            workers=changes.pop('workers', 0),
        ),
        optimiser=OptimiserConfig(steps=steps, learning_rate=3e-3),
        output=str(output),
        checkpoint_every=2,
        device='cpu',
        **changes,
    )


class PowerCut(Exception):
    """Ends a training without any farewell."""


class StopBefore(Callback):
    """Pulls the plug when a step begins."""

    def __init__(self, step):
        self.step = step

    def on_train_batch_start(self, trainer, module, batch, index):
        if trainer.global_step == self.step:
            raise PowerCut


@pytest.mark.parametrize('workers', [0, 2])
def test_resuming_in_mid_epoch_gives_the_weights_of_a_run_that_was_never_cut_off(
    root, tmp_path, workers
):
    whole = train(config(root, tmp_path / 'whole', workers=workers))
    interrupted = config(root, tmp_path / 'cut', workers=workers)
    with pytest.raises(PowerCut):
        train(interrupted, callbacks=[StopBefore(5)])
    assert not (tmp_path / 'cut' / 'model.safetensors').exists()
    resumed = train(interrupted, resume=True)
    expected, found = load_file(whole), load_file(resumed)
    assert expected.keys() == found.keys()
    for name, tensor in expected.items():
        np.testing.assert_array_equal(tensor.numpy(), found[name].numpy(), err_msg=name)


def test_training_learns_the_plane_and_writes_a_calibrated_model(root, tmp_path):
    settings = config(root, tmp_path, steps=120)
    settings.optimiser.learning_rate = 2e-3
    path = train(settings)
    predictor = Predictor.load(str(path))
    from adu_depth_core.data.kitti_raw import KittiRaw
    from adu_depth_core.evaluation.metrics import depth_errors

    sample = KittiRaw(root)[0]
    prediction = predictor.without_limits()(sample.left, sample.camera)
    seen = sample.depth_m[sample.depth_m < 80]
    best_constant = np.full_like(sample.depth_m, np.exp(np.median(np.log(seen))))
    learnt, constant = (
        depth_errors(depth, sample.depth_m)['abs_rel']
        for depth in (prediction.depth_m, best_constant)
    )
    assert learnt < 0.85 * constant
    assert predictor.info.temperature not in (0.0, 1.0)
    assert path.with_suffix('.onnx').is_file()
    assert list((tmp_path / 'tensorboard').glob('events*'))


def test_nothing_to_resume_from_is_said(root, tmp_path):
    with pytest.raises(InputError, match='no checkpoint to resume from'):
        train(config(root, tmp_path), resume=True)


def test_shipped_configurations_are_found_by_name():
    words = with_shipped_configs(['student', '--config', 'tiny_first', '--seed', '1'])
    assert words[2].endswith('tiny_first.yaml')
    assert with_shipped_configs(['--config', 'my.yaml']) == ['--config', 'my.yaml']
    with pytest.raises(InputError, match='shipped: tiny_first'):
        with_shipped_configs(['--config', 'huge'])


def test_command_prints_the_whole_configuration(capsys):
    with pytest.raises(SystemExit) as caught:
        main(['student', '--config', 'tiny_first', '--optimiser.steps', '7', '--print_config'])
    assert caught.value.code == 0
    printed = capsys.readouterr().out
    assert 'steps: 7' in printed
    assert 'batch_size: 8' in printed


def test_unknown_setting_ends_with_a_message(capsys):
    with pytest.raises(SystemExit) as caught:
        main(['student', '--config', 'tiny_first', '--optimiser.stepz', '7'])
    assert caught.value.code == 2
    assert 'stepz' in capsys.readouterr().err


def test_configuration_module_needs_no_torch():
    import subprocess

    code = 'import sys, adu_depth_core.training.config; assert "torch" not in sys.modules'
    subprocess.run([sys.executable, '-c', code], check=True)


def test_training_can_start_from_a_model_file(root, tmp_path):
    first = train(config(root, tmp_path / 'first', steps=2))
    settings = config(root, tmp_path / 'second', steps=1)
    settings.model.initial = str(first)
    settings.optimiser.learning_rate = 1e-9
    second = train(settings)
    name = 'decoder.mix.0.pointwise.weight'
    np.testing.assert_array_equal(load_file(first)[name], load_file(second)[name])
    settings.model.canonical_focal = 100.0
    with pytest.raises(InputError, match='configured are'):
        train(settings)
