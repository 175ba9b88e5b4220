# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Training of a stereo teacher from truth."""

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import torch
from lightning import LightningModule
from lightning.pytorch.utilities.types import OptimizerLRScheduler
from torch import Tensor

from adu_depth_core.errors import InputError
from adu_depth_core.inference.model_file import write_model_file
from adu_depth_core.inference.model_info import TeacherInfo
from adu_depth_core.inference.predictor import Prediction
from adu_depth_core.inference.stereo_predictor import StereoPredictor
from adu_depth_core.losses import DEPTH_LOSSES, disparity_loss, laplace_nll, matching_loss
from adu_depth_core.models.student import normalised
from adu_depth_core.models.teacher import DESCRIPTOR_CHANNELS, Teacher, TeacherOutput
from adu_depth_core.samples.sample import StereoDataset, StereoSample
from adu_depth_core.training.batch import Batch
from adu_depth_core.training.config import TrainingConfig
from adu_depth_core.training.optimisation import configured_optimiser
from adu_depth_core.training.targets import disparity_target, log_target
from adu_depth_core.training.temperature import ValidationError, calibrated_temperature


class TeacherTraining(LightningModule):
    """SILog and Laplace likelihood on depth, and a smooth L1 on the matched disparity."""

    def __init__(self, config: TrainingConfig) -> None:
        super().__init__()
        self._config = config
        self._info = _teacher_info(config)
        self.network = Teacher(self._info.architecture(), pretrained=config.model.pretrained)
        self.network.encoder.freeze(config.model.frozen)
        self.validation_error = ValidationError(config.model)

    def forward(self, batch: Batch) -> TeacherOutput:
        """Look at the pairs of a batch; every sample must have a right image."""
        _check_pairs(batch)
        views = batch.left, batch.right
        images = (normalised(view, self.network.normalisation) for view in views)
        return self.network(*images, batch.baseline_m, batch.offset_px)

    def training_step(self, batch: Batch, index: int) -> Tensor:
        """Return the loss of one batch."""
        output = self(batch)
        target, mask = log_target(batch.depth_m, batch.fx, self._config.model)
        optimiser, depth = self._config.optimiser, output.depth
        losses = {
            optimiser.depth_loss: DEPTH_LOSSES[optimiser.depth_loss](depth.m, target, mask),
            'nll': optimiser.likelihood_weight * laplace_nll(depth.m, depth.s, target, mask),
        }
        if output.disparity_px is not None and output.scores is not None:
            losses |= self._matching_losses(batch, output.disparity_px, output.scores)
        loss = torch.stack(list(losses.values())).sum()
        self.log('train/loss', loss, prog_bar=True)
        self.log_dict({f'train/{name}': value for name, value in losses.items()})
        return loss

    def _matching_losses(
        self, batch: Batch, disparity_px: Tensor, scores: Tensor
    ) -> dict[str, Tensor]:
        """Fine disparity follows truth; where to look for it, outside labels tell beside truth."""
        stereo, most = self._config.stereo, self._info.max_disparity_px
        told_m = torch.where(batch.depth_m.isnan(), batch.teacher_depth_m, batch.depth_m)
        of_truth = disparity_target(batch, batch.depth_m, most)
        of_told = disparity_target(batch, told_m, most)
        return {
            'disparity': stereo.disparity_weight * disparity_loss(disparity_px, *of_truth),
            'matching': stereo.matching_weight * matching_loss(scores, *of_told),
        }

    def validation_step(self, batch: Batch, index: int) -> dict[str, Tensor]:
        """Score one pair at the network's size; return `depth_m` and `std_m`, (B, H, W)."""
        maps = self.validation_error.add(self(batch).depth, batch)
        self.log('val/abs_rel', self.validation_error.mean, prog_bar=True, on_epoch=True)
        return maps

    def configure_optimizers(self) -> OptimizerLRScheduler:
        """All weights under one schedule."""
        return configured_optimiser(self, self._config.optimiser)

    def write_model(self, output: Path, validation: list[StereoDataset]) -> Path:
        """Write `teacher.safetensors` with a fitted temperature."""
        path = output / 'teacher.safetensors'
        with TemporaryDirectory(dir=output) as folder:  # what is not calibrated is not finished
            draft = Path(folder) / path.name
            write_model_file(draft, self.network, self._info)
            predictor = StereoPredictor.load(str(draft), runtime='torch').without_limits()

        def predict(sample: StereoSample) -> Prediction:
            assert sample.right is not None
            assert sample.rig is not None
            return predictor(sample.left, sample.right, sample.rig)

        fitted = calibrated_temperature(predict, validation, self._info.max_depth)
        temperature = 1.0 if fitted is None else fitted
        write_model_file(path, self.network, replace(self._info, temperature=temperature))
        return path


def _check_pairs(batch: Batch) -> None:
    for name, baseline in zip(batch.names, batch.baseline_m.tolist(), strict=True):
        if not baseline > 0:
            raise InputError(f'{name}: has no right image, which a stereo teacher needs')


def _teacher_info(config: TrainingConfig) -> TeacherInfo:
    model, stereo = config.model, config.stereo
    if stereo.max_disparity_px <= 0 or stereo.max_disparity_px % 16:
        raise InputError(
            f'stereo.max_disparity_px is {stereo.max_disparity_px}: must be a multiple of 16'
        )
    if stereo.groups <= 0 or DESCRIPTOR_CHANNELS % stereo.groups:
        raise InputError(f'stereo.groups is {stereo.groups}: must divide {DESCRIPTOR_CHANNELS}')
    if model.initial:
        raise InputError('model.initial is for students: a teacher starts anew')
    if config.augmentation.cut_flip:
        raise InputError('augmentation.cut_flip is for students: a teacher matches along the rows')
    return TeacherInfo(
        preset=model.preset,
        canonical_focal=model.canonical_focal,
        fusion=stereo.fusion,
        max_disparity_px=stereo.max_disparity_px,
        groups=stereo.groups,
        refined=stereo.refined,
        pixels=config.data.pixels,
        max_depth=model.max_depth,
        licence=model.licence,
        description=model.description,
    )
