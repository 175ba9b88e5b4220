# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The supervised student as a Lightning module."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import torch
from lightning import LightningModule
from lightning.pytorch.utilities.types import OptimizerLRScheduler
from torch import Tensor

from adu_depth_core.camera import canonical_factor
from adu_depth_core.errors import InputError
from adu_depth_core.evaluation.metrics import MIN_DEPTH, depth_errors
from adu_depth_core.inference.model_file import load_model_file
from adu_depth_core.losses import laplace_nll, silog_loss
from adu_depth_core.models.head import LogDepth
from adu_depth_core.models.metric_depth import metric
from adu_depth_core.models.presets import find_preset
from adu_depth_core.models.student import Student, normalised
from adu_depth_core.training.config import ModelConfig, TrainingConfig
from adu_depth_core.training.data_module import Batch

BEYOND = 1.25


class SupervisedStudent(LightningModule):
    """SILog and Laplace likelihood against true depth, in the canonical camera."""

    def __init__(self, config: TrainingConfig) -> None:
        super().__init__()
        self._config = config
        self.network = initial_student(config.model).to(memory_format=torch.channels_last)

    def forward(self, batch: Batch) -> LogDepth:
        """Predict canonical log-depth for a batch."""
        image = normalised(batch.image).contiguous(memory_format=torch.channels_last)
        return self.network(image)

    def training_step(self, batch: Batch, index: int) -> Tensor:
        """Return the loss of one batch."""
        prediction = self(batch)
        target, mask = log_target(batch, self._config)
        silog = silog_loss(prediction.m, target, mask)
        nll = laplace_nll(prediction.m, prediction.s, target, mask)
        loss = silog + self._config.optimiser.likelihood_weight * nll
        self.log_dict({'train/loss': loss, 'train/silog': silog, 'train/nll': nll}, prog_bar=True)
        return loss

    def validation_step(self, batch: Batch, index: int) -> None:
        """Log the mean error of one image at the network's size; the protocols come later."""
        depth, _ = metric(self(batch), batch.fx, self._config.model.canonical_focal, 1.0)
        errors = depth_errors(
            depth[0].cpu().numpy().astype(np.float32),
            batch.depth_m[0, 0].cpu().numpy(),
            max_depth=self._config.model.max_depth,
        )
        if not math.isnan(errors['abs_rel']):
            self.log('val/abs_rel', errors['abs_rel'], prog_bar=True, on_epoch=True, batch_size=1)

    def configure_optimizers(self) -> OptimizerLRScheduler:
        """AdamW; biases and normalisation are not decayed."""
        settings = self._config.optimiser
        parameters = list(self.network.parameters())
        groups: list[dict[str, Any]] = [
            {'params': [p for p in parameters if p.ndim > 1]},
            {'params': [p for p in parameters if p.ndim <= 1], 'weight_decay': 0.0},
        ]
        optimiser = torch.optim.AdamW(
            groups, lr=settings.learning_rate, weight_decay=settings.weight_decay
        )
        schedule = torch.optim.lr_scheduler.OneCycleLR(
            optimiser, settings.learning_rate, total_steps=settings.steps, pct_start=0.1
        )
        return {
            'optimizer': optimiser,
            'lr_scheduler': {'scheduler': schedule, 'interval': 'step'},
        }


def initial_student(config: ModelConfig) -> Student:
    """Build the network to train; `InputError` when `config.initial` is of another kind."""
    if config.initial is None:
        return Student(find_preset(config.preset), pretrained=config.pretrained)
    model, info = load_model_file(Path(config.initial))
    found, wanted = (info.preset, info.canonical_focal), (config.preset, config.canonical_focal)
    if found != wanted:
        raise InputError(
            f'{config.initial}: preset and canonical focal length are {found}, configured are '
            f'{wanted}'
        )
    assert isinstance(model.network, Student)
    return model.network.train()


def log_target(batch: Batch, config: TrainingConfig) -> tuple[Tensor, Tensor]:
    """
    Turn metric truth into canonical log-depth and the mask of where there is any.

    Sky and whatever lies beyond 1.25 max_depth are trained as 1.25 max_depth.

    Returns
    -------
    target : (B, 1, H, W) float32
    mask : (B, 1, H, W) bool

    """
    mask = batch.depth_m > MIN_DEPTH
    depth = torch.where(mask, batch.depth_m, 1.0).clamp(max=BEYOND * config.model.max_depth)
    factor = canonical_factor(batch.fx, config.model.canonical_focal).view(-1, 1, 1, 1)
    return torch.log(depth * factor), mask
