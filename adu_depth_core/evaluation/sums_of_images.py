# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The sums that an evaluation keeps: one vector, and names for its parts."""

import math

import numpy as np
from numpy.typing import NDArray

from adu_depth_core.evaluation.bands import ROW_BANDS, distance_edges
from adu_depth_core.evaluation.error_sums import ErrorSums
from adu_depth_core.evaluation.protocols import Protocol
from adu_depth_core.evaluation.sparsification import FIGURES
from adu_depth_core.evaluation.sparsification_sums import INTERVALS
from adu_depth_core.evaluation.uncertainty import LEVELS


class SumsOfImages:
    """
    Everything that is summed over images under a protocol.

    Attributes
    ----------
    vector : (D,) float64
        All sums, zero at first. Those of two sets of images can be added. The attributes below
        are views into it; `[0]` along a first axis of two is a sum, `[1]` of how many images.
    images, without_truth : (1,)
        Images scored, and those of which no pixel counts.
    figures : (2, F)
        Figures of each image.
    errors, uncertainty : (G, 12) and (G, 13)
        `error_sums` and `uncertainty_sums` of each band of distance.
    areas : (2, 2, 3, G + 1)
        AUSE and AURG of `sparsification.FIGURES`, of each band and of whole images.
    curves : (2, 3, 51)
        Sparsification of whole images and its oracle; divide by `areas[1, 0, 0, -1]`.
    rows : (16, 3)
        Pixels, relative errors and differences of each band of rows.
    bins : (K, 2)
        See `DistanceBins`.

    """

    def __init__(self, protocol: Protocol) -> None:
        bands = len(distance_edges(protocol.max_depth)) - 1
        shapes = {
            'images': (1,),
            'without_truth': (1,),
            'figures': (2, len(image_figures(protocol))),
            'errors': (bands, len(ErrorSums._fields)),
            'uncertainty': (bands, 3 + len(LEVELS)),
            'areas': (2, 2, len(FIGURES), bands + 1),
            'curves': (2, len(FIGURES), INTERVALS + 1),
            'rows': (ROW_BANDS, 3),
            'bins': (len(protocol.bins.centres_m) if protocol.bins else 0, 2),
        }
        self.vector = np.zeros(sum(map(math.prod, shapes.values())))
        views: dict[str, NDArray[np.float64]] = {}
        start = 0
        for name, shape in shapes.items():
            end = start + math.prod(shape)
            views[name] = self.vector[start:end].reshape(shape)
            start = end
        self.images, self.without_truth = views['images'], views['without_truth']
        self.figures, self.errors = views['figures'], views['errors']
        self.uncertainty, self.areas = views['uncertainty'], views['areas']
        self.curves, self.rows, self.bins = views['curves'], views['rows'], views['bins']


def image_figures(protocol: Protocol) -> tuple[str, ...]:
    """Return the names of the figures that are computed per image and then averaged."""
    of_errors = protocol.figures if protocol.averaging == 'images' else ()
    return of_errors if protocol.clamps_unknown else (*of_errors, 'density')
