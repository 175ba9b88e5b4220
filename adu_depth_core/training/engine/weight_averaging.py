# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A moving average of the weights, which is what is validated and written."""

from collections.abc import Sequence

import torch
from lightning import LightningModule, Trainer
from lightning.pytorch.callbacks import WeightAveraging
from torch import Tensor


class AveragedWeights(WeightAveraging):
    """
    Exponential moving average of all weights and batch statistics.

    The decay starts low, so that a short training does not keep its random beginning: see
    `decay_after`.

    Parameters
    ----------
    decay : float
        Share that the average keeps at each step, once there have been many.

    """

    def __init__(self, decay: float) -> None:
        def average(averages: Sequence[Tensor], weights: Sequence[Tensor], count: Tensor) -> None:
            _move(averages, weights, 1 - decay_after(int(count), decay))

        super().__init__(multi_avg_fn=average)

    def on_train_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Leave the weights alone: the last checkpoint is still to be written."""

    def on_fit_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Put the average into the module, also when a finished training was resumed."""
        self._copy_average_to_current(pl_module)


def decay_after(updates: int, decay: float) -> float:
    """
    Return the share that the average keeps after so many updates.

    (1 + n) / (10 + n) until that exceeds `decay`: an average over the last tenth of the steps.
    """
    return min(decay, (1 + updates) / (10 + updates))


def _move(averages: Sequence[Tensor], weights: Sequence[Tensor], share: float) -> None:
    if averages[0].is_floating_point():
        torch._foreach_lerp_(list(averages), list(weights), share)
        return
    for average, weight in zip(averages, weights, strict=True):  # batch norm counts its batches
        average.copy_(weight)
