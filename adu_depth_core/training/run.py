# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
One training from configuration to model file.

Builds the data and the student, trains with checkpoints and TensorBoard, goes on from the last
checkpoint when asked to, calibrates the uncertainty on validation data, and writes
`model.safetensors` and `model.onnx` into the output folder.
"""

import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np
from lightning import Trainer, seed_everything
from lightning.pytorch.callbacks import Callback, LearningRateMonitor, ModelCheckpoint
from lightning.pytorch.loggers import TensorBoardLogger
from tqdm import tqdm

from adu_depth_core.data.sample import StereoDataset
from adu_depth_core.errors import InputError
from adu_depth_core.evaluation.uncertainty import fit_temperature, normalised_errors
from adu_depth_core.inference.export import export_onnx
from adu_depth_core.inference.model_file import write_model_file
from adu_depth_core.inference.model_info import ModelInfo
from adu_depth_core.inference.predictor import Predictor
from adu_depth_core.training.config import TrainingConfig
from adu_depth_core.training.data_module import DepthData
from adu_depth_core.training.supervised import SupervisedStudent

CALIBRATION_PIXELS = 2000


def train(
    config: TrainingConfig,
    *,
    resume: bool = False,
    callbacks: list[Callback] | None = None,
) -> Path:
    """
    Run a training and return the path of the model file.

    Parameters
    ----------
    config : TrainingConfig
        What to do; `config.output` receives everything.
    resume : bool
        Go on from the last checkpoint in `config.output`, in the middle of an epoch too: the
        result equals that of a run that was never interrupted.
    callbacks : list of Callback, optional
        Further callbacks for Lightning.

    Raises
    ------
    InputError
        When there is nothing to resume from, or the data cannot be used.

    """
    output = Path(config.output)
    checkpoint = _last_checkpoint(output) if resume else None
    seed_everything(config.seed, workers=True)
    data = DepthData(config)
    student = SupervisedStudent(config)
    trainer = _trainer(config, output, callbacks or [])
    # Lightning cannot know that our sampler starts where the checkpoint ended.
    warnings.filterwarnings('ignore', "You're resuming from a checkpoint that ended before")
    trainer.fit(student, data, ckpt_path=checkpoint)
    return finish(config, student, data.validation, output)


def finish(
    config: TrainingConfig,
    student: SupervisedStudent,
    validation: list[StereoDataset],
    output: Path,
) -> Path:
    """Write the model file with a fitted temperature, and its ONNX graph."""
    path = output / 'model.safetensors'
    info = _model_info(config)
    write_model_file(path, student.network, info)
    temperature = calibrated_temperature(path, validation)
    write_model_file(path, student.network, replace(info, temperature=temperature))
    export_onnx(path, path.with_suffix('.onnx'))
    return path


def calibrated_temperature(model_file: Path, validation: list[StereoDataset]) -> float:
    """
    Fit the temperature of a model file whose own is 1, or return 1 without any truth.

    Each image gives the same number of pixels, so that dense truth does not outvote sparse truth.
    """
    predictor = Predictor.load(str(model_file), runtime='torch').without_limits()
    rng = np.random.default_rng(0)
    errors = []
    samples = [(source, index) for source in validation for index in range(len(source))]
    for source, index in tqdm(samples, desc='calibrating', unit='image'):
        sample = source[index]
        if sample.depth_m is not None:
            prediction = predictor(sample.left, sample.camera)
            all_errors = normalised_errors(prediction.depth_m, prediction.std_m, sample.depth_m)
            errors.append(rng.permutation(all_errors)[:CALIBRATION_PIXELS])
    return fit_temperature(np.concatenate(errors)) if errors else 1.0


def _model_info(config: TrainingConfig) -> ModelInfo:
    return ModelInfo(
        preset=config.model.preset,
        canonical_focal=config.model.canonical_focal,
        max_depth=config.model.max_depth,
        pixels=max(width * height for width, height in config.data.sizes),
        licence=config.model.licence,
        description=config.model.description,
    )


def _trainer(config: TrainingConfig, output: Path, callbacks: list[Callback]) -> Trainer:
    settings = config.optimiser
    checkpoints = ModelCheckpoint(
        output / 'checkpoints',
        filename='step-{step}',
        auto_insert_metric_name=False,
        every_n_train_steps=config.checkpoint_every,
        save_last=True,
        enable_version_counter=False,
    )
    return Trainer(
        accelerator=config.device,
        devices=1,
        max_steps=settings.steps,
        max_epochs=1,
        precision=settings.precision,  # type: ignore[arg-type]
        gradient_clip_val=settings.gradient_clip,
        val_check_interval=min(config.validate_every, settings.steps),
        num_sanity_val_steps=0,
        use_distributed_sampler=False,
        logger=TensorBoardLogger(output, name='tensorboard', version=''),
        callbacks=[checkpoints, LearningRateMonitor('step'), *callbacks],
        log_every_n_steps=10,
    )


def _last_checkpoint(output: Path) -> Path:
    path = output / 'checkpoints' / 'last.ckpt'
    if not path.exists():
        raise InputError(f'{path}: no checkpoint to resume from; train without --resume')
    return path
