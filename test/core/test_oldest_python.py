# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What the oldest Python that we support, 3.10, refuses, and neither ruff nor mypy speak of."""

import ast
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
FILES = [
    p for name in ('adu_depth_core', 'adu_depth_ros') for p in (REPOSITORY / name).rglob('*.py')
]


def named_tuples_with_other_bases(source: str) -> list[str]:
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ClassDef):
            bases = [ast.unparse(base) for base in node.bases]
            if 'NamedTuple' in bases and len(bases) > 1:
                found.append(node.name)
    return found


def test_generic_named_tuple_is_found() -> None:
    source = 'class A(NamedTuple): x: int\nclass B(NamedTuple, Generic[Item]): x: Item'
    assert named_tuples_with_other_bases(source) == ['B']


@pytest.mark.parametrize('file', FILES, ids=lambda file: str(file.relative_to(REPOSITORY)))
def test_named_tuples_have_no_other_base(file: Path) -> None:
    assert named_tuples_with_other_bases(file.read_text(encoding='utf-8')) == []
