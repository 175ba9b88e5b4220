# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What each line of the log says beside the losses: rate, pace, waiting, memory."""

import resource
import time

import torch
from lightning import LightningModule, Trainer
from lightning.pytorch.callbacks import Callback
from lightning.pytorch.profilers import Profiler

FETCH = '[_TrainingEpochLoop].train_dataloader_next'


class DataWait(Profiler):
    """Adds up the seconds for which the training loop waits for its next batch."""

    def __init__(self) -> None:
        super().__init__()
        self.seconds = 0.0
        self._since = 0.0

    def start(self, action_name: str) -> None:
        """Start the clock, if the loop begins to wait."""
        if action_name == FETCH:
            self._since = time.perf_counter()

    def stop(self, action_name: str) -> None:
        """Stop it."""
        if action_name == FETCH:
            self.seconds += time.perf_counter() - self._since


class RunMetrics(Callback):
    """
    Logs learning rate, steps per second, share of the time waiting for data, and peak memory.

    Time spent in validation does not count.

    Parameters
    ----------
    wait : DataWait
        The trainer's profiler.
    every : int
        Logging interval in steps.

    """

    def __init__(self, wait: DataWait, every: int) -> None:
        self._wait, self._every = wait, every
        self._validation_since = 0.0
        self._restart(0)

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Start the clock."""
        self._restart(trainer.global_step)

    def on_train_batch_end(self, trainer: Trainer, pl_module: LightningModule, *_: object) -> None:
        """Log, when Lightning is about to."""
        if trainer.global_step % self._every:
            return
        seconds = time.perf_counter() - self._since
        pl_module.log_dict(
            {
                'train/learning_rate': trainer.optimizers[0].param_groups[0]['lr'],
                'time/steps_per_second': (trainer.global_step - self._first) / seconds,
                'time/data_share': self._wait.seconds / seconds,
                'memory/peak_mib': peak_memory_mib(),
            }
        )
        self._restart(trainer.global_step)

    def on_validation_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Leave the time of a validation out, from here on."""
        self._validation_since = time.perf_counter()

    def on_validation_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Count the time again."""
        self._since += time.perf_counter() - self._validation_since

    def _restart(self, step: int) -> None:
        self._first, self._since, self._wait.seconds = step, time.perf_counter(), 0.0


def peak_memory_mib() -> float:
    """Return the most memory used so far: of the GPU if there is one, else of this process."""
    if torch.cuda.is_available():
        return torch.cuda.max_memory_allocated() / 2**20
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10
