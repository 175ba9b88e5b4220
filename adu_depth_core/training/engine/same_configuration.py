# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Refuses to resume a training under a configuration that would make it another one."""

import json
import re
from dataclasses import asdict
from typing import Any

from lightning import LightningModule, Trainer
from lightning.pytorch.callbacks import Callback

from adu_depth_core.errors import InputError
from adu_depth_core.training.config import TrainingConfig

KEY = 'training_config'
# Where results are written, how often training is validated, and how many processes read data.
MAY_CHANGE = re.compile(
    r'output|device|export|checkpoint_every|validate_every|data\.workers|data\.validation\b.*'
    r'|data\.train\[\d+\]\.cache|model\.(description|licence)'
)


class ConfigurationInCheckpoint(Callback):
    """Adds network and configuration to each checkpoint."""

    def __init__(self, config: TrainingConfig, network: str) -> None:
        self._stored = stored_form(config, network)

    def on_save_checkpoint(
        self, trainer: Trainer, pl_module: LightningModule, checkpoint: dict[str, Any]
    ) -> None:
        """Add them."""
        checkpoint[KEY] = self._stored


def require_same(checkpoint: dict[str, Any], config: TrainingConfig, network: str) -> None:
    """
    Compare a checkpoint's configuration with the present one.

    Raises
    ------
    InputError
        At the first setting that differs and on which weights or batches depend.

    """
    before, now = (
        _flattened(stored) for stored in (checkpoint.get(KEY), stored_form(config, network))
    )
    for name in sorted({*before, *now}):
        if before.get(name) != now.get(name) and not MAY_CHANGE.fullmatch(name):
            raise InputError(
                f'{name} is {now.get(name)!r}, and was {before.get(name)!r} when this training '
                'began; change it back, or train anew without --resume'
            )


def stored_form(config: TrainingConfig, network: str) -> dict[str, Any]:
    """Return network and configuration as plain lists and dictionaries."""
    stored: dict[str, Any] = json.loads(json.dumps({'network': network, **asdict(config)}))
    return stored


def _flattened(tree: Any, name: str = '') -> dict[str, Any]:
    if isinstance(tree, dict):
        children = [(f'{name}.{key}' if name else key, value) for key, value in tree.items()]
    elif isinstance(tree, list):
        children = [(f'{name}[{index}]', value) for index, value in enumerate(tree)]
    else:
        return {name: tree}
    return {n: v for child, value in children for n, v in _flattened(value, child).items()}
