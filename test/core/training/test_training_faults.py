# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Trainings that go wrong or are interrupted say so, and leave their last good checkpoint."""

import os
import signal
import subprocess
import sys
import time

import pytest
import torch
from lightning.pytorch.callbacks import Callback

from adu_depth_core import commands
from adu_depth_core.errors import InputError
from adu_depth_core.training.batch import Batch
from adu_depth_core.training.engine import interruption as interruption_of_steps
from adu_depth_core.training.engine.checkpoints import read_checkpoint
from adu_depth_core.training.engine.finite_loss import reason
from adu_depth_core.training.engine.interruption import Interruption, interruptible
from adu_depth_core.training.engine.trainer import step_seed

pytestmark = [pytest.mark.xdist_group('training'), pytest.mark.timeout(900)]


class At(Callback):
    """Does something when a step, counted from 1, begins."""

    def __init__(self, step, action):
        self.step, self.action = step, action

    def on_train_batch_start(self, trainer, module, batch, index):
        if trainer.global_step + 1 == self.step:
            self.action(module, batch)


class InterruptValidation(Callback):
    """Sends Ctrl-C in the midst of a validation after step 3, where no checkpoint was due."""

    def on_validation_batch_start(self, trainer, module, batch, index):
        if trainer.global_step == 3 and index == 1:
            os.kill(os.getpid(), signal.SIGINT)


def last_step(output):
    return read_checkpoint(output / 'checkpoints/last.ckpt')['global_step']


def spoil_focal_length(module, batch):
    batch.fx[1] = torch.nan


def spoil_weights(module, batch):
    next(module.parameters()).data[0] = torch.nan


def test_focal_length_that_is_not_a_number_is_named_before_it_reaches_the_weights(
    short_training, fitted, tmp_path
):
    told = r'loss of step 4: not finite, as is fx of 2011_09_26_drive_0005_sync/\d+; mend'
    with pytest.raises(InputError, match=told):
        fitted(short_training(tmp_path), callbacks=[At(4, spoil_focal_length)])
    assert last_step(tmp_path) == 2
    weights = read_checkpoint(tmp_path / 'checkpoints/last.ckpt')['state_dict']
    assert all(weight.isfinite().all() for weight in weights.values())


def test_weights_that_are_not_finite_do_not_replace_a_good_checkpoint(
    short_training, fitted, tmp_path
):
    # Spoilt after the loss was looked at, as an infinite gradient does.
    class Spoil(Callback):
        def on_before_zero_grad(self, trainer, module, optimizer):
            if trainer.global_step == 3:
                spoil_weights(module, None)

    config = short_training(tmp_path, validate_every=6)
    with pytest.raises(InputError, match=r'step 4.*lower optimiser\.learning_rate'):
        fitted(config, callbacks=[Spoil()])
    assert last_step(tmp_path) == 2


def batch(**changes):
    values = {name: torch.ones(2) for name in Batch._fields}
    return Batch(**{**values, 'names': ('a', 'b'), **changes})


def test_unknown_truth_sky_and_missing_rig_are_no_reason_for_a_loss_that_is_not_finite():
    unknown = torch.full((2, 1, 2, 2), torch.nan)
    told = reason(batch(depth_m=unknown * torch.inf, baseline_m=torch.tensor([torch.nan, 1])))
    assert told.startswith('not finite with samples a, b; lower optimiser.learning_rate')


def test_each_input_that_is_not_finite_is_named_with_its_sample():
    told = reason(batch(fx=torch.tensor([1, torch.inf]), baseline_m=torch.tensor([torch.inf, 1])))
    assert told == (
        'not finite, as is fx of b, baseline_m of a; mend these samples or leave them out'
    )


@pytest.mark.parametrize(
    ('number', 'raised', 'code'),
    [(signal.SIGINT, KeyboardInterrupt, None), (signal.SIGTERM, SystemExit, 143)],
)
def test_signal_ends_training_after_its_step_with_a_checkpoint(
    short_training, fitted, tmp_path, capfd, number, raised, code
):
    before = [signal.getsignal(n) for n in (signal.SIGINT, signal.SIGTERM)]
    stop = At(5, lambda module, batch: os.kill(os.getpid(), number))
    with pytest.raises(raised) as caught:
        fitted(short_training(tmp_path), callbacks=[stop])
    assert getattr(caught.value, 'code', None) == code
    assert last_step(tmp_path) == 5
    assert 'last.ckpt holds step 5, go on with --resume' in capfd.readouterr().err
    assert [signal.getsignal(n) for n in (signal.SIGINT, signal.SIGTERM)] == before


