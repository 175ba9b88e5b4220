# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Two processes under torchrun train what one process trains."""

import json
import os
import socket
import subprocess
import sys
from dataclasses import asdict

import pytest
import torch
import yaml

from adu_depth_core.training.checkpoint_files import read_checkpoint
from adu_depth_core.training.json_lines_logger import read_lines
from adu_depth_core.training.processes import joint_statistics

# Batch normalisation is frozen: two processes have two sets of batch statistics.
PROGRAM = """
import json, os, sys
from pathlib import Path
import torch
from jsonargparse import ArgumentParser
from lightning.pytorch.callbacks import Callback
from lightning import seed_everything
from torch.nn.modules.batchnorm import _BatchNorm
from adu_depth_core.training.config import TrainingConfig
from adu_depth_core.training.data_module import DepthData
from adu_depth_core.training.run import fit
from adu_depth_core.training.student_training import StudentTraining

class Recorder(Callback):
    def __init__(self, path):
        self.path, self.seen = path, []

    def on_train_batch_start(self, trainer, module, batch, index):
        for layer in module.modules():
            if isinstance(layer, _BatchNorm):
                layer.eval()
        self.seen.append([list(batch.names), batch.image.double().mean((1, 2, 3)).tolist()])

    def on_fit_end(self, trainer, module):
        self.path.write_text(json.dumps(self.seen))

parser = ArgumentParser()
parser.add_class_arguments(TrainingConfig)
values = parser.instantiate(parser.parse_path(sys.argv[1]))
config = TrainingConfig(**{name: values[name] for name in TrainingConfig.__dataclass_fields__})
seed_everything(config.seed)
module = StudentTraining(config)
seen = Path(config.output) / f"seen_{os.environ.get('RANK', '0')}.json"
fit(config, module, DepthData.from_config(config), callbacks=[Recorder(seen)])
"""
STEPS = 4


def launched(program, processes, config, folder):
    """Run a program under torchrun and return what it printed."""
    folder.mkdir(exist_ok=True)
    path = folder / 'config.yaml'
    path.write_text(yaml.safe_dump(json.loads(json.dumps(asdict(config)))))
    with socket.socket() as free:
        free.bind(('localhost', 0))
        port = free.getsockname()[1]
    torchrun = [sys.executable, '-m', 'torch.distributed.run', f'--nproc_per_node={processes}']
    done = subprocess.run(
        [*torchrun, f'--master_port={port}', *program, str(path)],
        capture_output=True,
        text=True,
        env={**os.environ, 'OMP_NUM_THREADS': '1'},
    )
    assert done.returncode == 0, done.stderr
    return done


@pytest.fixture(scope='module')
def runs(short_training, tmp_path_factory):
    """Output folders of one process and of two."""
    outputs = {}
    for processes in (1, 2):
        folder = tmp_path_factory.mktemp(f'processes_{processes}')
        program = folder / 'program.py'
        program.write_text(PROGRAM)
        config = short_training(folder / 'out', steps=STEPS, validate_every=1, checkpoint_every=1)
        config.optimiser.ema_decay = None
        # Before the first step the weights of both runs are the same, after it they hardly differ.
        config.optimiser.learning_rate = 1e-4
        config.optimiser.gradient_clip = 1e6  # else a gradient of twice the size is the same
        launched([str(program)], processes, config, folder)
        outputs[processes] = folder / 'out'
    return outputs


def seen(output, rank):
    return json.loads((output / f'seen_{rank}.json').read_text())


@pytest.mark.slow
def test_two_processes_together_see_the_batches_of_one(runs):
    for whole, even, odd in zip(seen(runs[1], 0), seen(runs[2], 0), seen(runs[2], 1), strict=True):
        for all_values, first, second in zip(whole, even, odd, strict=True):
            assert all_values[0::2] == first
            assert all_values[1::2] == second


@pytest.mark.slow
def test_two_processes_learn_the_weights_of_one(runs):
    one, two = (read_checkpoint(runs[n] / 'checkpoints/last.ckpt') for n in (1, 2))
    for name, weights in one['state_dict'].items():
        torch.testing.assert_close(two['state_dict'][name], weights, atol=1e-5, rtol=1e-4)


@pytest.mark.slow
def test_two_processes_average_the_gradients_of_one(runs):
    one, two = (
        read_checkpoint(runs[n] / 'checkpoints/last.ckpt')['optimizer_states'][0]['state']
        for n in (1, 2)
    )
    for index, state in one.items():
        expected, found = state['exp_avg'], two[index]['exp_avg']
        assert (found - expected).norm() <= 1e-4 * expected.norm() + 1e-6, index


@pytest.mark.slow
def test_two_processes_validate_as_one(runs):
    one, two = (
        [
            line['val/abs_rel']
            for line in read_lines(runs[n] / 'log.jsonl')
            if 'val/abs_rel' in line
        ]
        for n in (1, 2)
    )
    assert len(one) == STEPS
    assert two == pytest.approx(one, rel=1e-5)


@pytest.mark.slow
def test_command_trains_with_two_processes(short_training, tmp_path):
    config = short_training(tmp_path / 'out', steps=2, workers=1)
    program = ['-m', 'adu_depth_core', 'train', 'student', '--config']
    done = launched(program, 2, config, tmp_path)
    assert (tmp_path / 'out/model.safetensors').is_file()
    assert done.stdout.count('wrote ') == 1


@pytest.mark.parametrize(
    ('batch', 'processes', 'on_gpu', 'joint'),
    [(8, 1, True, False), (8, 2, True, True), (16, 2, True, False), (8, 2, False, False)],
)
def test_batch_statistics_are_joint_where_a_process_has_few_images(
    batch, processes, on_gpu, joint
):
    assert joint_statistics(batch, processes, on_gpu=on_gpu) is joint
