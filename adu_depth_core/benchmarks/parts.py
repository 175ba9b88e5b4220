# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
The parts of `adu-depth benchmark`: modules in the entry-point group `adu_depth.benchmarks`.

Each is a module with `SUMMARY`, `measure(options) -> dict` of what JSON can hold and
`tables(result) -> list[Table]`, which looks at nothing but the result, so that tables can be made
of what was measured on another machine.
"""

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, Protocol, cast

from adu_depth_core.benchmarks.tables import Table
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


def installed() -> dict[str, str]:
    """Return the modules of all parts by name."""
    found = {entry.name: entry.module for entry in entry_points(group=GROUP)}
    return dict(sorted(found.items()))


def find_part(name: str, modules: Mapping[str, str]) -> Part:
    """Import a part; `InputError` names those there are."""
    if name not in modules:
        raise InputError(f'no benchmark "{name}"; there are {", ".join(modules)}')
    return cast(Part, importlib.import_module(modules[name]))
