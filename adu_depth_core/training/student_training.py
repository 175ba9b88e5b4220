# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Training of a student, from truth alone or with a teacher beside it."""

import math
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import torch
from lightning import LightningModule
from lightning.pytorch.utilities.types import OptimizerLRScheduler
from torch import Tensor

from adu_depth_core.distillation.feature import FeatureDistillation
from adu_depth_core.errors import InputError
from adu_depth_core.inference.model_file import load_model_file, write_model_file
from adu_depth_core.inference.model_info import ModelInfo
from adu_depth_core.inference.predictor import Predictor
from adu_depth_core.losses import DEPTH_LOSSES, laplace_nll
from adu_depth_core.models.bfloat16_weights import round_weights
from adu_depth_core.models.head import LogDepth
from adu_depth_core.models.presets import find_preset
from adu_depth_core.models.student import Student, normalised
from adu_depth_core.samples.sample import StereoDataset
from adu_depth_core.training.batch import Batch
from adu_depth_core.training.config import ModelConfig, TrainingConfig
from adu_depth_core.training.distillation_losses import distillation_losses, warm_up_factor
from adu_depth_core.training.optimisation import configured_optimiser
from adu_depth_core.training.targets import log_target
from adu_depth_core.training.teacher_view import (
    FrozenTeacher,
    TeacherView,
    combined,
    recorded_view,
)
from adu_depth_core.training.temperature import ValidationError, calibrated_temperature
from adu_depth_core.weights import model_path


class StudentTraining(LightningModule):
    """
    Depth and Laplace likelihood against truth, and distillation from a teacher.

    L = SILog + lambda_u NLL + warm-up (lambda_r response + lambda_f feature + lambda_l KL), where
    L1 may stand for SILog.
    """

    def __init__(self, config: TrainingConfig) -> None:
        super().__init__()
        self._config = config
        self.network = initial_student(config.model).to(memory_format=torch.channels_last)
        self.network.encoder.freeze(config.model.frozen)
        self.validation_error = ValidationError(config.model)
        self._log_temperature = math.log(initial_temperature(config.model))
        self.adapters: FeatureDistillation | None = None
        self._teacher: FrozenTeacher | None = None
        settings = config.distillation
        if settings.teacher:
            self._teacher = FrozenTeacher(model_path(settings.teacher), config.model)
            if settings.feature_weight:
                width = self.network.preset.decoder_width
                channels = (width, self._teacher.feature_channels)
                self.adapters = FeatureDistillation([channels] * len(self.network.decoder.mix))

    def training_step(self, batch: Batch, index: int) -> Tensor:
        """Return the loss of one batch."""
        raw, features = self.network.with_features(self._network_input(batch.image))
        # The losses see the scale that is published: a fine-tuned model keeps its temperature.
        student = LogDepth(raw.m, raw.s + self._log_temperature)
        target, mask = truth = log_target(batch.depth_m, batch.fx, self._config.model)
        optimiser = self._config.optimiser
        losses = {
            optimiser.depth_loss: DEPTH_LOSSES[optimiser.depth_loss](student.m, target, mask),
            'nll': optimiser.likelihood_weight * laplace_nll(student.m, student.s, target, mask),
        }
        teacher = self._ask_teacher(batch)
        if teacher is not None:
            settings = self._config.distillation
            factor = warm_up_factor(self.global_step, optimiser.steps, settings)
            distilled = distillation_losses(
                student, features, teacher, truth, self.adapters, settings
            )
            losses |= {name: factor * loss for name, loss in distilled.items()}
        loss = torch.stack(list(losses.values())).sum()
        self.log('train/loss', loss, prog_bar=True)
        self.log_dict({f'train/{name}': value for name, value in losses.items()})
        return loss

    def validation_step(self, batch: Batch, index: int) -> dict[str, Tensor]:
        """Score one image at the network's size; return `depth_m` and `std_m`, (B, H, W)."""
        prediction = self.network(self._network_input(batch.image))
        maps = self.validation_error.add(prediction, batch)
        self.log('val/abs_rel', self.validation_error.mean, prog_bar=True, on_epoch=True)
        return maps

    def configure_optimizers(self) -> OptimizerLRScheduler:
        """Student and adapters under one schedule."""
        return configured_optimiser(self, self._config.optimiser)

    def write_model(self, output: Path, validation: list[StereoDataset]) -> Path:
        """Write `model.safetensors`, rounded, with a temperature that is fitted after it."""
        round_weights(self.network)
        path = output / 'model.safetensors'
        info = _model_info(self._config)
        with TemporaryDirectory(dir=output) as folder:  # what is not calibrated is not finished
            draft = Path(folder) / path.name
            write_model_file(draft, self.network, info)
            predictor = Predictor.load(
                str(draft), runtime='torch', precision='float32'
            ).without_limits()
        fitted = calibrated_temperature(
            lambda s: predictor(s.left, s.camera), validation, info.max_depth
        )
        temperature = initial_temperature(self._config.model) if fitted is None else fitted
        write_model_file(path, self.network, replace(info, temperature=temperature))
        return path

    def _network_input(self, image: Tensor) -> Tensor:
        seen = normalised(image, self.network.normalisation)
        return seen.contiguous(memory_format=torch.channels_last)

    def _ask_teacher(self, batch: Batch) -> TeacherView | None:
        recorded = recorded_view(batch, self._config.model)
        if self._teacher is not None:
            return combined(self._teacher(batch), recorded)
        return recorded if recorded.mask.any() else None


def initial_student(config: ModelConfig) -> Student:
    """Build the network to train; `InputError` when `config.initial` is of another kind."""
    if config.initial is None:
        return Student(find_preset(config.preset), pretrained=config.pretrained)
    model, info = load_model_file(model_path(config.initial))
    found, wanted = (info.preset, info.canonical_focal), (config.preset, config.canonical_focal)
    if found != wanted:
        raise InputError(
            f'{config.initial}: preset and canonical focal length are {found}, configured are '
            f'{wanted}'
        )
    assert isinstance(model.network, Student)
    return model.network.train()


def initial_temperature(config: ModelConfig) -> float:
    """Return what the model to start from was calibrated with; 1 without one."""
    if config.initial is None:
        return 1.0
    return load_model_file(model_path(config.initial))[1].temperature


def _model_info(config: TrainingConfig) -> ModelInfo:
    return ModelInfo(
        preset=config.model.preset,
        canonical_focal=config.model.canonical_focal,
        max_depth=config.model.max_depth,
        pixels=config.data.pixels,
        licence=config.model.licence,
        description=config.model.description,
    )
