# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
What every property here says: what is read keeps its promises, or is refused by InputError.

The fixture `cases`, which counts both, is that of test/conftest.py, as others ask it, too.
`pytest --hypothesis-profile=many test/core/properties` tries as many cases as benchmark/fuzz.py.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import strategies as st

# A few: all of Unicode takes a second to list.
LETTERS = 'aZ09é٣ -_/.:~[]{}\n\0\x1b'
ODD_NUMBERS = [0, -1, 2**31, 2**63, 10**40, -(10**40), 0.5, -0.0, 1e308, 1e-320]
ODD_WORDS = [
    '',
    ' ',
    'nan',
    'inf',
    '-inf',
    '1e999',
    '0x10',
    '٣',
    '½',
    '9' * 5000,
    'a\nb',
    '\0',
    '../x',
]
ODD_VALUES: list[Any] = [None, True, [], {}, float('nan'), float('inf'), *ODD_NUMBERS, *ODD_WORDS]


@pytest.fixture(scope='session')
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for all examples of all properties: tmp_path would be one for a whole test."""
    return tmp_path_factory.mktemp('properties')


@pytest.fixture(scope='session')
def spoilt() -> Callable[[bytes], st.SearchStrategy[bytes]]:
    """Return a function that gives bytes near to the given ones: cut, changed or longer."""

    def near(whole: bytes) -> st.SearchStrategy[bytes]:
        changed = st.builds(edited, st.just(whole), edits(len(whole))) | st.binary(max_size=64)
        return changed | reworded(whole.decode()) if whole.isascii() else changed

    return near


def reworded(text: str) -> st.SearchStrategy[bytes]:
    """Return the text with one of its words replaced: a number by another, or by none."""
    words = text.split(' ')
    word = st.sampled_from([*map(str, ODD_NUMBERS), *ODD_WORDS])
    return st.builds(
        lambda at, new: ' '.join([*words[:at], new, *words[at + 1 :]]).encode(),
        st.integers(0, len(words) - 1),
        word,
    )


def edits(size: int) -> st.SearchStrategy[list[tuple[int, int, bytes]]]:
    """Return places, how many bytes go there, and what comes instead; 0 to 3 of them."""
    place, length = st.integers(0, size), st.sampled_from([0, 1, 1, 2, 4, 8, size])
    new = st.binary(max_size=8) | st.sampled_from(
        [b'\0' * 8, b'\xff' * 8, b'nan', b'-1', b'1e999']
    )
    return st.lists(st.tuples(place, length, new), max_size=3)


def edited(whole: bytes, places: list[tuple[int, int, bytes]]) -> bytes:
    for at, length, new in places:
        whole = whole[:at] + new + whole[at + length :]
    return whole


@pytest.fixture(scope='session')
def odd() -> Callable[[Any], st.SearchStrategy[Any]]:
    """Return a function that gives trees (of JSON or YAML) near to the given one."""
    return near_tree


def near_tree(tree: Any) -> st.SearchStrategy[Any]:
    value = st.sampled_from(ODD_VALUES)
    if isinstance(tree, dict) and tree:
        return value | st.sampled_from(sorted(tree)).flatmap(lambda key: _near_mapping(tree, key))
    if isinstance(tree, list) and tree:
        return value | st.integers(0, len(tree) - 1).flatmap(lambda at: _near_list(tree, at))
    return value | st.integers() | st.floats() | st.text(LETTERS, max_size=8)


def _near_mapping(tree: dict[str, Any], key: str) -> st.SearchStrategy[Any]:
    without = {name: value for name, value in tree.items() if name != key}
    changed = near_tree(tree[key]).map(lambda value: {**tree, key: value})
    return st.sampled_from([tree, without, {**tree, 'unknown': 1}]) | changed | changed


def _near_list(tree: list[Any], at: int) -> st.SearchStrategy[Any]:
    changed = near_tree(tree[at]).map(lambda value: [*tree[:at], value, *tree[at + 1 :]])
    return st.sampled_from([tree, tree[:at], tree + tree]) | changed | changed
