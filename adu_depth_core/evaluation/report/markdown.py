# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""As much Markdown as a model card needs: headings, tables, lists, code, paragraphs."""

import re
from collections.abc import Iterator, Sequence
from itertools import groupby

from adu_depth_core.evaluation.report.markup import Markup, element, joined, table

FENCE = re.compile(r'^```.*\n?', re.MULTILINE)
CONTINUED = re.compile(r'\n {2,}(?=[^\s-])')
SPAN = re.compile(r'`([^`]+)`|\*\*(.+?)\*\*')
BEGINNINGS = {'#': 'heading', '|': 'table', '-': 'list', '*': 'list'}
LEVELS_ABOVE = 2  # the page itself has h1 and h2


def card_html(markdown: str) -> Markup:
    """Write a model card; what is not understood is shown as it is, escaped."""
    parts = FENCE.split(markdown)
    return joined(
        *(
            element('pre', part.rstrip()) if number % 2 else joined(*_prose(part))
            for number, part in enumerate(parts)
        )
    )


def _prose(part: str) -> Iterator[Markup]:
    lines = CONTINUED.sub(' ', part).splitlines()
    for kind, group in groupby(map(str.strip, lines), _kind):
        same = list(group)
        if kind == 'heading':
            yield from map(_heading, same)
        elif kind == 'table':
            yield _table(same)
        elif kind == 'list':
            yield element('ul', *(element('li', _spans(line[1:].strip())) for line in same))
        elif kind == 'text':
            yield element('p', _spans(' '.join(same)))


def _kind(line: str) -> str:
    if not line:
        return 'blank'
    marked = re.match(r'#{1,6} |\||[-*] ', line)
    return BEGINNINGS[line[0]] if marked else 'text'


def _heading(line: str) -> Markup:
    marks, _, words = line.partition(' ')
    return element(f'h{min(len(marks) + LEVELS_ABOVE, 6)}', _spans(words))


def _table(lines: Sequence[str]) -> Markup:
    rows = [[_spans(cell.strip()) for cell in line.strip('|').split('|')] for line in lines]
    has_head = len(lines) > 1 and set(lines[1]) <= set('|-: ')
    if not has_head:
        return table(rows)
    return table(rows[2:], rows[0] if any(rows[0]) else ())


def _spans(line: str) -> Markup:
    """Write `code` and **bold** of a line."""
    pieces: list[object] = []
    end = 0
    for found in SPAN.finditer(line):
        pieces.append(line[end : found.start()])
        pieces.append(element('code', found[1]) if found[1] else element('strong', found[2]))
        end = found.end()
    return joined(*pieces, line[end:])
