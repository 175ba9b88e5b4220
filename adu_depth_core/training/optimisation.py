# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The optimiser and its schedule, from the configuration."""

from typing import Any

from lightning.pytorch.utilities.types import OptimizerLRScheduler
from torch import nn
from torch.optim import AdamW
from torch.optim.lr_scheduler import LambdaLR, LRScheduler, OneCycleLR

from adu_depth_core.training.config import OptimiserConfig

WARM_UP = 0.1
POWER, LAST_SHARE = 0.9, 0.1


def configured_optimiser(module: nn.Module, settings: OptimiserConfig) -> OptimizerLRScheduler:
    """
    Return AdamW, which decays neither biases nor normalisation, and its schedule by step.

    Parameters
    ----------
    module : nn.Module
        Whose parameters to train; those below a module named `encoder` have a rate of their own.
    settings : OptimiserConfig
        How.

    """
    groups = parameter_groups(module, settings)
    optimiser = AdamW(groups, lr=settings.learning_rate, weight_decay=settings.weight_decay)
    return {
        'optimizer': optimiser,
        'lr_scheduler': {'scheduler': _schedule(optimiser, settings), 'interval': 'step'},
    }


def parameter_groups(module: nn.Module, settings: OptimiserConfig) -> list[dict[str, Any]]:
    """Sort the parameters by their rate and by whether they decay; groups without any are out."""
    groups: dict[tuple[float, bool], list[nn.Parameter]] = {}
    for name, parameter in module.named_parameters():
        if parameter.requires_grad:
            share = settings.encoder_rate if 'encoder' in name.split('.') else 1.0
            groups.setdefault((share, parameter.ndim > 1), []).append(parameter)
    return [
        {
            'params': parameters,
            'lr': share * settings.learning_rate,
            'weight_decay': settings.weight_decay if decays else 0.0,
        }
        for (share, decays), parameters in groups.items()
    ]


def _schedule(optimiser: AdamW, settings: OptimiserConfig) -> LRScheduler:
    if settings.schedule == 'polynomial':
        return LambdaLR(optimiser, lambda step: polynomial(step / settings.steps))
    peaks = [group['lr'] for group in optimiser.param_groups]
    # So few steps do not rise; of ten, torch would divide by none. Of one, it would do nothing.
    rising = WARM_UP if settings.steps * WARM_UP > 1 else 0.0
    total = max(settings.steps, 2)
    return OneCycleLR(optimiser, peaks, total_steps=total, pct_start=rising)


def polynomial(progress: float) -> float:
    """Share of the peak rate after `progress` in [0, 1] of the steps: from 1 to a tenth (BTS)."""
    return (1 - LAST_SHARE) * max(1 - progress, 0.0) ** POWER + LAST_SHARE
