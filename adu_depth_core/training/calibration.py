# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Fits the one temperature of a finished network on validation samples."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from tqdm import tqdm

from adu_depth_core.evaluation.uncertainty import fit_temperature, normalised_errors
from adu_depth_core.inference.predictor import Prediction
from adu_depth_core.samples.sample import StereoDataset, StereoSample

CALIBRATION_PIXELS = 2000


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
