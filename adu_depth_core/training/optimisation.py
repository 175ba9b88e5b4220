# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The optimiser and its schedule, from the configuration."""

from collections.abc import Iterable
from typing import Any

from lightning.pytorch.utilities.types import OptimizerLRScheduler
from torch import nn
from torch.optim import AdamW
from torch.optim.lr_scheduler import LambdaLR, LRScheduler, OneCycleLR

from adu_depth_core.training.config import OptimiserConfig

WARM_UP = 0.1
POWER, LAST_SHARE = 0.9, 0.1


def configured_optimiser(
    parameters: Iterable[nn.Parameter], settings: OptimiserConfig
) -> OptimizerLRScheduler:
    """Return AdamW, which decays neither biases nor normalisation, and its schedule by step."""
    trained = [p for p in parameters if p.requires_grad]
    groups: list[dict[str, Any]] = [
        {'params': [p for p in trained if p.ndim > 1]},
        {'params': [p for p in trained if p.ndim <= 1], 'weight_decay': 0.0},
    ]
    optimiser = AdamW(groups, lr=settings.learning_rate, weight_decay=settings.weight_decay)
    return {
        'optimizer': optimiser,
        'lr_scheduler': {'scheduler': _schedule(optimiser, settings), 'interval': 'step'},
    }


def _schedule(optimiser: AdamW, settings: OptimiserConfig) -> LRScheduler:
    if settings.schedule == 'polynomial':
        return LambdaLR(optimiser, lambda step: polynomial(step / settings.steps))
    return OneCycleLR(
        optimiser, settings.learning_rate, total_steps=settings.steps, pct_start=WARM_UP
    )


def polynomial(progress: float) -> float:
    """Share of the peak rate after `progress` in [0, 1] of the steps: from 1 to a tenth (BTS)."""
    return (1 - LAST_SHARE) * max(1 - progress, 0.0) ** POWER + LAST_SHARE
