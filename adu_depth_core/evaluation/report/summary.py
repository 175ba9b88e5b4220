# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The figures of every sensor of truth, one column each."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from adu_depth_core.evaluation.report.figures import ACCURACY, UNCERTAINTY, described
from adu_depth_core.evaluation.report.markup import Markup, element, named, table
from adu_depth_core.evaluation.report.numbers import number, shown, text

Result = Mapping[str, Any]
BY_DISTANCE = ('abs_rel', 'rmse', 'bias', 'nll', 'coverage_error', 'sharpness', 'ause_abs_rel')


def summary_table(sensors: Mapping[str, Result], missing: int = 0) -> Markup:
    """
    Write what was compared, then the figures; a figure that no sensor has is left out.

    Parameters
    ----------
    sensors : mapping
        Name and result of each sensor of truth, at least one.
    missing : int
        Images of the data that were never read; they are missing for every sensor.

    """
    results = list(sensors.values())
    lacking = [number(result.get('without_truth')) + missing for result in results]
    rows = [
        ('protocol', *(text(result.get('protocol')) for result in results)),
        ('images used', *(shown(result.get('images')) for result in results)),
        (named('images missing', 'not there, or no pixel of truth counts'), *map(shown, lacking)),
        ('pixels compared', *(shown(result.get('pixels')) for result in results)),
        *_group('accuracy', ACCURACY, results),
        *_group('uncertainty', UNCERTAINTY, results),
        *_group('more', _others(results), results),
    ]
    head = ('', *sensors) if len(sensors) > 1 else ('', f'against {next(iter(sensors))}')
    return table(rows, head, class_='figures')


def distance_table(rows: Sequence[Mapping[str, Any]]) -> Markup:
    """Write the figures of every range of distance."""
    keys = [key for key in BY_DISTANCE if any(key in row for row in rows)]
    head = ('distance', 'pixels', *(described(key).name for key in keys))
    body = (
        (
            distance_range(row) + '\N{NO-BREAK SPACE}m',
            shown(row.get('pixels')),
            *(described(key).written(row.get(key)) for key in keys),
        )
        for row in rows
    )
    return table(body, head, class_='numbers')


def distance_range(row: Mapping[str, Any]) -> str:
    """Return `5–10`, or `> 80` for a range without end; metres."""
    first, last = number(row.get('from_m')), number(row.get('to_m'))
    if math.isfinite(last):
        return f'{first:g}–{last:g}'
    return f'>\N{NARROW NO-BREAK SPACE}{first:g}'


def _group(
    title: str, keys: Iterable[str], results: Sequence[Result]
) -> Iterable[Sequence[object]]:
    values = [result.get('figures') or {} for result in results]
    present = [key for key in keys if any(key in of_sensor for of_sensor in values)]
    if present:
        yield element('span', title, class_='group'), *('' for _ in values)
    for key in present:
        figure = described(key)
        name = f'{figure.name}\N{NO-BREAK SPACE}{figure.better}'.strip()
        cells = (figure.written(of_sensor.get(key)) for of_sensor in values)
        yield named(name, figure.meaning), *cells


def _others(results: Sequence[Result]) -> Iterable[str]:
    """Return the keys that only one protocol has, in their order."""
    keys = dict.fromkeys(key for result in results for key in result.get('figures') or {})
    return [key for key in keys if key not in ACCURACY and key not in UNCERTAINTY]
