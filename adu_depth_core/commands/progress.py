# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A bar of progress for commands that run where nothing but NumPy, OpenCV and YAML is there."""

from collections.abc import Iterable
from typing import TypeVar

Item = TypeVar('Item')


def with_progress(items: Iterable[Item], description: str, unit: str) -> Iterable[Item]:
    """Return the items, under a bar on stderr where tqdm is installed."""
    try:
        from tqdm import tqdm
    except ModuleNotFoundError:
        return items
    shown: Iterable[Item] = tqdm(items, desc=description, unit=unit)
    return shown
