# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""On validation data: the error that a training watches, and the one temperature at its end."""

import math
from collections.abc import Callable, Iterator, Sequence

import numpy as np
from torch import Tensor, nn
from torchmetrics import MeanMetric
from tqdm import tqdm

from adu_depth_core.evaluation.metrics import depth_errors
from adu_depth_core.evaluation.uncertainty import fit_temperature, normalised_errors
from adu_depth_core.inference.predictor import Prediction
from adu_depth_core.models.head import LogDepth
from adu_depth_core.models.metric_depth import metric
from adu_depth_core.samples.sample import StereoDataset, StereoSample
from adu_depth_core.training.batch import Batch
from adu_depth_core.training.config import ModelConfig

CALIBRATION_PIXELS = 2000


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


def calibrated_temperature(
    predict: Callable[[StereoSample], Prediction],
    validation: Sequence[StereoDataset],
    max_depth: float,
) -> float | None:
    """
    Fit the temperature of predictions made with 1; None without any truth up to `max_depth` m.

    Each image gives the same number of pixels, so that dense truth does not outvote sparse truth.
    """
    rng = np.random.default_rng(0)
    errors = []
    for source, index in tqdm(list(_places(validation)), desc='calibrating', unit='image'):
        frame = source[index]
        if frame.depth_m is not None:
            prediction = predict(frame)
            found = normalised_errors(
                prediction.depth_m, prediction.std_m, frame.depth_m, max_depth=max_depth
            )
            errors.append(rng.permutation(found)[:CALIBRATION_PIXELS])
    errors = [found for found in errors if len(found)]
    return fit_temperature(np.concatenate(errors)) if errors else None


def _places(sources: Sequence[StereoDataset]) -> Iterator[tuple[StereoDataset, int]]:
    return ((source, index) for source in sources for index in range(len(source)))
