# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What the oldest Python and NumPy that we support refuse, and neither ruff nor mypy speak of."""

import ast
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
FILES = [
    p for name in ('adu_depth_core', 'adu_depth_ros') for p in (REPOSITORY / name).rglob('*.py')
]

SUBSCRIPTED_LATER = {
    f'np.{name}'
    for name in ('complexfloating', 'dtype', 'floating', 'integer', 'ndarray', 'number')
}


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


def subscripted_numpy_types(source: str) -> list[str]:
    """Return what NumPy 1.21 cannot subscript, outside quotes; its `NDArray` can be."""
    return [
        ast.unparse(node)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Subscript) and ast.unparse(node.value) in SUBSCRIPTED_LATER
    ]


def test_numpy_type_that_is_subscripted_is_found() -> None:
    source = "a: NDArray[np.floating[Any]]\nb: 'np.dtype[np.void]'\nc: NDArray[np.generic]"
    assert subscripted_numpy_types(source) == ['np.floating[Any]']


@pytest.mark.parametrize('file', FILES, ids=lambda file: str(file.relative_to(REPOSITORY)))
def test_no_numpy_type_is_subscripted(file: Path) -> None:
    assert subscripted_numpy_types(file.read_text(encoding='utf-8')) == []


@pytest.mark.parametrize('file', FILES, ids=lambda file: str(file.relative_to(REPOSITORY)))
def test_named_tuples_have_no_other_base(file: Path) -> None:
    assert named_tuples_with_other_bases(file.read_text(encoding='utf-8')) == []
