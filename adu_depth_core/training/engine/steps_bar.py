# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The progress bar of a training."""

from lightning import LightningModule, Trainer
from lightning.pytorch.callbacks import TQDMProgressBar


class StepsBar(TQDMProgressBar):
    """Knows how many steps there are also after a resumption in the middle of the only epoch."""

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:  # type: ignore[override]
        """Set the bar up, as the start of an epoch would."""
        super().on_train_start(trainer, pl_module)
        self.on_train_epoch_start(trainer)
