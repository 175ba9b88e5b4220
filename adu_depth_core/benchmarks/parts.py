# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
The parts of `adu-depth benchmark`: modules in the entry-point group `adu_depth.benchmarks`.

Each is a module with `SUMMARY`, `measure(options) -> dict` of what JSON can hold,
`tables(result) -> list[Table]` and `targets(result) -> list[Target]`. The last two look at nothing
but the result, so that tables can be made of what was measured on another machine.
"""

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, Protocol, cast

from adu_depth_core.benchmarks.tables import Table
from adu_depth_core.benchmarks.targets import Target
from adu_depth_core.errors import InputError

GROUP = 'adu_depth.benchmarks'

Result = dict[str, Any]


@dataclass(frozen=True)
class Options:
    """
    What a part is asked for.

    Attributes
    ----------
    folder : Path
        For files that nobody wants afterwards.
    cores : int
        CPU cores that all processes together may use.
    quick : bool
        Only show that everything runs: short, few rows, figures worth nothing.
    minutes : float, optional
        Watch the memory of the node for so long, and measure nothing else of it.

    """

    folder: Path
    cores: int
    quick: bool = False
    minutes: float | None = None


class Part(Protocol):
    """A module that measures one thing."""

    SUMMARY: str

    def measure(self, options: Options) -> Result:
        """Measure; `InputError` when that is impossible here."""

    def tables(self, result: Result) -> list[Table]:
        """Return what `measure` gave, for people."""

    def targets(self, result: Result) -> list[Target]:
        """Return what was wanted, and what was found."""


def names() -> list[str]:
    """Return the names of all parts."""
    return sorted(entry.name for entry in entry_points(group=GROUP))


def find_part(name: str) -> Part:
    """Import a part; `InputError` names those there are."""
    for entry in entry_points(group=GROUP):
        if entry.name == name:
            return cast(Part, importlib.import_module(entry.module))
    raise InputError(f'no benchmark "{name}"; there are {", ".join(names())}')


def all_tables(results: Mapping[str, Result]) -> list[Table]:
    """Return the tables of the results of parts, by their names."""
    return [table for name, result in results.items() for table in find_part(name).tables(result)]


def all_targets(results: Mapping[str, Result]) -> list[Target]:
    """Return the targets of the results of parts, by their names."""
    return [
        target for name, result in results.items() for target in find_part(name).targets(result)
    ]
