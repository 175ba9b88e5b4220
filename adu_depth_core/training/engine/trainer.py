# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Lightning's trainer with everything that watches over a training."""

from collections.abc import Sequence

import numpy as np
import torch
from lightning import LightningModule, Trainer
from lightning.pytorch.callbacks import Callback, TQDMProgressBar
from lightning.pytorch.loggers import TensorBoardLogger

from adu_depth_core.training.batch import Batch
from adu_depth_core.training.config import TrainingConfig
from adu_depth_core.training.engine.checkpoints import Checkpoints, WholeCheckpoints
from adu_depth_core.training.engine.depth_pictures import DepthPictures
from adu_depth_core.training.engine.finite_loss import FiniteLoss
from adu_depth_core.training.engine.json_lines_logger import JsonLinesLogger
from adu_depth_core.training.engine.processes import (
    SameStatistics,
    joint_statistics,
    nodes,
    processes_per_node,
)
from adu_depth_core.training.engine.run_metrics import DataWait, RunMetrics
from adu_depth_core.training.engine.weight_averaging import AveragedWeights
from adu_depth_core.user_paths import user_path

LOG_EVERY = 10


def build_trainer(config: TrainingConfig, callbacks: Sequence[Callback], done: int) -> Trainer:
    """
    Return a trainer for as many processes as torchrun started.

    Parameters
    ----------
    config : TrainingConfig
        What to do; logs and checkpoints go to `config.output`.
    callbacks : sequence of Callback
        To be called after those that belong to every training.
    done : int
        Steps that the checkpoint has done from which the training goes on.

    """
    settings = config.optimiser
    output = user_path(config.output)
    wait = DataWait()
    log_every = min(LOG_EVERY, settings.steps)
    validate_every = min(config.validate_every, settings.steps)
    own = _callbacks(config, wait, log_every)
    own.append(Checkpoints(output / 'checkpoints', config.checkpoint_every, validate_every))
    return Trainer(
        accelerator=config.device,
        devices=processes_per_node(),
        num_nodes=nodes(),
        sync_batchnorm=joint_statistics(
            config.data.batch_size,
            processes_per_node() * nodes(),
            on_gpu=config.device != 'cpu' and torch.cuda.is_available(),
        ),
        max_steps=settings.steps,
        max_epochs=1,
        precision=settings.precision,  # type: ignore[arg-type]
        gradient_clip_val=settings.gradient_clip,
        val_check_interval=validate_every,
        # Lightning would warn of a loader that holds nothing.
        limit_val_batches=None if config.data.validation else 0,
        num_sanity_val_steps=0,
        use_distributed_sampler=False,
        logger=[
            # Hides what an interrupted run logged after its last checkpoint.
            TensorBoardLogger(output, name='tensorboard', version='', purge_step=done),
            JsonLinesLogger(output / 'log.jsonl', done),
        ],
        callbacks=[*own, *callbacks],
        log_every_n_steps=log_every,
        plugins=[WholeCheckpoints()],
        profiler=wait,
    )


def _callbacks(config: TrainingConfig, wait: DataWait, log_every: int) -> list[Callback]:
    callbacks: list[Callback] = [
        StepsBar(),
        StepSeed(config.seed),
        FiniteLoss(),
        RunMetrics(wait, log_every),
        DepthPictures(),
    ]
    if config.optimiser.ema_decay is not None:
        callbacks.append(AveragedWeights(config.optimiser.ema_decay))
    return [*callbacks, SameStatistics()]


class StepsBar(TQDMProgressBar):
    """Knows how many steps there are also after a resumption in the middle of the only epoch."""

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:  # type: ignore[override]
        """Set the bar up, as the start of an epoch would."""
        super().on_train_start(trainer, pl_module)
        self.on_train_epoch_start(trainer)


class StepSeed(Callback):
    """Seed torch anew before each step: what dropout draws does not depend on what came before."""

    def __init__(self, seed: int) -> None:
        self._seed = seed

    def on_train_batch_start(
        self, trainer: Trainer, pl_module: LightningModule, batch: Batch, batch_idx: int
    ) -> None:
        """Seed the generators of all devices."""
        torch.manual_seed(step_seed(self._seed, trainer.global_step, trainer.global_rank))


def step_seed(seed: int, step: int, rank: int) -> int:
    """Mix three numbers into one of 64 bits."""
    return int(np.random.SeedSequence((seed, step, rank)).generate_state(1, np.uint64)[0])
