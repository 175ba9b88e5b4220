# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Processes that read: room for their batches, and one sentence when they fail."""

import os
import shutil
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from adu_depth_core.errors import InputError
from adu_depth_core.samples.image_files import read_rgb
from adu_depth_core.training import data_module
from adu_depth_core.training.batch import batch_bytes, collate
from adu_depth_core.training.config import DataConfig
from adu_depth_core.training.data_module import TrainingViews
from adu_depth_core.training.engine import reading_processes
from adu_depth_core.training.engine.reading_processes import fitting_workers, readers_told
from adu_depth_core.training.views.training_view import plain_view

pytestmark = [pytest.mark.xdist_group('training'), pytest.mark.timeout(900)]

MIB = 2**20


class Usage(NamedTuple):
    free: int


@pytest.fixture
def free_mib(monkeypatch, tmp_path):
    """Return a function that sets the free shared memory."""
    monkeypatch.setattr(reading_processes, 'SHARED_MEMORY', tmp_path)

    def set_free(count):
        monkeypatch.setattr(shutil, 'disk_usage', lambda path: Usage(count * MIB))

    return set_free


@pytest.mark.parametrize(
    ('free', 'workers', 'fitting'),
    # Batches of 640 * 192 px * 21 bytes * 8, and one image: 22.1 MiB, of which 2 are in use.
    [(10_000, 4, 4), (64, 2, 0), (0, 2, 0), (90, 2, 1), (130, 2, 1), (140, 2, 2), (0, 0, 0)],
)
def test_as_many_read_as_shared_memory_has_room_for(free_mib, monkeypatch, free, workers, fitting):
    free_mib(free)
    said = []
    monkeypatch.setattr(reading_processes, 'rank_zero_info', said.append)
    data = DataConfig([], [], [(640, 192), (96, 32)], batch_size=8, workers=workers)
    assert fitting_workers(data, 8, 1) == fitting
    assert len(said) == (fitting < workers)
    assert all('--shm-size=' in sentence and 'data.workers' in sentence for sentence in said)


def test_processes_of_one_machine_share_its_memory(free_mib):
    free_mib(140)
    data = DataConfig([], [], [(640, 192)], batch_size=16, workers=2)
    assert fitting_workers(data, 8, 1) == 2
    assert fitting_workers(data, 8, 2) == 0


def test_bytes_of_a_batch_are_those_that_it_takes(plane_drive):
    from adu_depth_core.datasets.kitti_raw import KittiRaw

    views = [plain_view(KittiRaw(plane_drive)[index]) for index in range(2)]
    parts = [part for part in collate(views) if not isinstance(part, tuple)]
    size = sum(part.numel() * part.element_size() for part in parts)
    assert batch_bytes(160 * 64, 2) <= size < batch_bytes(160 * 64, 2) + 100


def read_badly(monkeypatch, action):
    """Let a reading process do something instead of reading; the first process trains."""
    trains = os.getpid()

    def spoilt(self, draw):
        assert os.getpid() != trains
        return action()

    monkeypatch.setattr(TrainingViews, '__getitem__', spoilt)


def no_space_left():
    raise RuntimeError('unable to write to file </torch_1_2_3>: No space left on device (28)')


@pytest.mark.slow
@pytest.mark.parametrize(
    ('action', 'told'),
    [
        (lambda: os._exit(1), r'^a process that reads data .*lower data\.workers'),
        (lambda: os.kill(os.getpid(), 9), r'^a process that reads data .*lower data\.workers'),
        (lambda: time.sleep(1000), r'^no batch came within 2 s, a reading process is stuck'),
        (no_space_left, r'^/dev/shm is full: .*--shm-size=1g, or lower data\.workers$'),
        (lambda: read_rgb(Path('/no.png')), r'^/no\.png: cannot be read'),
    ],
    ids=['ended', 'killed', 'stuck', 'no space', 'input'],
)
def test_reading_process_that_fails_ends_the_training_with_a_sentence(
    short_training, fitted, tmp_path, monkeypatch, action, told
):
    for module in (data_module, reading_processes):
        monkeypatch.setattr(module, 'LONGEST_WAIT_S', 2)
    read_badly(monkeypatch, action)
    before = time.monotonic()
    with pytest.raises(InputError, match=told) as caught:
        fitted(short_training(tmp_path, workers=1))
    assert '\n' not in str(caught.value)
    assert time.monotonic() - before < 120


def test_other_errors_are_passed_on():
    for error in (RuntimeError('shapes differ'), InputError('x.png: spoilt'), KeyError('x')):
        with pytest.raises(type(error)) as caught, readers_told():
            raise error
        assert caught.value is error


def test_view_from_a_reading_process_is_that_of_the_training_itself(short_training, tmp_path):
    batches = [
        next(iter(data_module.DepthData.from_config(config).train_dataloader()))
        for config in (short_training(tmp_path), short_training(tmp_path, workers=1))
    ]
    for one, other in zip(*batches, strict=True):
        np.testing.assert_array_equal(one, other)
