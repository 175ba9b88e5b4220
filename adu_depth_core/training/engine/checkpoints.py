# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
Checkpoints: `last.ckpt` every so many steps, `best.ckpt` after validation.

On disk they are whole or not there, and they are read without running what they hold.
"""

import math
import pickle
from pathlib import Path
from typing import Any

import torch
from lightning import LightningModule, Trainer
from lightning.fabric.plugins.io import TorchCheckpointIO
from lightning.pytorch.callbacks import Checkpoint
from lightning.pytorch.utilities.rank_zero import rank_zero_only

from adu_depth_core.atomic_files import written_whole
from adu_depth_core.errors import InputError

BEST_METRIC = 'val/abs_rel'


class WholeCheckpoints(TorchCheckpointIO):
    """
    Writes beside the file and then replaces it.

    Lightning's own writer goes through the system's temporary folder, from where a file is moved
    in one piece only if the folder lies on the same disk.
    """

    def save_checkpoint(
        self, checkpoint: dict[str, Any], path: str | Path, storage_options: Any = None
    ) -> None:
        """Write a checkpoint whole or not at all."""
        with written_whole(path) as temporary:
            torch.save(checkpoint, temporary)


def read_checkpoint(path: Path) -> dict[str, Any]:
    """
    Read a checkpoint; its tensors stay on disk until they are used.

    Raises
    ------
    InputError
        When there is none, or what there is cannot be read.

    """
    if not path.exists():
        raise InputError(f'{path}: no checkpoint to resume from; train without --resume')
    try:
        checkpoint = torch.load(path, map_location='cpu', weights_only=True, mmap=True)
        checkpoint['global_step'] + 0
    except (RuntimeError, ValueError, KeyError, TypeError, EOFError, OSError, pickle.PickleError):
        raise InputError(
            f'{path}: damaged, or not a checkpoint; put best.ckpt or another copy in its place, '
            'or train without --resume'
        ) from None
    return checkpoint


@rank_zero_only
def remove_unfinished(folder: Path) -> None:
    """Remove what a killed writer left behind."""
    for path in folder.glob('.part-*.ckpt'):
        path.unlink(missing_ok=True)


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
