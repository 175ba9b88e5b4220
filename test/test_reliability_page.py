# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The page about reliability names tests: they are there."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = ROOT / 'docs' / 'reliability.md'
NAMED = re.compile(r'`(test/[\w/]+\.py)::(test_\w+)`')


def functions_of(path: Path) -> set[str]:
    tree = ast.parse(path.read_text())
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_every_test_that_the_page_names_is_there() -> None:
    named = NAMED.findall(PAGE.read_text())
    assert len(named) > 50
    known = {path: functions_of(ROOT / path) for path, _ in named if (ROOT / path).is_file()}
    absent = [f'{path}::{name}' for path, name in named if name not in known.get(path, ())]
    assert absent == []


def test_every_fault_has_a_test_or_says_that_it_has_none() -> None:
    rows = [line for line in PAGE.read_text().splitlines() if line.count('|') == 4]
    faults = [row for row in rows if not row.startswith(('| Fault', '| ---'))]
    assert [row for row in faults if '::test_' not in row and 'no test' not in row] == []
