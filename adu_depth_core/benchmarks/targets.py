# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What was wanted, and whether it was found."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from adu_depth_core.benchmarks.tables import Table


@dataclass(frozen=True)
class Target:
    """
    A bound on one figure.

    Attributes
    ----------
    what : str
        With the unit.
    found : float, optional
        None or NaN where it was not measured, which is no success.
    bound : float
        The largest, or with `kind` 'at least' the smallest, that is good.
    kind : str

    """

    what: str
    found: float | None
    bound: float
    kind: Literal['at most', 'at least'] = 'at most'

    @property
    def met(self) -> bool:
        """Whether what was found is good."""
        if self.found is None:
            return False
        return self.found <= self.bound if self.kind == 'at most' else self.found >= self.bound


def targets_table(targets: Sequence[Target]) -> Table:
    """Return all targets as one table."""
    sign = {'at most': '≤', 'at least': '≥'}
    return Table(
        'Targets',
        '',
        ('what', 'wanted', 'found', ''),
        [
            (t.what, f'{sign[t.kind]} {t.bound:.3g}', t.found, 'met' if t.met else '**missed**')
            for t in targets
        ],
    )
