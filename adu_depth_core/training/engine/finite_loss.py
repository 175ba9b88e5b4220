# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Stops a training at the first loss that is not finite, before it reaches the weights."""

import torch
from lightning import LightningModule, Trainer
from lightning.pytorch.callbacks import Callback
from torch import Tensor

from adu_depth_core.errors import InputError
from adu_depth_core.training.batch import Batch

NAN_IS_UNKNOWN = {'depth_m', 'baseline_m', 'offset_px', 'teacher_depth_m', 'teacher_scale'}
INF_IS_SKY = {'depth_m'}


class FiniteLoss(Callback):
    """`InputError` that names step and samples, instead of weights that are lost."""

    def __init__(self) -> None:
        self._batch: Batch | None = None

    def on_train_batch_start(
        self, trainer: Trainer, pl_module: LightningModule, batch: Batch, batch_idx: int
    ) -> None:
        """Keep the batch to be able to name it."""
        self._batch = batch

    def on_before_backward(
        self, trainer: Trainer, pl_module: LightningModule, loss: Tensor
    ) -> None:
        """Look at the loss; a scaled one, too, overflows only where it was not finite before."""
        if not torch.isfinite(loss).all():
            assert self._batch is not None
            raise InputError(f'loss of step {trainer.global_step + 1}: {reason(self._batch)}')

    def on_train_batch_end(self, *_: object) -> None:
        """Let go of the batch."""
        self._batch = None


def reason(batch: Batch) -> str:
    """Say why the loss of a batch may not be finite: the samples whose input is not, or all."""
    faulty = [
        f'{name} of {batch.names[index]}'
        for name, values in batch._asdict().items()
        if isinstance(values, Tensor) and values.is_floating_point()
        for index in _faulty_rows(name, values)
    ]
    if faulty:
        return f'not finite, as is {", ".join(faulty)}; mend these samples or leave them out'
    return (
        f'not finite with samples {", ".join(batch.names)}; lower optimiser.learning_rate, or '
        'leave out what is wrong with these'
    )


def _faulty_rows(name: str, values: Tensor) -> list[int]:
    faulty = torch.zeros_like(values, dtype=torch.bool)
    if name not in NAN_IS_UNKNOWN:
        faulty |= values.isnan()
    if name not in INF_IS_SKY:
        faulty |= values.isinf()
    return [int(row) for row in faulty.reshape(len(faulty), -1).any(1).nonzero()]
