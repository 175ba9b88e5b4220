# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""YAML from strangers: no tags that build objects, and no few lines that stand for billions."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml

from adu_depth_core.regular_files import read_text

LARGEST_NODES = 1_000_000


def read_yaml(path: Path) -> Any:
    """
    Read a YAML file.

    Raises
    ------
    InputError
        When it is no regular file, cannot be read, or is too large.
    yaml.YAMLError
        When it is not YAML, has a key twice, nests too deeply, or its aliases stand for too much.

    """
    return load_yaml(read_text(path))


def load_yaml(text: str) -> Any:
    """Load YAML as `yaml.safe_load` does; `yaml.YAMLError` also where that would not end."""
    loader = yaml.SafeLoader(text)
    try:
        root = loader.get_single_node()
        if root is None:
            return None
        if _size(root, {}) > LARGEST_NODES:
            raise yaml.YAMLError('aliases that stand for too much')
        _refuse_repeated_keys(root, set())
        return loader.construct_document(root)
    # What looks like a number, a date or a binary and is none, such as one of 5000 digits; of a
    # date PyYAML then asks nothing for its parts.
    except (ValueError, LookupError, OverflowError, AttributeError) as error:
        raise yaml.YAMLError(f'a value that cannot be read, {error}') from error
    except RecursionError as error:
        raise yaml.YAMLError('nested too deeply') from error
    finally:
        loader.dispose()


def _size(node: yaml.Node, known: dict[int, int]) -> int:
    """Count the nodes below one, those that an alias repeats as often as it does."""
    if id(node) not in known:
        known[id(node)] = LARGEST_NODES + 1  # while its own are counted: what holds itself
        known[id(node)] = 1 + sum(_size(child, known) for child in _children(node))
    return known[id(node)]


def _refuse_repeated_keys(node: yaml.Node, seen: set[int]) -> None:
    """Raise for a key that stands twice in a mapping: PyYAML would take the last silently."""
    if id(node) in seen:
        return
    seen.add(id(node))
    if isinstance(node, yaml.MappingNode):
        lines: dict[str, int] = {}
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                continue
            line = key.start_mark.line + 1
            if key.value in lines:
                raise yaml.YAMLError(
                    f'"{key.value}" stands in line {lines[key.value]} and in line {line}'
                )
            lines[key.value] = line
    for child in _children(node):
        _refuse_repeated_keys(child, seen)


def _children(node: yaml.Node) -> Iterable[yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        return [part for pair in node.value for part in pair]
    return node.value if isinstance(node, yaml.SequenceNode) else ()
