# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Stamps as the processes of the benchmark tell them to each other: nanoseconds of wall time."""

import json
from pathlib import Path
from typing import Any

from builtin_interfaces.msg import Time

from adu_depth_core.atomic_files import written_whole

NS = 1_000_000_000


def stamp_ns(stamp: Time) -> int:
    """Return a stamp in nanoseconds."""
    return int(stamp.sec) * NS + int(stamp.nanosec)


def stamp_of(wall_ns: int) -> Time:
    """Return the stamp of a wall time."""
    seconds, nanoseconds = divmod(wall_ns, NS)
    return Time(sec=seconds, nanosec=nanoseconds)


def write_log(path: Path, content: Any) -> None:
    """Write what a process saw, whole or not at all."""
    with written_whole(path) as part:
        part.write_text(json.dumps(content))
