# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Results as markdown."""

from collections.abc import Sequence
from dataclasses import dataclass

Cell = str | float | int | None


@dataclass(frozen=True)
class Table:
    """
    One table.

    Attributes
    ----------
    title, note : str
        Above it: what it shows, and how that was measured.
    header : sequence of str
        Names of the columns, with units.
    rows : sequence of sequences
        Text, or numbers that are rounded to three figures, or None or NaN for what is not known.

    """

    title: str
    note: str
    header: Sequence[str]
    rows: Sequence[Sequence[Cell]]

    def markdown(self) -> str:
        """Return the table with its title; columns of numbers stand to the right."""
        ruler = '|'.join(
            '---:' if self._is_numeric(column) else '---' for column in range(len(self.header))
        )
        lines = [f'| {" | ".join(map(cell, row))} |' for row in (self.header, *self.rows)]
        note = [self.note, ''] if self.note else []
        return '\n'.join([f'### {self.title}', '', *note, lines[0], f'|{ruler}|', *lines[1:]])

    def _is_numeric(self, column: int) -> bool:
        return bool(self.rows) and not any(isinstance(row[column], str) for row in self.rows)


def cell(value: Cell) -> str:
    """Return a value as text: numbers with three figures, whole ones in full, NaN as unknown."""
    if value is None or value != value:
        return '–'
    if isinstance(value, str):
        return value.replace('|', '\\|')
    if isinstance(value, int):
        return str(value)
    if value == 0 or abs(value) >= 100:
        return f'{value:.0f}'
    return f'{value:.2f}' if abs(value) < 10 else f'{value:.1f}'
