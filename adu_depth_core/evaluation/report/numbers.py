# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Numbers for people: few digits, a unit, and `unknown` for what is not known."""

import math
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

UNKNOWN = 'unknown'


def number(value: object) -> float:
    """Return a float; NaN for None and everything else that is no number."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return float(value)
    return math.nan


def numbers(values: Iterable[object]) -> NDArray[np.float64]:
    """Return (N,) float64, NaN where a value is unknown."""
    return np.array([number(value) for value in values], np.float64)


def shown(value: object, decimals: int = 0, unit: str = '', *, factor: float = 1.0) -> str:
    """Return `value * factor` with so many decimals, thin spaces between thousands, and unit."""
    scaled = factor * number(value)
    if not math.isfinite(scaled):
        return UNKNOWN
    digits = f'{scaled:,.{decimals}f}'.replace(',', '\N{NARROW NO-BREAK SPACE}')
    digits = digits.replace('-', '\N{MINUS SIGN}')
    return f'{digits}\N{NO-BREAK SPACE}{unit}' if unit else digits


def text(value: object) -> str:
    """Return what to print for a value of any kind: `unknown` for None, NaN and ''."""
    if value is None or value == '' or (isinstance(value, float) and math.isnan(value)):
        return UNKNOWN
    if isinstance(value, float):
        return f'{value:.4g}'
    return str(value)
