# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A training that is killed anywhere and resumed is the training that was never killed."""

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from lightning.pytorch.callbacks import Callback

from adu_depth_core.errors import InputError
from adu_depth_core.folder_lock import locked
from adu_depth_core.training.engine.checkpoints import (
    WholeCheckpoints,
    read_checkpoint,
    remove_unfinished,
)
from adu_depth_core.training.engine.json_lines_logger import read_lines
from adu_depth_core.training.engine.same_configuration import KEY, require_same, stored_form
from adu_depth_core.training.run import train
from full_disk import little_space

pytestmark = [pytest.mark.xdist_group('training'), pytest.mark.timeout(900)]

STEPS = 20


@pytest.fixture(scope='module')
def whole(short_training, fitted, tmp_path_factory):
    """Output of a run that nobody disturbed."""
    config = short_training(tmp_path_factory.mktemp('whole'), steps=STEPS)
    fitted(config)
    return Path(config.output)


def last_checkpoint(output):
    return read_checkpoint(output / 'checkpoints/last.ckpt')


def assert_same(expected, found, where=''):
    """Compare trees of dictionaries, lists, tensors and numbers, bit by bit."""
    assert type(expected) is type(found), where
    if isinstance(expected, torch.Tensor):
        assert torch.equal(expected, found), where
    elif isinstance(expected, dict):
        assert expected.keys() == found.keys(), where
        for key in expected:
            assert_same(expected[key], found[key], f'{where}.{key}')
    elif isinstance(expected, list | tuple):
        assert len(expected) == len(found), where
        for index, (one, other) in enumerate(zip(expected, found, strict=True)):
            assert_same(one, other, f'{where}[{index}]')
    else:
        assert expected == found, where


def assert_same_training(expected, found):
    """Compare the final checkpoints and the logs of two output folders."""
    one, other = (last_checkpoint(output) for output in (expected, found))
    for key in ('state_dict', 'current_model_state', 'averaging_state'):
        assert_same(one[key], other[key], key)
    for key in ('optimizer_states', 'lr_schedulers', 'global_step'):
        assert_same(one[key], other[key], key)
    assert losses(expected) == losses(found)


def losses(output):
    return [
        {name: value for name, value in line.items() if name.startswith(('step', 'train', 'val'))}
        for line in read_lines(output / 'log.jsonl')
    ]


def started(config_file):
    """Start the command in a process group of its own, as a shell does."""
    command = [sys.executable, '-m', 'adu_depth_core', 'train', 'student', '--config', config_file]
    return subprocess.Popen(command, stderr=subprocess.PIPE, text=True, start_new_session=True)


def wait_for(path, process):
    while not path.exists():
        assert process.poll() is None, process.stderr.read()
        time.sleep(0.01)


@pytest.mark.slow
@pytest.mark.parametrize(('workers', 'seconds'), [(0, 0.0), (2, 0.3)])
def test_killed_and_resumed_training_is_bit_for_bit_the_whole_one(
    short_training, fitted, written_config, whole, tmp_path, workers, seconds
):
    config = short_training(tmp_path / 'cut', steps=STEPS, workers=workers)
    process = started(written_config(config, tmp_path))
    wait_for(tmp_path / 'cut/checkpoints/last.ckpt', process)
    time.sleep(seconds)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    assert 0 < last_checkpoint(tmp_path / 'cut')['global_step'] < STEPS
    fitted(config, resume=True)
    assert_same_training(whole, tmp_path / 'cut')


def test_resuming_a_finished_training_changes_nothing(short_training, fitted, tmp_path):
    config = short_training(tmp_path, steps=4)
    expected = fitted(config).state_dict()
    assert_same(dict(expected), dict(fitted(config, resume=True).state_dict()))


def save_and_die_half_way(path):
    def half(checkpoint, file):
        file.write_bytes(b'half')
        os.kill(os.getpid(), signal.SIGKILL)

    torch.save = half
    WholeCheckpoints().save_checkpoint({'global_step': 2}, path)


def test_killed_while_writing_leaves_the_earlier_checkpoint(tmp_path):
    path = tmp_path / 'last.ckpt'
    WholeCheckpoints().save_checkpoint({'global_step': 1}, path)
    process = multiprocessing.get_context('fork').Process(
        target=save_and_die_half_way, args=(path,)
    )
    process.start()
    process.join()
    assert process.exitcode == -signal.SIGKILL
    assert read_checkpoint(path)['global_step'] == 1
    assert len(list(tmp_path.iterdir())) == 2
    remove_unfinished(tmp_path)
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize('share', [0.0, 0.5, 0.99])
def test_torn_checkpoint_is_said_to_be_damaged(tmp_path, share):
    path = tmp_path / 'last.ckpt'
    WholeCheckpoints().save_checkpoint({'global_step': 1, 'x': torch.zeros(100)}, path)
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    with pytest.raises(InputError, match=r'last\.ckpt: damaged.*best\.ckpt'):
        read_checkpoint(path)


def test_checkpoint_that_would_run_code_is_refused(tmp_path):
    class Harmful:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / 'harm'),)

    torch.save({'global_step': 1, 'x': Harmful()}, tmp_path / 'last.ckpt')
    with pytest.raises(InputError, match='damaged, or not a checkpoint'):
        read_checkpoint(tmp_path / 'last.ckpt')
    assert not (tmp_path / 'harm').exists()


