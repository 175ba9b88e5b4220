# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
One training from configuration to model file, on one page.

**Read.** `DepthData` opens the data sets that `data.train` and `data.validation` name. Which
sample comes when is a function of seed and step (`step_sampler`); a reading process cuts, scales
and colours it (`views`), with its right image where pairs are looked at, and `batch` stacks them.

**Asked.** `StudentTraining` builds the student of `model`, from ImageNet or from `model.initial`,
and asks it about the recoloured image. Where there is a teacher, it is asked about the pair, or
what it said before is in the sample (`teacher_view`). `TeacherTraining` builds a stereo teacher,
which looks at pairs itself.

**Lost.** Of the student: SILog and Laplace likelihood of log-depth against truth (`losses`,
`targets`), and against what the teacher says, response, feature and likelihood
(`distillation_losses`). Of the teacher: the first two, disparity and matching. Weights are in
the configuration; AdamW follows, under one schedule (`optimisation`).

**Written**, into `output`: `checkpoints/last.ckpt` and `best.ckpt`, by mean relative error on
validation images; `log.jsonl` and `tensorboard/` (`engine.trainer` has all that watches). At the
end one temperature is fitted on validation data (`calibration`) and goes into
`model.safetensors` (`teacher.safetensors`), of which a graph is exported beside it.
"""

import os
import warnings
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from lightning import Trainer, seed_everything
from lightning.pytorch.callbacks import Callback

from adu_depth_core.errors import InputError
from adu_depth_core.folder_lock import locked
from adu_depth_core.inference.export import export_onnx
from adu_depth_core.regular_files import check_regular
from adu_depth_core.training.config import TrainingConfig, require_possible
from adu_depth_core.training.data_module import DepthData
from adu_depth_core.training.engine.checkpoints import read_checkpoint, remove_unfinished
from adu_depth_core.training.engine.interruption import Interruption, interruptible
from adu_depth_core.training.engine.reading_processes import readers_told
from adu_depth_core.training.engine.same_configuration import (
    ConfigurationInCheckpoint,
    require_same,
)
from adu_depth_core.training.engine.trainer import build_trainer
from adu_depth_core.training.student_training import StudentTraining
from adu_depth_core.training.teacher_training import TeacherTraining
from adu_depth_core.user_paths import user_path

Module = StudentTraining | TeacherTraining
NETWORKS: dict[str, type[Module]] = {'student': StudentTraining, 'teacher': TeacherTraining}


def train(
    config: TrainingConfig,
    *,
    network: str = 'student',
    resume: bool = False,
    callbacks: Sequence[Callback] = (),
) -> Path | None:
    """
    Run a training and return the path of the model file.

    Under torchrun the processes share each batch; the first writes all files, the others return
    None.

    Parameters
    ----------
    config : TrainingConfig
        What to do; `config.output` receives everything.
    network : str
        What to train: a name in `NETWORKS`.
    resume : bool
        Go on from the last checkpoint in `config.output`, in the middle of an epoch too: the
        result equals that of a run that was never interrupted.
    callbacks : sequence of Callback
        Further callbacks for Lightning.

    Raises
    ------
    InputError
        When there is nothing to resume from, or it was another training; when `config.output`
        holds a training and `resume` is false, another training writes there, or nobody can;
        when the data cannot be used.
    KeyboardInterrupt
        After Ctrl-C; the last checkpoint is there.

    """
    require_possible(config)
    with _output_of_one(user_path(config.output)):
        return _train(config, network, resume, callbacks)


def _train(
    config: TrainingConfig, network: str, resume: bool, callbacks: Sequence[Callback]
) -> Path | None:
    seed_everything(config.seed, workers=True)
    module = NETWORKS[network](config)
    data = DepthData.from_config(config, trains_teacher=network == 'teacher')
    trainer = fit(config, module, data, resume=resume, callbacks=callbacks)
    if not trainer.is_global_zero:
        return None
    path = module.write_model(user_path(config.output), data.validation)
    if config.export:
        export_onnx(path, path.with_suffix('.onnx'))
    return path


def fit(
    config: TrainingConfig,
    module: Module,
    data: DepthData,
    *,
    resume: bool = False,
    callbacks: Sequence[Callback] = (),
) -> Trainer:
    """Train a module that was built after seeding, up to its final weights: see `train`."""
    last = user_path(config.output) / 'checkpoints' / 'last.ckpt'
    network = type(module).__name__
    check_regular(last)
    done = _steps_done(last, config, network) if resume else _nothing_done(last)
    remove_unfinished(last.parent)
    interruption = Interruption(last)
    own = [ConfigurationInCheckpoint(config, network), interruption]
    trainer = build_trainer(config, [*own, *callbacks], done)
    # Lightning cannot know that our sampler starts where the checkpoint ended.
    warnings.filterwarnings('ignore', "You're resuming from a checkpoint that ended before")
    with interruptible(interruption), readers_told():
        trainer.fit(module, datamodule=data, ckpt_path=last if resume else None, weights_only=True)
    return trainer


def _output_of_one(output: Path) -> AbstractContextManager[None]:
    """Keep other trainings out of the folder; of several processes, one does so for all."""
    if int(os.environ.get('RANK', 0)):  # as torchrun counts
        return nullcontext()
    return locked(output / 'training.lock', 'training into this folder; choose another output')


def _steps_done(last: Path, config: TrainingConfig, network: str) -> int:
    checkpoint = read_checkpoint(last)
    require_same(checkpoint, config, network)
    return int(checkpoint['global_step'])


def _nothing_done(last: Path) -> int:
    if last.exists():
        raise InputError(
            f'{last}: from an earlier training; go on with --resume, or choose another output'
        )
    return 0
