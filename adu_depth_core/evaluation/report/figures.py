# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The figures of an evaluation: how each is written and what it means, in few words."""

from typing import NamedTuple

from adu_depth_core.evaluation.report.numbers import shown

LOWER, HIGHER, NEITHER = '↓', '↑', ''


class Figure(NamedTuple):
    """
    How to write a figure.

    Attributes
    ----------
    name : str
        As the field writes it.
    meaning : str
        A few words.
    better : str
        An arrow: whether lower or higher is better.
    decimals : int
        How many are printed.
    unit : str
        Behind the number.
    factor : float
        On the number: 100 for a share in percent.

    """

    name: str
    meaning: str
    better: str = LOWER
    decimals: int = 3
    unit: str = ''
    factor: float = 1.0

    def written(self, value: object) -> str:
        """Return the number with its unit, or `unknown`."""
        return shown(value, self.decimals, self.unit, factor=self.factor)


ACCURACY = {
    'abs_rel': Figure('abs_rel', 'mean of |error| / true depth'),
    'sq_rel': Figure('sq_rel', 'mean of error² / true depth', decimals=2, unit='m'),
    'rmse': Figure('rmse', 'root of the mean squared error', decimals=2, unit='m'),
    'rmse_log': Figure('rmse_log', 'rmse of the logarithm of depth'),
    'bias': Figure('bias', 'mean of prediction − truth', NEITHER, 2, 'm'),
    'd1': Figure('δ₁', 'share of pixels within a factor of 1.25', HIGHER),
    'd2': Figure('δ₂', 'share within 1.25²', HIGHER),
    'd3': Figure('δ₃', 'share within 1.25³', HIGHER),
    'silog': Figure('SILog', 'scale-invariant error of the logarithm, × 100', decimals=2),
    'sq_error_rel': Figure('sqErrorRel', 'mean of (error / true depth)²', LOWER, 2, '%'),
    'abs_error_rel': Figure('absErrorRel', 'mean of |error| / true depth', LOWER, 2, '%'),
    'irmse': Figure('iRMSE', 'rmse of the inverse of depth', LOWER, 2, '1/km'),
    'gd': Figure('GD', 'mean of ARD over the distances'),
    'density': Figure('density', 'share of true pixels that are predicted', HIGHER, 1, '%', 100),
}

UNCERTAINTY = {
    'nll': Figure('NLL', 'negative log-likelihood of the truth, Laplace in ln depth', decimals=2),
    'coverage_error': Figure(
        'coverage error', 'mean gap between promised and observed coverage; 0: honest'
    ),
    'sharpness': Figure('sharpness', 'mean scale b: the relative error that is expected'),
    'ause_abs_rel': Figure(
        'AUSE abs_rel', 'distance of the ranking by uncertainty from that by error; 0: the same'
    ),
    'aurg_abs_rel': Figure('AURG abs_rel', 'gain over a random ranking; below 0: worse', HIGHER),
    'ause_rmse': Figure('AUSE rmse', 'as AUSE abs_rel, of rmse', LOWER, 2, 'm'),
    'aurg_rmse': Figure('AURG rmse', 'as AURG abs_rel, of rmse', HIGHER, 2, 'm'),
    'ause_d1': Figure('AUSE δ₁', 'as AUSE abs_rel, of 1 − δ₁'),
    'aurg_d1': Figure('AURG δ₁', 'as AURG abs_rel, of 1 − δ₁', HIGHER),
}


def described(key: str) -> Figure:
    """Return the figure of a key; one that is not described here goes by its key."""
    if key.startswith('ard_'):
        return Figure(f'ARD {key[4:]}', 'mean |difference of disparity| / disparity there')
    return {**ACCURACY, **UNCERTAINTY}.get(key) or Figure(key, '', NEITHER)
