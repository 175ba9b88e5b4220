# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""HTML by construction: whatever is not markup already is escaped on its way into the page."""

import re
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

from adu_depth_core.evaluation.report.numbers import text

VOID = ('img', 'meta')
# Controls, and what turns the direction of writing or cannot be seen; HTML knows none of them.
UNSEEN = re.compile('[\0-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]')


class Markup(str):
    """Text that is HTML already."""

    __slots__ = ()


def element(tag: str, *contents: object, **attributes: object) -> Markup:
    """
    Write one element.

    Parameters
    ----------
    tag : str
        Its name.
    *contents : Markup or anything
        What is inside; all but `Markup` is escaped.
    **attributes : anything
        `class_` stands for `class`, `aria_label` for `aria-label`.

    """
    written = ''.join(
        f' {name.rstrip("_").replace("_", "-")}="{_escaped(value)}"'
        for name, value in attributes.items()
    )
    opening = f'<{tag}{written}>'
    return Markup(opening if tag in VOID else f'{opening}{joined(*contents)}</{tag}>')


def joined(*contents: object) -> Markup:
    """Write contents one after the other; all but `Markup` is escaped."""
    return Markup(''.join(c if isinstance(c, Markup) else _escaped(c) for c in contents))


def _escaped(value: object) -> str:
    # Names of files may hold bytes that are no UTF-8, which Python keeps as lone surrogates.
    text = str(value).encode('utf-8', 'replace').decode()
    return escape(UNSEEN.sub(_spelled_out, text))


def _spelled_out(character: re.Match[str]) -> str:
    return character[0].encode('unicode_escape').decode()


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
