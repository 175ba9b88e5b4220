# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Whether what is trained on is also tested on."""

from collections.abc import Iterable

from adu_depth_core.data.sample_names import drive_of


def shared_drives(train: Iterable[str], test: Iterable[str]) -> list[str]:
    """
    Return the drives that stand in both lists of sample names, sorted.

    Frames of one drive show the same street: a split goes between drives, never through one.
    """
    return sorted({drive_of(name) for name in train} & {drive_of(name) for name in test})