def test_signal_during_validation_leaves_the_checkpoint_that_there_is(
    short_training, fitted, tmp_path, capfd
):
    with pytest.raises(KeyboardInterrupt):
        fitted(short_training(tmp_path), callbacks=[InterruptValidation()])
    assert last_step(tmp_path) == 2
    assert 'last.ckpt holds step 2' in capfd.readouterr().err


def test_second_signal_does_not_wait_for_the_step(tmp_path):
    interruption = Interruption(tmp_path / 'last.ckpt')
    interruption.note(signal.SIGINT, None)
    with pytest.raises(KeyboardInterrupt):
        interruption.note(signal.SIGINT, None)


def stuck_step():
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(100)


def test_step_that_does_not_end_is_stopped_after_a_while(tmp_path, monkeypatch, capfd):
    monkeypatch.setattr(interruption_of_steps, 'LONGEST_STEP_S', 0.1)
    with pytest.raises(SystemExit) as caught, interruptible(Interruption(tmp_path / 'last.ckpt')):
        stuck_step()
    assert caught.value.code == 143
    assert 'interrupted before the first checkpoint' in capfd.readouterr().err


def test_step_that_ends_after_a_signal_is_not_stopped_later(tmp_path, monkeypatch):
    monkeypatch.setattr(interruption_of_steps, 'LONGEST_STEP_S', 0.2)
    interruption = Interruption(tmp_path / 'last.ckpt')
    before = signal.getsignal(signal.SIGTERM)
    with interruptible(interruption):
        os.kill(os.getpid(), signal.SIGTERM)
    signal.signal(signal.SIGTERM, pytest.fail)
    try:
        time.sleep(0.5)
    finally:
        signal.signal(signal.SIGTERM, before)


def test_forked_reader_leaves_the_signal_to_its_parent(tmp_path, monkeypatch):
    interruption = Interruption(tmp_path / 'last.ckpt')
    monkeypatch.setattr(os, 'getpid', lambda: -1)
    interruption.note(signal.SIGINT, None)
    assert interruption.signal is None


@pytest.mark.slow
def test_ctrl_c_in_a_terminal_ends_command_and_readers_without_a_traceback(
    short_training, written_config, tmp_path
):
    config = short_training(tmp_path / 'out', steps=1000, workers=2)
    command = [sys.executable, '-m', 'adu_depth_core', 'train', 'student', '--config']
    process = subprocess.Popen(
        [*command, written_config(config, tmp_path)],
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    while not (tmp_path / 'out/checkpoints/last.ckpt').exists():
        assert process.poll() is None, process.stderr.read()
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGINT)
    _, errors = process.communicate()
    assert process.returncode == commands.INTERRUPTED
    assert 'Traceback' not in errors
    assert errors.rstrip().endswith('go on with --resume')
    assert not (tmp_path / 'out/model.safetensors').exists()


def test_randomness_of_a_step_depends_on_seed_step_and_process():
    seeds = {step_seed(*numbers) for numbers in [(0, 1, 0), (1, 0, 0), (0, 0, 1), (0, 0, 0)]}
    assert len(seeds) == 4
    assert step_seed(3, 5, 1) == step_seed(3, 5, 1)


def test_what_dropout_draws_does_not_depend_on_what_was_drawn_before(
    short_training, fitted, tmp_path
):
    drawn = []

    def draw(module, batch):
        drawn.append(torch.rand(3))

    fitted(short_training(tmp_path / 'one', steps=2), callbacks=[At(2, draw)])
    fitted(short_training(tmp_path / 'two', steps=2), callbacks=[At(1, draw), At(2, draw)])
    assert torch.equal(drawn[0], drawn[2])
    assert not torch.equal(drawn[0], drawn[1])
