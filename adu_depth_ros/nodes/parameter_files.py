# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Finds parameter files that hold nothing for a node, which ROS takes in silence."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import yaml

VALUES = 'ros__parameters'


def unread_files(words: Sequence[str], nodes: Sequence[str]) -> Iterator[str]:
    """
    Yield a sentence for each file among ROS arguments that has parameters for none of the nodes.

    Parameters
    ----------
    words : sequence of str
        The command line: files follow ``--params-file``.
    nodes : sequence of str
        Full names of those of this process, as /front/mono_depth_node.

    """
    for option, file in pairwise(words):
        if option != '--params-file':
            continue
        names = list(_names(yaml.safe_load(Path(file).read_text(encoding='utf-8'))))
        if not any(_fits(name, node) for name in names for node in nodes):
            yield (
                f'{file} has parameters for {", ".join(names) or "no node"}, and none for '
                f'{", ".join(nodes)}; begin it with {nodes[0]}: or /**:'
            )


def _names(content: Any, above: str = '') -> Iterator[str]:
    """Yield the names of nodes in a file: keys may be nested, namespace in namespace."""
    if not isinstance(content, Mapping):
        return
    if VALUES in content:
        yield above
    for key, value in content.items():
        if key != VALUES:
            yield from _names(value, f'{above}/{str(key).strip("/")}')


def _fits(name: str, node: str) -> bool:
    """Tell whether a name with wildcards, * for one part and ** for any, means a node."""
    parts: Iterable[str] = name.strip('/').split('/')
    wild = {'*': '/[^/]+', '**': '(/[^/]+)*'}
    pattern = ''.join(wild.get(part, '/' + re.escape(part)) for part in parts)
    return re.fullmatch(pattern, node) is not None
