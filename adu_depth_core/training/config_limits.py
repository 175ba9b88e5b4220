# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Numbers of a configuration with which no training can be done."""

from adu_depth_core.errors import InputError
from adu_depth_core.training.config import TrainingConfig


def require_possible(config: TrainingConfig) -> None:
    """Raise `InputError` that names the first setting below its least value."""
    settings = {
        'optimiser.steps': (config.optimiser.steps, 1),
        'data.batch_size': (config.data.batch_size, 1),
        'data.workers': (config.data.workers, 0),
        'checkpoint_every': (config.checkpoint_every, 1),
        'validate_every': (config.validate_every, 1),
    }
    for name, (value, least) in settings.items():
        if value < least:
            raise InputError(f'{name} is {value}; it must be at least {least}')
    if not config.data.train:
        raise InputError('data.train is empty; name a source to learn from')
