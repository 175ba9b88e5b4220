# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The figure that a training watches; the protocols of the field come after it."""

import math

import numpy as np
from torch import Tensor, nn
from torchmetrics import MeanMetric

from adu_depth_core.evaluation.metrics import depth_errors
from adu_depth_core.models.head import LogDepth
from adu_depth_core.models.metric_depth import metric
from adu_depth_core.training.batch import Batch
from adu_depth_core.training.config import ModelConfig


class ValidationError(nn.Module):
    """Mean over images, and over processes, of the relative depth error at the network's size."""

    def __init__(self, model: ModelConfig) -> None:
        super().__init__()
        self._model = model
        self.mean = MeanMetric()

    def add(self, prediction: LogDepth, batch: Batch) -> dict[str, Tensor]:
        """Add the images of a batch that have truth; return `depth_m` and `std_m`."""
        depth, std = metric(prediction, batch.fx, self._model.canonical_focal, 1.0)
        for predicted, truth in zip(depth, batch.depth_m[:, 0], strict=True):
            errors = depth_errors(
                predicted.cpu().numpy().astype(np.float32),
                truth.cpu().numpy(),
                max_depth=self._model.max_depth,
            )
            if not math.isnan(errors['abs_rel']):
                self.mean.update(errors['abs_rel'])
        return {'depth_m': depth, 'std_m': std}
