# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Many durations of one thing in a few figures."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

import numpy as np

PERCENTILES = (50, 95, 99)

Visit = TypeVar('Visit')


def percentiles_ms(seconds: Sequence[float]) -> dict[str, float | None]:
    """Return p50, p95 and p99 in milliseconds; None where there is nothing."""
    if not len(seconds):
        return {f'p{share}_ms': None for share in PERCENTILES}
    values = np.percentile(np.asarray(seconds) * 1e3, PERCENTILES)
    return {
        f'p{share}_ms': round(float(value), 3)
        for share, value in zip(PERCENTILES, values, strict=True)
    }


def spread_ms(rounds: Sequence[Sequence[float]]) -> dict[str, float | int | None]:
    """
    Return percentiles, and the least and largest median of a round.

    p50 is the median of the medians: a slow round has fewer runs in its time, and counts as much.
    The other percentiles are over all runs. The last two tell whether the machine was as fast at
    the end as at the beginning.
    """
    medians = [1e3 * float(np.median(visit)) for visit in rounds if len(visit)]
    everything = [second for visit in rounds for second in visit]
    if not medians:
        return {**percentiles_ms([]), 'least_p50_ms': None, 'largest_p50_ms': None, 'count': 0}
    return {
        **percentiles_ms(everything),
        'p50_ms': round(float(np.median(medians)), 3),
        'least_p50_ms': round(min(medians), 3),
        'largest_p50_ms': round(max(medians), 3),
        'count': len(everything),
    }


def interleaved(
    contenders: Mapping[str, Callable[[], Visit]], rounds: int
) -> dict[str, list[Visit]]:
    """Visit A B C, A B C …: what changes on the machine meanwhile changes for all of them."""
    visits: dict[str, list[Visit]] = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, visit in contenders.items():
            visits[name].append(visit())
    return visits
