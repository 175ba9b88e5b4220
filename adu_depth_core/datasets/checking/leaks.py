# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Whether what is trained on is also tested on."""

from collections.abc import Iterable

from adu_depth_core.samples.sample_names import drive_of


def shared_drives(drives: Iterable[str], tested: Iterable[str]) -> list[str]:
    """
    Return those of some drives that the names of tested samples speak of, sorted.

    Frames of one drive show the same street: a split goes between drives, never through one.
    """
    return sorted(set(drives) & {drive_of(name) for name in tested})
