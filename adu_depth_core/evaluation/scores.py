# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Scores of predictions under a protocol: every figure, with bounded memory."""

import math
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adu_depth_core.evaluation.image_sums import (
    ROW_BANDS,
    ImageSums,
    distance_edges,
    image_figures,
    score_image,
)
from adu_depth_core.evaluation.metrics import figures_of_sums
from adu_depth_core.evaluation.protocols import Protocol
from adu_depth_core.evaluation.sparsification import FIGURES, REMOVED
from adu_depth_core.evaluation.uncertainty import LEVELS, uncertainty_figures

Values = NDArray[np.floating]
BAND_FIGURES = 'abs_rel', 'rmse', 'bias'


class Scores:
    """
    Sums up images, and tells the figures of all of them.

    Parameters
    ----------
    protocol : Protocol
        What counts, and what is told.

    Attributes
    ----------
    sums : ImageSums
        Those of several `Scores` of one protocol can be added.

    """

    def __init__(self, protocol: Protocol) -> None:
        self.protocol = protocol
        self.sums = ImageSums(protocol)

    @property
    def images(self) -> int:
        """Images that were scored."""
        return int(self.sums.images[0])

    @property
    def without_truth(self) -> int:
        """Images of which no pixel counts."""
        return int(self.sums.without_truth[0])

    def add(self, depth_m: Values, std_m: Values, truth_m: Values) -> dict[str, float] | None:
        """
        Add one image.

        Parameters
        ----------
        depth_m, std_m, truth_m : (H, W) float
            Metres, NaN = unknown; a std that is unknown everywhere leaves out the figures of
            uncertainty.

        Returns
        -------
        dict, optional
            The figures of this image, and its `abs_rel` whatever the protocol; None where no
            pixel of the truth counts.

        Raises
        ------
        InputError
            When the sizes differ or the image is too small for the protocol.

        """
        alone = Scores(self.protocol)
        score_image(alone.sums, self.protocol, depth_m, std_m, truth_m)
        self.sums.vector += alone.sums.vector
        return {**alone._errors(('abs_rel',)), **alone.figures()} if alone.images else None

    def add_without_truth(self) -> None:
        """Count an image that has no truth at all."""
        self.sums.without_truth += 1

    def figures(self) -> dict[str, float]:
        """
        Return all figures, NaN where there is nothing to tell them from.

        Errors as the protocol averages them; `nll`, `coverage_error` and `sharpness` over all
        pixels at once; AUSE and AURG per image, then averaged.
        """
        protocol, sums = self.protocol, self.sums
        means = _ratios(*sums.figures)
        return {
            **(self._errors(protocol.figures) if protocol.averaging == 'pixels' else {}),
            **dict(zip(image_figures(protocol), means.tolist(), strict=True)),
            **(protocol.bins.figures(sums.bins) if protocol.bins else {}),
            **uncertainty_figures(sums.uncertainty.sum(axis=0)),
            **_areas(sums.areas[..., -1]),
        }

    def result(self) -> dict[str, Any]:
        """Return everything as JSON types, None where a figure is unknown."""
        uncertainty = self.sums.uncertainty.sum(axis=0)
        found: dict[str, Any] = {
            'protocol': self.protocol.label,
            'images': self.images,
            'without_truth': self.without_truth,
            'pixels': int(self.sums.errors[:, 0].sum()),
            'figures': self.figures(),
            'by_distance': self._by_distance(),
            'by_row': self._by_row(),
        }
        if self.protocol.bins:
            found['relative_difference'] = self._bins()
        if uncertainty[0]:
            found['coverage'] = {'levels': list(LEVELS), 'observed': _coverage(uncertainty)}
            found['sparsification'] = self._sparsification()
        result: dict[str, Any] = finite_or_none(found)
        return result

    def _errors(self, names: Sequence[str]) -> dict[str, float]:
        return figures_of_sums(self.sums.errors.sum(axis=0), names)

    def _by_distance(self) -> list[dict[str, Any]]:
        edges = distance_edges(self.protocol.max_depth)
        return [
            {
                'from_m': low,
                'to_m': high,
                'pixels': int(self.sums.errors[band, 0]),
                **figures_of_sums(self.sums.errors[band], BAND_FIGURES),
                **uncertainty_figures(self.sums.uncertainty[band]),
                'coverage': _coverage(self.sums.uncertainty[band]),
                **_areas(self.sums.areas[..., band]),
            }
            for band, (low, high) in enumerate(pairwise(edges))
        ]

    def _by_row(self) -> list[dict[str, Any]]:
        return [
            {
                'from': band / ROW_BANDS,
                'to': (band + 1) / ROW_BANDS,
                'pixels': int(pixels),
                'abs_rel': relative / pixels if pixels else math.nan,
                'bias': bias / pixels if pixels else math.nan,
            }
            for band, (pixels, relative, bias) in enumerate(self.sums.rows.tolist())
        ]

    def _bins(self) -> dict[str, Any]:
        bins = self.protocol.bins
        assert bins is not None
        return {
            'radius_m': bins.radius_m,
            'step_m': bins.step_m,
            'centres_m': bins.centres_m.tolist(),
            'pixels': self.sums.bins[:, 1].astype(int).tolist(),
        }

    def _sparsification(self) -> dict[str, Any]:
        images = self.sums.areas[1, 0, 0, -1]
        curves, oracles = (self.sums.curves / images).tolist()
        found = zip(FIGURES, curves, oracles, strict=True)
        lines: dict[str, Any] = {'removed': REMOVED.tolist()}
        for name, curve, oracle in found:
            lines[name] = {'curve': curve, 'oracle': oracle}
        return lines


def _areas(areas: Values) -> dict[str, float]:
    """Name the means of (2, 2, 3) sums and numbers of AUSE and AURG."""
    means = _ratios(*areas)
    return {
        f'{kind}_{figure}': float(means[i, j])
        for j, figure in enumerate(FIGURES)
        for i, kind in enumerate(('ause', 'aurg'))
    }


def _coverage(uncertainty: Values) -> list[float]:
    return _ratios(uncertainty[3:], np.broadcast_to(uncertainty[0], len(LEVELS))).tolist()


def _ratios(sums: Values, counts: Values) -> Values:
    """Divide; NaN where nothing was counted."""
    return np.divide(sums, counts, out=np.full(sums.shape, np.nan), where=counts > 0)


def finite_or_none(value: Any) -> Any:
    """Replace what is not a finite number by None, which JSON knows."""
    if isinstance(value, Mapping):
        return {name: finite_or_none(item) for name, item in value.items()}
    if isinstance(value, Iterable) and not isinstance(value, str):
        return [finite_or_none(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
