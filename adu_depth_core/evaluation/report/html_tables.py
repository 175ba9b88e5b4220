# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Tables of the page."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from adu_depth_core.evaluation.report.markup import Markup, element, joined
from adu_depth_core.evaluation.report.numbers import text


def table(rows: Iterable[Sequence[object]], head: Sequence[object] = (), **kind: str) -> Markup:
    """Write rows whose first cell names them; a table too wide for the screen scrolls alone."""
    top = element('tr', *(element('th', cell, scope='col') for cell in head)) if head else ''
    return element('div', element('table', top, *map(_row, rows), **kind), class_='scroll')


def facts(values: Mapping[str, object]) -> Markup:
    """Write names and values, `unknown` for None."""
    return table(((name, text(value)) for name, value in values.items()), class_='facts')


def promises_table(promises: Iterable[Mapping[str, Any]]) -> Markup:
    """Write what was promised and measured: keys `what`, `limit`, `value`, `kept`."""
    rows = (
        (*(text(promise.get(key)) for key in ('what', 'limit', 'value')), _mark(promise))
        for promise in promises
    )
    return table(rows, ('promised', 'bound', 'measured', ''))


def unusable_table(counts: Mapping[str, int]) -> Markup:
    """Write how many messages could not be used for which reason, the most frequent first."""
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return table(ranked, ('reason', 'messages'), class_='reasons')


def _row(cells: Sequence[object]) -> Markup:
    first, *others = cells
    return element('tr', element('th', first, scope='row'), *(element('td', c) for c in others))


def _mark(promise: Mapping[str, Any]) -> Markup:
    if promise.get('kept'):
        return element('span', '✓ kept', class_='good')
    return element('span', '✗ missed', class_='bad')


def named(name: str, meaning: str) -> Markup:
    """Write a name with its meaning in small below."""
    return joined(name, element('small', meaning)) if meaning else joined(name)
