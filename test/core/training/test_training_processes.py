# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Two processes under torchrun train what one trains; this file is also what they run."""

import json
import os
import sys
from pathlib import Path
from unittest.mock import patch

import pytest
import torch
from lightning.pytorch.callbacks import Callback
from torch.nn.modules.batchnorm import _BatchNorm

from adu_depth_core.models.presets import PRESETS, Preset
from adu_depth_core.training.engine.checkpoints import read_checkpoint
from adu_depth_core.training.engine.json_lines_logger import read_lines
from adu_depth_core.training.engine.processes import joint_statistics
from under_torchrun import torchrun

pytestmark = [pytest.mark.xdist_group('training'), pytest.mark.timeout(900)]

STEPS = 4
# A shallow encoder: the order of sums, which differs between one process and two, matters less.
SMALL = {'small': Preset('mobilenetv4_conv_small', 64)}


class Recorder(Callback):
    """Notes names and mean brightness of all images that this process sees."""

    def __init__(self, output):
        self.path = Path(output) / f'seen_{os.environ.get("RANK", "0")}.json'
        self.seen = []

    def on_train_batch_start(self, trainer, module, batch, index):
        # Two processes would have two sets of batch statistics.
        for layer in module.modules():
            if isinstance(layer, _BatchNorm):
                layer.eval()
        self.seen.append([list(batch.names), batch.image.double().mean((1, 2, 3)).tolist()])

    def on_fit_end(self, trainer, module):
        self.path.write_text(json.dumps(self.seen))


def main(config_file):
    """Run the command with a recorder; the model file is only named."""
    from adu_depth_core import commands
    from adu_depth_core.training import run

    PRESETS.update(SMALL)
    fit = run.fit
    run.fit = lambda config, *rest, **options: fit(
        config, *rest, **{**options, 'callbacks': [Recorder(config.output)]}
    )
    run.StudentTraining.write_model = lambda self, output, validation: output / 'model'
    return commands.main(['train', 'student', '--config', config_file])


@pytest.fixture(scope='module')
def runs(short_training, fitted, written_config, tmp_path_factory):
    """Output folders of one process and of two, and what the two printed."""
    folder = tmp_path_factory.mktemp('processes')

    def configured(name):
        config = short_training(folder / name, steps=STEPS, validate_every=1, checkpoint_every=1)
        config.model.preset = 'small'
        config.optimiser.ema_decay = None
        config.optimiser.learning_rate = 1e-4
        config.optimiser.gradient_clip = 1e6  # else a gradient of twice the size is the same
        return config

    with patch.dict(PRESETS, SMALL):
        fitted(configured('one'), callbacks=[Recorder(folder / 'one')])
    done = torchrun(2, __file__, written_config(configured('two'), folder))
    assert done.returncode == 0, done.stderr
    return folder / 'one', folder / 'two', done.stdout


def seen(output, rank):
    return json.loads((output / f'seen_{rank}.json').read_text())


def checkpoint(output):
    return read_checkpoint(output / 'checkpoints/last.ckpt')


@pytest.mark.slow
def test_two_processes_together_see_the_batches_of_one(runs):
    one, two, _ = runs
    assert len(seen(one, 0)) == STEPS
    for whole, *parts in zip(seen(one, 0), seen(two, 0), seen(two, 1), strict=True):
        for all_values, even, odd in zip(whole, *parts, strict=True):
            assert (all_values[0::2], all_values[1::2]) == (even, odd)


@pytest.mark.slow
def test_two_processes_learn_the_weights_of_one(runs):
    one, two = (checkpoint(output)['state_dict'] for output in runs[:2])
    for name, weights in one.items():
        torch.testing.assert_close(two[name], weights, atol=1e-5, rtol=1e-4, msg=name)


@pytest.mark.slow
def test_two_processes_average_the_gradients_of_one(runs):
    one, two = (checkpoint(output)['optimizer_states'][0]['state'] for output in runs[:2])
    for index, state in one.items():
        expected, found = state['exp_avg'], two[index]['exp_avg']
        assert (found - expected).norm() <= 1e-4 * expected.norm() + 1e-6, index


@pytest.mark.slow
def test_two_processes_validate_as_one(runs):
    one, two = (
        [line.get('val/abs_rel') for line in read_lines(output / 'log.jsonl')]
        for output in runs[:2]
    )
    assert sum(error is not None for error in one) == STEPS
    assert two == pytest.approx(one, rel=1e-5)


@pytest.mark.slow
def test_one_of_two_processes_writes(runs):
    _, two, printed = runs
    assert printed.count('wrote ') == 1
    assert len(list((two / 'tensorboard').glob('events*'))) == 1


@pytest.mark.parametrize(
    ('batch', 'processes', 'on_gpu', 'joint'),
    [(8, 1, True, False), (8, 2, True, True), (16, 2, True, False), (8, 2, False, False)],
)
def test_statistics_are_joint_where_a_process_has_few_images(batch, processes, on_gpu, joint):
    assert joint_statistics(batch, processes, on_gpu=on_gpu) is joint


if __name__ == '__main__':
    sys.exit(main(sys.argv[1]))
