# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Randomness inside the network as a function of (seed, step), for a resumed run to repeat."""

import numpy as np
import torch
from lightning import LightningModule, Trainer
from lightning.pytorch.callbacks import Callback

from adu_depth_core.training.batch import Batch


class StepSeed(Callback):
    """Seed torch anew before each step: what dropout draws does not depend on what came before."""

    def __init__(self, seed: int) -> None:
        self._seed = seed

    def on_train_batch_start(
        self, trainer: Trainer, pl_module: LightningModule, batch: Batch, batch_idx: int
    ) -> None:
        """Seed the generators of all devices."""
        torch.manual_seed(step_seed(self._seed, trainer.global_step, trainer.global_rank))


def step_seed(seed: int, step: int, rank: int) -> int:
    """Mix three numbers into one of 64 bits."""
    return int(np.random.SeedSequence((seed, step, rank)).generate_state(1, np.uint64)[0])
