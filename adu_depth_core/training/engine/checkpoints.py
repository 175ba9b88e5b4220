# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""When a checkpoint is written: `last.ckpt` every so many steps, `best.ckpt` after validation."""

import math
from pathlib import Path
from typing import Any

import torch
from lightning import LightningModule, Trainer
from lightning.pytorch.callbacks import Checkpoint

from adu_depth_core.errors import InputError

BEST_METRIC = 'val/abs_rel'


class Checkpoints(Checkpoint):
    """
    Keeps the last state, and that with the lowest error on validation data if they have truth.

    Where validation follows a step, the checkpoint waits for it: a run that resumes there has
    validated.

    Parameters
    ----------
    folder : Path
        Receives `last.ckpt` and `best.ckpt`.
    every, validate_every : int
        In steps.

    """

    def __init__(self, folder: Path, every: int, validate_every: int) -> None:
        self.last, self.best = folder / 'last.ckpt', folder / 'best.ckpt'
        self._every, self._validate_every = every, validate_every
        self._lowest = math.inf

    def on_train_batch_end(self, trainer: Trainer, pl_module: LightningModule, *_: object) -> None:
        """Write the last state, if it is time."""
        if not self._validation_follows(trainer):
            self._save_last(trainer, pl_module)

    def on_validation_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Write the best state so far, and the last."""
        error = float(trainer.callback_metrics.get(BEST_METRIC, math.nan))
        if error < self._lowest:
            self._lowest = error
            save(trainer, pl_module, self.best)
        self._save_last(trainer, pl_module)

    def state_dict(self) -> dict[str, Any]:
        """Return what must survive: the lowest error."""
        return {'lowest': self._lowest}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Restore what `state_dict` returned."""
        self._lowest = state_dict['lowest']

    def _validation_follows(self, trainer: Trainer) -> bool:
        validates = sum(trainer.num_val_batches) > 0
        return validates and trainer.global_step % self._validate_every == 0

    def _save_last(self, trainer: Trainer, module: LightningModule) -> None:
        if trainer.global_step % self._every == 0 or trainer.global_step == trainer.max_steps:
            save(trainer, module, self.last)


def save(trainer: Trainer, module: LightningModule, path: Path) -> None:
    """
    Write a checkpoint.

    Raises
    ------
    InputError
        When a weight is not finite: what was written before stays.

    """
    if not all(torch.isfinite(weight).all() for weight in module.parameters()):
        raise InputError(
            f'weights are not finite after step {trainer.global_step}: lower '
            'optimiser.learning_rate; earlier checkpoints are untouched'
        )
    trainer.save_checkpoint(path, weights_only=False)
