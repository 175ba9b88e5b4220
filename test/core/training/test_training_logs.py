# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What a training writes beside its model: logs, pictures, best checkpoint, averaged weights."""

import json
import time

import numpy as np
import pytest
import torch
from lightning.pytorch.callbacks import Callback
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from adu_depth_core.evaluation.colours import UNKNOWN_COLOUR, coloured_depth
from adu_depth_core.training.data_module import TrainingViews
from adu_depth_core.training.engine.checkpoints import read_checkpoint
from adu_depth_core.training.engine.depth_pictures import comparison
from adu_depth_core.training.engine.json_lines_logger import JsonLinesLogger, read_lines
from adu_depth_core.training.engine.weight_averaging import decay_after

pytestmark = [pytest.mark.xdist_group('training'), pytest.mark.timeout(900)]

STEPS, DECAY = 20, 0.9


class Biases(Callback):
    """Keeps the weights of one layer after each step."""

    def __init__(self):
        self.values = []

    def on_train_batch_end(self, trainer, module, *_):
        self.values.append(watched(module).clone())


def watched(module):
    return next(module.network.decoder.parameters()).detach()


@pytest.fixture(scope='module')
def run(short_training, fitted, tmp_path_factory):
    """Output folder, module and recorded weights of one training."""
    output, biases = tmp_path_factory.mktemp('logged'), Biases()
    module = fitted(short_training(output, steps=STEPS, validate_every=5), callbacks=[biases])
    return output, module, biases.values


@pytest.fixture(scope='module')
def lines(run):
    return read_lines(run[0] / 'log.jsonl')


@pytest.fixture(scope='module')
def events(run):
    accumulator = EventAccumulator(str(run[0] / 'tensorboard'), size_guidance={'images': 0})
    accumulator.Reload()
    return accumulator


def test_log_has_a_line_for_each_tenth_step_and_for_each_validation(lines):
    assert [line['step'] for line in lines if 'train/loss' in line] == [10, 20]
    assert [line['step'] for line in lines if 'val/abs_rel' in line] == [5, 10, 15, 20]


def test_lines_about_steps_tell_rate_pace_and_memory(lines):
    line = next(line for line in lines if line['step'] == 10 and 'train/loss' in line)
    assert 0 < line['train/learning_rate'] < 3e-3
    assert 0 < 10 / line['time/steps_per_second'] < line['seconds']
    assert 0 < line['time/data_share'] < 1
    assert line['memory/peak_mib'] > 50


def test_seconds_grow(lines):
    seconds = [line['seconds'] for line in lines]
    assert seconds == sorted(seconds)


def test_tensorboard_has_the_same_losses(lines, events):
    logged = {line['step'] - 1: line['train/loss'] for line in lines if 'train/loss' in line}
    shown = {event.step: event.value for event in events.Scalars('train/loss')}
    assert shown == pytest.approx(logged)


def test_tensorboard_shows_the_first_four_samples_at_each_validation(events):
    tags = [f'validation/2011_09_26_drive_0005_sync/{frame:010d}' for frame in range(4)]
    assert sorted(events.Tags()['images']) == tags
    pictures = events.Images(tags[0])
    assert [picture.step for picture in pictures] == [5, 10, 15, 20]
    assert (pictures[0].width, pictures[0].height) == (2 * 96, 2 * 32)


def test_picture_lays_out_image_truth_depth_and_std():
    image = np.full((2, 3, 3), 7, np.uint8)
    depth_m, truth_m = np.full((2, 3), 5.0), np.full((2, 3), 20.0)
    truth_m[0, 0] = np.nan
    picture = comparison(image, depth_m, np.zeros((2, 3)), truth_m)
    np.testing.assert_array_equal(picture[:2, :3], image)
    np.testing.assert_array_equal(picture[:2, 3:], coloured_depth(truth_m))
    np.testing.assert_array_equal(picture[2:, :3], coloured_depth(depth_m))
    assert tuple(picture[0, 3]) == UNKNOWN_COLOUR
    blue = picture[2, 3]
    assert blue[2] > blue[0]


def test_waiting_for_data_is_told_from_computing(short_training, fitted, tmp_path, monkeypatch):
    read = TrainingViews.__getitem__
    monkeypatch.setattr(
        TrainingViews, '__getitem__', lambda *arguments: time.sleep(0.5) or read(*arguments)
    )
    fitted(short_training(tmp_path, steps=2))
    (line,) = [line for line in read_lines(tmp_path / 'log.jsonl') if 'train/loss' in line]
    assert 0.6 < line['time/data_share'] <= 1


