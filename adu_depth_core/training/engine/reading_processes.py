# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Processes that read training data: what they share with the training, and how they fail."""

import multiprocessing
import re
import shutil
import signal
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.process import BaseProcess
from pathlib import Path

from lightning.pytorch.utilities.rank_zero import rank_zero_info
from torch import Tensor
from torch.utils.data import get_worker_info

from adu_depth_core.errors import InputError
from adu_depth_core.training.batch import Batch, batch_bytes, collate
from adu_depth_core.training.config import DataConfig
from adu_depth_core.training.views.training_view import TrainingView

# Longer than a network drive is away for, or a batch of rendered scenes takes.
LONGEST_WAIT_S = 600
_SHARED_MEMORY = re.compile(r'shared memory|file </torch_|Bus error')
_DEAD = re.compile(r'exited unexpectedly|killed by signal: [\w ]+')
_PASSED_ON = re.compile(r'Caught InputError in DataLoader worker.*\bInputError: (.*)', re.DOTALL)
SHARED_MEMORY = Path('/dev/shm')
PREFETCHED = 2  # batches of each process that torch lets wait
IN_USE = 2  # that on which the network learns, and the next


def leave_signals_to_parent(worker: int) -> None:
    """Let a reading process outlive Ctrl-C: the training still finishes its step."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)


def collate_shared(views: Sequence[TrainingView]) -> Batch:
    """
    Stack views of one size where the training can see them.

    Left to torch, a batch moves to shared memory in a thread whose errors nobody hears of: the
    training would wait for ever.
    """
    batch = collate(views)
    if get_worker_info() is not None:
        for part in batch:
            if isinstance(part, Tensor):
                part.share_memory_()
    return batch


@contextmanager
def readers_told() -> Iterator[None]:
    """
    Turn what goes wrong in reading processes into one sentence, and leave none behind.

    Raises
    ------
    InputError
        When one is dead, stuck, has no shared memory left, or could not use its data.

    """
    others = set(multiprocessing.active_children())
    try:
        yield
    except BaseException as error:
        _end(set(multiprocessing.active_children()) - others)
        reason = _reason(str(error)) if isinstance(error, RuntimeError | InputError) else None
        if reason is None:
            raise
        raise InputError(reason) from error


def _end(processes: Iterable[BaseProcess]) -> None:
    """End processes that, if stuck, do not hear of SIGTERM, and would be waited for at the end."""
    # Torch would call the end of each an error, wherever this process just is.
    previous = signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for process in processes:
        process.kill()
        process.join()
    signal.signal(signal.SIGCHLD, previous)


def _reason(text: str) -> str | None:
    passed_on = _PASSED_ON.search(text)
    if passed_on:
        return passed_on[1].strip()
    if 'DataLoader' not in text:
        return None
    if _SHARED_MEMORY.search(text):
        return (
            '/dev/shm is full: a reading process cannot hand over its batch; start the container '
            'with --shm-size=1g, or lower data.workers'
        )
    if 'timed out' in text:
        return (
            f'no batch came within {LONGEST_WAIT_S} s, a reading process is stuck: look at the '
            'drive of the data, then go on with --resume'
        )
    dead = _DEAD.search(text)
    if dead:
        return (
            f'a process that reads data {dead[0].replace("killed", "was killed", 1)}: is memory '
            'short? lower data.workers, and go on with --resume'
        )
    return None


def fitting_workers(data: DataConfig, images: int, processes: int) -> int:
    """
    Return `data.workers`, or as many as the free shared memory has room for, and say so.

    Parameters
    ----------
    data : DataConfig
        Sizes and workers.
    images : int
        Of a batch of one process.
    processes : int
        That train on this machine.

    """
    if data.workers == 0 or not SHARED_MEMORY.is_dir():
        return data.workers
    free = shutil.disk_usage(SHARED_MEMORY).free
    # Each process also reads validation images, one by one.
    size = processes * (batch_bytes(data.pixels, images) + batch_bytes(data.pixels, 1))
    fitting = max(0, min(data.workers, (free // size - IN_USE) // PREFETCHED))
    if fitting < data.workers:
        wanted = (data.workers * PREFETCHED + IN_USE) * size
        rank_zero_info(
            f'{SHARED_MEMORY} has {_mib(free)} free and data.workers {data.workers} may take '
            f'{_mib(wanted)}: reading with {fitting}, which is slower; start the container with '
            f'--shm-size={_mib(2 * wanted).replace(" MiB", "m")}, or set data.workers'
        )
    return fitting


def _mib(count: int) -> str:
    return f'{-(-count // 2**20)} MiB'
