# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Lightning's trainer with everything that watches over a training."""

from collections.abc import Sequence
from pathlib import Path

import torch
from lightning import Trainer
from lightning.pytorch.callbacks import Callback
from lightning.pytorch.loggers import TensorBoardLogger

from adu_depth_core.training.config import TrainingConfig
from adu_depth_core.training.engine.checkpoint_files import WholeCheckpoints
from adu_depth_core.training.engine.checkpoints import Checkpoints
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
from adu_depth_core.training.engine.step_seed import StepSeed
from adu_depth_core.training.engine.steps_bar import StepsBar
from adu_depth_core.training.engine.weight_averaging import AveragedWeights

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
    output = Path(config.output)
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