def test_depth_is_held_to_truth_by_the_loss_that_is_configured(short_training, fitted, tmp_path):
    config = short_training(tmp_path, steps=1)
    config.optimiser.depth_loss = 'l1'
    fitted(config)
    (line,) = [line for line in read_lines(tmp_path / 'log.jsonl') if 'train/loss' in line]
    assert line['train/l1'] > 0
    assert 'train/silog' not in line


def test_best_checkpoint_is_that_of_the_lowest_error(run, lines):
    errors = {line['step']: line['val/abs_rel'] for line in lines if 'val/abs_rel' in line}
    best = read_checkpoint(run[0] / 'checkpoints/best.ckpt')
    assert best['global_step'] == min(errors, key=errors.get)


def test_without_truth_in_validation_no_checkpoint_is_best(short_training, fitted, tmp_path):
    config = short_training(tmp_path, steps=2, validate_every=1)
    (source,) = config.data.validation
    config.data.validation = [type(source)(source.spec, source.drives, truth='none')]
    fitted(config)
    names = [path.name for path in (tmp_path / 'checkpoints').iterdir()]
    assert names == ['last.ckpt']


def test_average_moves_as_computed_by_hand(run):
    _, module, values = run
    average = values[0]
    for updates, value in enumerate(values[1:], start=1):
        share = min(DECAY, (1 + updates) / (10 + updates))
        average = share * average + (1 - share) * value
    torch.testing.assert_close(watched(module), average)


def test_checkpoint_holds_average_and_weights(run):
    output, module, values = run
    last = read_checkpoint(output / 'checkpoints/last.ckpt')
    name = next(n for n, p in module.named_parameters() if n.startswith('network.decoder'))
    assert torch.equal(last['state_dict'][name], watched(module))
    assert torch.equal(last['current_model_state'][name], values[-1])
    assert not torch.equal(last['state_dict'][name], values[-1])


def test_validation_uses_the_average_and_training_goes_on_without_it(
    short_training, fitted, tmp_path
):
    seen = []

    class Watch(Callback):
        def on_train_batch_end(self, trainer, module, *_):
            seen.append(watched(module).clone())

        def on_validation_batch_start(self, trainer, module, *_):
            seen.append(watched(module).clone())

        def on_validation_end(self, trainer, module):
            seen.append(watched(module).clone())

    config = short_training(tmp_path, steps=2, validate_every=2)
    config.data.validation = [type(config.data.validation[0])(config.data.train[0].spec)]
    config.data.validation[0].drives, config.data.validation[0].frames = ['0005'], 1
    fitted(config, callbacks=[Watch()])
    first, second, validated, after = seen
    share = decay_after(1, DECAY)
    torch.testing.assert_close(validated, share * first + (1 - share) * second)
    assert torch.equal(after, second)


def test_decay_of_the_average_grows_up_to_the_configured_one():
    assert decay_after(1, 0.999) == pytest.approx(2 / 11)
    assert decay_after(90, 0.999) == pytest.approx(0.91)
    assert decay_after(10**6, 0.999) == 0.999


def test_resumed_log_drops_what_the_checkpoint_has_not_seen_and_a_torn_line(tmp_path):
    path = tmp_path / 'log.jsonl'
    logger = JsonLinesLogger(path)
    for step in (9, 19, 29):
        logger.log_metrics({'train/loss': 1.0, 'epoch': 0}, step)
    path.write_text(path.read_text() + '{"step": 40, "train/lo')
    JsonLinesLogger(path, done=20).log_metrics({'train/loss': 2.0}, 29)
    lines = read_lines(path)
    assert [(line['step'], line['train/loss']) for line in lines] == [(10, 1), (20, 1), (30, 2)]
    assert lines[2]['seconds'] >= lines[1]['seconds']
    assert 'epoch' not in lines[0]


def test_new_training_begins_a_new_log(tmp_path):
    path = tmp_path / 'log.jsonl'
    path.write_text('{"step": 1}\n')
    JsonLinesLogger(path)
    assert path.read_text() == ''


def test_what_is_not_finite_is_null_in_the_log(tmp_path):
    path = tmp_path / 'log.jsonl'
    JsonLinesLogger(path).log_metrics({'val/abs_rel': float('nan')}, 0)
    assert json.loads(path.read_text())['val/abs_rel'] is None
