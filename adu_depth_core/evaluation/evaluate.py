# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Score a predictor on a data set under a named protocol."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from adu_depth_core.data.sample import StereoDataset, StereoSample
from adu_depth_core.errors import InputError
from adu_depth_core.evaluation.metrics import mean_over_images
from adu_depth_core.evaluation.protocols import Protocol
from adu_depth_core.evaluation.uncertainty import coverage_error, normalised_errors
from adu_depth_core.inference.predictor import Prediction, Predictor


@dataclass
class Score:
    """
    Sums of an evaluation.

    Attributes
    ----------
    errors : list of dict
        One row of figures an image.
    normalised : list of (N,) arrays
        |e| / b of the pixels that count, an array an image.
    without_truth : int
        Images that were read but of which no pixel counts.

    """

    errors: list[dict[str, float]] = field(default_factory=list)
    normalised: list[NDArray[np.float64]] = field(default_factory=list)
    without_truth: int = 0

    def add(
        self, protocol: Protocol, prediction: Prediction, truth_m: NDArray[np.float32]
    ) -> None:
        """Add one image."""
        errors = protocol.errors(prediction.depth_m, truth_m)
        if errors is None:
            self.without_truth += 1
            return
        counted = np.where(protocol.mask(truth_m), truth_m, np.nan)
        self.errors.append(errors)
        self.normalised.append(
            normalised_errors(
                prediction.depth_m, prediction.std_m, counted, max_depth=protocol.max_depth
            )
        )

    def figures(self) -> dict[str, float]:
        """Return means over images, and the coverage error pooled over pixels."""
        pooled = np.concatenate(self.normalised)
        return {**mean_over_images(self.errors), 'coverage_error': coverage_error(pooled)}


def evaluate(
    predictor: Predictor, dataset: StereoDataset, protocol: Protocol
) -> dict[str, object]:
    """
    Score every sample of a data set that has truth.

    Returns
    -------
    dict
        `protocol`, `images` (scored), `missing` (asked for, but without image, truth, or any
        pixel that counts), and the figures of the protocol.

    Raises
    ------
    InputError
        When no image could be scored.

    """
    unlimited = predictor.without_limits()
    return scored(dataset, protocol, lambda sample: unlimited(sample.left, sample.camera))


def scored(
    dataset: StereoDataset, protocol: Protocol, predict: Callable[[StereoSample], Prediction]
) -> dict[str, object]:
    """Score any function from sample to prediction; see `evaluate`."""
    score = Score()
    for index in tqdm(range(len(dataset)), desc=protocol.name, unit='image'):
        sample = dataset[index]
        if sample.depth_m is None:
            score.without_truth += 1
        else:
            score.add(protocol, predict(sample), sample.depth_m)
    if not score.errors:
        raise InputError(f'none of {len(dataset)} images has truth that {protocol.name} counts')
    missing = len(dataset.missing.frames()) + score.without_truth
    return {
        'protocol': protocol.name,
        'images': len(score.errors),
        'missing': missing,
        **score.figures(),
    }