def test_nothing_to_resume_from_is_said(short_training, fitted, tmp_path):
    with pytest.raises(InputError, match='no checkpoint to resume from'):
        fitted(short_training(tmp_path), resume=True)


def test_earlier_training_is_not_overwritten(short_training, fitted, whole):
    before = (whole / 'checkpoints/last.ckpt').read_bytes()
    with pytest.raises(InputError, match='go on with --resume'):
        fitted(short_training(whole, steps=STEPS))
    assert (whole / 'checkpoints/last.ckpt').read_bytes() == before


def changed(config, path, value):
    *parents, name = path.split('.')
    for parent in parents:
        config = config[int(parent)] if parent.isdigit() else getattr(config, parent)
    setattr(config, name, value)


@pytest.mark.parametrize(
    ('path', 'value', 'told'),
    [
        ('optimiser.steps', 7, r'optimiser.steps is 7, and was 6'),
        ('data.batch_size', 8, r'data.batch_size is 8, and was 4'),
        ('data.sizes', [(96, 32)], r'data.sizes\[1\]\[0\] is None, and was 64'),
        ('data.train.0.weight', 2.0, r'data.train\[0\].weight is 2.0, and was 1.0'),
        ('seed', 1, 'seed is 1, and was 0'),
        ('optimiser.ema_decay', None, 'optimiser.ema_decay is None, and was 0.9'),
    ],
)
def test_resuming_as_another_training_is_refused(short_training, tmp_path, path, value, told):
    checkpoint = {KEY: stored_form(short_training(tmp_path), 'student')}
    config = short_training(tmp_path)
    changed(config, path, value)
    with pytest.raises(InputError, match=told):
        require_same(checkpoint, config, 'student')


def test_resuming_another_network_is_refused(short_training, tmp_path):
    checkpoint = {KEY: stored_form(short_training(tmp_path), 'student')}
    with pytest.raises(InputError, match="network is 'teacher', and was 'student'"):
        require_same(checkpoint, short_training(tmp_path), 'teacher')


def test_what_does_not_change_the_weights_may_change(short_training, tmp_path):
    checkpoint = {KEY: stored_form(short_training(tmp_path), 'student')}
    config = short_training(tmp_path / 'moved', workers=2, checkpoint_every=1, validate_every=1)
    config.data.validation = []
    config.data.train[0].cache = 'elsewhere'
    config.model.licence = 'mine'
    require_same(checkpoint, config, 'student')


def test_checkpoint_of_another_program_is_refused(short_training, tmp_path):
    with pytest.raises(InputError, match='and was None when this training began'):
        require_same({'global_step': 1}, short_training(tmp_path), 'student')


@pytest.mark.parametrize(
    ('steps', 'found'), [(7, [2, 4, 6, 7]), (6, [2, 4, 6])], ids=['between', 'at the end']
)
def test_checkpoints_are_written_without_validation_data_too(
    short_training, fitted, tmp_path, steps, found, recwarn
):
    seen = []

    class Look(Callback):
        def on_train_batch_end(self, trainer, module, *_):
            if (tmp_path / 'checkpoints/last.ckpt').exists():
                seen.append(last_checkpoint(tmp_path)['global_step'])

    # A validation, if there were any, would follow each second step.
    config = short_training(tmp_path, steps=steps, checkpoint_every=2, validate_every=2)
    config.data.validation = []
    fitted(config, callbacks=[Look()])
    assert sorted({*seen, last_checkpoint(tmp_path)['global_step']}) == found
    assert not [w for w in recwarn if 'Total length' in str(w.message)]


def test_second_training_in_a_folder_is_refused_and_leaves_the_first_alone(
    short_training, tmp_path
):
    half_written = tmp_path / 'checkpoints' / '.part-x.ckpt'
    half_written.parent.mkdir()
    half_written.touch()
    with (
        locked(tmp_path / 'training.lock', 'training'),
        pytest.raises(InputError, match='another process is training into this folder'),
    ):
        train(short_training(tmp_path))
    assert half_written.exists()


def test_output_that_nobody_can_write_is_told_before_the_data_is_looked_at(
    short_training, tmp_path
):
    (tmp_path / 'file').touch()
    config = short_training(tmp_path / 'file' / 'out')
    config.data.train[0].spec = 'kitti_raw:/nowhere'
    with pytest.raises(InputError, match=r'training\.lock: cannot be written'):
        train(config)


def test_checkpoint_on_a_full_disk_is_told_and_the_earlier_one_stays(tmp_path):
    path = tmp_path / 'last.ckpt'
    WholeCheckpoints().save_checkpoint({'global_step': 1}, path)
    large = {'global_step': 2, 'x': torch.zeros(100_000)}
    with (
        little_space(50_000),
        pytest.raises(InputError, match=r'last\.ckpt: cannot be written \(File too large\)'),
    ):
        WholeCheckpoints().save_checkpoint(large, path)
    assert read_checkpoint(path)['global_step'] == 1
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ('path', 'value'),
    [
        ('optimiser.steps', 0),
        ('data.batch_size', 0),
        ('data.workers', -1),
        ('checkpoint_every', 0),
    ],
)
def test_numbers_with_which_nothing_can_be_trained_are_told(short_training, tmp_path, path, value):
    config = short_training(tmp_path)
    changed(config, path, value)
    with pytest.raises(InputError, match=f'{path} is {value}; it must be at least'):
        train(config)
