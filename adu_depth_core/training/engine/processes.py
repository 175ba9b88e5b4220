# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""How many processes train together, and what they must share beyond their gradients."""

import os

import torch
from lightning import LightningModule, Trainer
from lightning.pytorch.callbacks import Callback

ENOUGH_FOR_BATCH_STATISTICS = 8


def processes_per_node() -> int:
    """Return what torchrun says, or 1 without it."""
    return int(os.environ.get('LOCAL_WORLD_SIZE', 1))


def nodes() -> int:
    """Return what torchrun says, or 1 without it."""
    return int(os.environ.get('GROUP_WORLD_SIZE', 1))


def joint_statistics(batch_size: int, processes: int, *, on_gpu: bool) -> bool:
    """
    Say whether batch normalisation is to gather its statistics over all processes.

    With less than 8 images a process they are too noisy alone. On CPUs torch cannot.
    """
    share = batch_size / processes
    return on_gpu and processes > 1 and share < ENOUGH_FOR_BATCH_STATISTICS


class SameStatistics(Callback):
    """
    Validates with the batch statistics of the first process, which are those that are written.

    In training each process has its own, unless they are joint.
    """

    def on_validation_epoch_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Take over the buffers of the first process."""
        if trainer.world_size > 1:
            for buffer in pl_module.buffers():
                torch.distributed.broadcast(buffer, 0)
